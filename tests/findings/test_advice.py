from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from regulab.findings.advice import Recommendation, conclude, recommend
from regulab.findings.comparison import Comparison
from regulab.findings.summary import VariantSummary

NAN = math.nan
#: Differences between examples, small beside those between the variants below.
EXAMPLES = np.linspace(-0.02, 0.02, 9)


def summary(
    variant: str,
    best: float = 0.30,
    last: float = 0.60,
    *,
    parameters: int = 100,
    epoch: int | None = 2,
    train_last: float = 0.05,
) -> VariantSummary:
    return VariantSummary(variant, parameters, epoch, best, last, 0.2, train_last, 0.3, 20)


def losses(**means: float) -> dict[str, np.ndarray]:
    """Three seeds that disagree by 0.001 on how much a variant differs."""
    return {
        name: mean + 0.001 * np.array([[-1], [0], [1]]) * number + EXAMPLES * (1 + number / 100)
        for number, (name, mean) in enumerate(means.items())
    }


def comparison(variant: str, low: float, high: float, *, seeds: int = 3) -> Comparison:
    return Comparison(variant, "baseline", (low + high) / 2, low, high, 0.01, seeds, 100, "test")


def test_the_clearly_lowest_validation_loss_is_recommended() -> None:
    found = recommend([summary("baseline", 0.30), summary("l2", 0.25)], losses(baseline=0.30, l2=0.25))
    assert found == Recommendation("l2", "It has the lowest validation loss, 0.250, after epoch 3.")


def test_within_one_standard_error_the_simplest_wins() -> None:
    found = recommend([summary("baseline", 0.3001), summary("l2", 0.3)], losses(baseline=0.3001, l2=0.3))
    assert found.variant == "baseline"
    assert found.reason == (
        "It is the simplest within one standard error of the lowest validation loss "
        "(0.300 after epoch 3; l2 reaches 0.300)."
    )


def test_the_baseline_is_simpler_than_a_variant_with_fewer_weights() -> None:
    lines = [summary("baseline", 0.3001, parameters=100), summary("small", 0.3, parameters=10)]
    assert recommend(lines, losses(baseline=0.3001, small=0.3)).variant == "baseline"


def test_beside_the_baseline_the_fewest_weights_are_the_simplest() -> None:
    lines = [summary("baseline", 0.5), summary("big", 0.3, parameters=900), summary("small", 0.3001, parameters=10)]
    assert recommend(lines, losses(baseline=0.5, big=0.3, small=0.3001)).variant == "small"


def test_of_equally_simple_ones_the_first_asked_for_wins() -> None:
    lines = [summary("baseline", 0.5), summary("l2", 0.3001), summary("l1", 0.3)]
    assert recommend(lines, losses(baseline=0.5, l2=0.3001, l1=0.3)).variant == "l2"


def test_a_variant_that_was_never_finite_is_not_recommended() -> None:
    broken = losses(baseline=0.3, l2=NAN)
    assert recommend([summary("baseline"), summary("l2", NAN, NAN, epoch=None)], broken).variant == "baseline"
    lines = [summary("baseline", NAN, NAN, epoch=None), summary("l2")]
    assert recommend(lines, losses(baseline=NAN, l2=0.3)).variant == "l2"


def test_where_nothing_was_finite_the_reason_says_so() -> None:
    found = recommend([summary("baseline", NAN, NAN, epoch=None)], losses(baseline=NAN))
    assert found.variant == "baseline"
    assert "No variant ever had a finite validation loss" in found.reason


def test_the_baseline_alone_is_recommended() -> None:
    assert recommend([summary("baseline")], losses(baseline=0.3)).variant == "baseline"


@pytest.mark.parametrize(
    ("baseline", "sentence"),
    [
        (
            summary("baseline"),
            "The baseline overfits: validation loss 0.300 after epoch 3, 0.600 by epoch 20, "
            "while its training loss goes on falling to 0.050.",
        ),
        (
            summary("baseline", last=0.31),
            "The baseline hardly overfits in 20 epochs: validation loss 0.300 after epoch 3, 0.310 at the end.",
        ),
        (
            summary("baseline", epoch=19, last=0.3),
            "The baseline is still improving at the end (validation loss 0.300 after epoch 20): "
            "train it for longer before judging it.",
        ),
        (
            summary("baseline", last=NAN),
            "The baseline is at its best early (validation loss 0.300 after epoch 3) and then diverges: "
            "lower the learning rate.",
        ),
        (
            summary("baseline", NAN, NAN, epoch=None),
            "The baseline's validation loss was never a finite number: check the data and lower the learning rate.",
        ),
        (
            summary("baseline", NAN, NAN, epoch=3),
            "With some seeds the baseline's validation loss was never a finite number: lower the learning rate.",
        ),
    ],
)
def test_the_first_sentence_tells_how_the_baseline_fares(baseline: VariantSummary, sentence: str) -> None:
    first, _ = conclude([baseline], [], Recommendation("baseline", ""))
    assert first == sentence


def test_both_losses_rising_is_not_called_overfitting() -> None:
    first, _ = conclude([summary("baseline", train_last=0.9)], [], Recommendation("baseline", ""))
    assert "overfits:" not in first


def second(*comparisons: Comparison, lasts: dict[str, float] | None = None, recommended: str = "l2") -> str:
    lines = [summary("baseline")]
    lines += [replace(summary(one.variant), val_loss_last=(lasts or {}).get(one.variant, 0.7)) for one in comparisons]
    return conclude(lines, comparisons, Recommendation(recommended, ""))[1]


def test_the_second_sentence_names_what_beats_the_baseline() -> None:
    better = [comparison(name, -0.2, -0.1) for name in ("l1", "l2", "dropout")]
    assert second(better[0]) == ("Each at its own best epoch, l1 beats the baseline on test data. Recommended: l2.")
    assert "l1, l2 and dropout beat the baseline on test data." in second(*better)


def test_no_detectable_difference_is_an_answer() -> None:
    found = second(comparison("l2", -0.2, 0.1), comparison("bigger", 0.1, 0.2), recommended="baseline")
    assert found == (
        "Each at its own best epoch, no variant is detectably better than the baseline on test data. "
        "Recommended: baseline."
    )


def test_what_forgives_training_too_long_is_named_even_if_it_is_no_better() -> None:
    found = second(comparison("l2", -0.1, 0.1), comparison("l1", -0.1, 0.1), lasts={"l2": 0.35, "l1": NAN})
    assert "l2 forgives training too long the most: 0.350 at the end, against 0.600." in found


def test_one_seed_gets_a_provisional_answer() -> None:
    assert second(comparison("l2", -0.2, -0.1, seeds=1)) == (
        "One seed cannot tell whether a variant is better; run at least three. For now: l2."
    )


def test_without_variants_there_is_nothing_to_compare() -> None:
    assert second(recommended="baseline") == "Nothing was compared with it. Recommended: baseline."


def test_a_variant_that_diverged_beats_nothing() -> None:
    assert "no variant is detectably better" in second(Comparison("l2", "baseline", NAN, NAN, NAN, NAN, 3, 9, "test"))
