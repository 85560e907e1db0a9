from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.comparison.recommendation import recommend
from regulab.comparison.summary import VariantSummary

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


def test_the_clearly_lowest_validation_loss_is_recommended() -> None:
    found = recommend([summary("baseline", 0.30), summary("l2", 0.25)], losses(baseline=0.30, l2=0.25))
    assert (found.variant, found.reason) == ("l2", "It has the lowest validation loss, 0.250, after epoch 3.")
    assert found.difference == pytest.approx(-0.05)
    assert found.optimism == pytest.approx(0, abs=1e-6)  # nothing else could have been chosen


def test_within_one_standard_error_the_simplest_wins() -> None:
    found = recommend([summary("baseline", 0.3001), summary("l2", 0.3)], losses(baseline=0.3001, l2=0.3))
    assert found.variant == "baseline"
    assert found.reason == (
        "It is the simplest within one standard error of the lowest validation loss "
        "(0.3001 after epoch 3; l2 reaches 0.3000)."
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


def test_where_nothing_was_finite_nothing_is_recommended() -> None:
    found = recommend([summary("baseline", NAN, NAN, epoch=None)], losses(baseline=NAN))
    assert found.variant is None
    assert "No variant has a finite validation loss" in found.reason


def test_the_baseline_alone_is_recommended() -> None:
    assert recommend([summary("baseline")], losses(baseline=0.3)).variant == "baseline"


def test_a_variant_worse_than_the_baseline_is_not_recommended_for_its_noise() -> None:
    """Its seeds disagree so much that it is within its own error of the best; it is the smallest, too."""
    examples = {name: mean + np.zeros((3, 1)) + EXAMPLES for name, mean in [("baseline", 0.33), ("l2", 0.30)]}
    examples["small"] = 0.40 + np.array([[-0.3], [0.0], [0.3]]) + EXAMPLES
    lines = [summary("baseline", 0.33), summary("l2", 0.30), summary("small", 0.40, parameters=10)]
    assert recommend(lines, examples).variant == "l2"


def test_where_there_is_nothing_to_choose_among_there_is_no_optimism() -> None:
    alone = recommend([summary("baseline")], losses(baseline=0.3))
    assert math.isnan(alone.optimism)
    assert math.isnan(alone.difference)
    without = recommend([summary("baseline", NAN, NAN, epoch=None), summary("l2")], losses(baseline=NAN, l2=0.3))
    assert math.isnan(without.optimism)


def test_one_seed_is_enough_to_choose_for_now() -> None:
    single = {name: values[:1] for name, values in losses(baseline=0.5, l2=0.3).items()}
    assert recommend([summary("baseline", 0.5), summary("l2", 0.3)], single).variant == "l2"


@pytest.mark.parametrize(("lead", "chosen"), [(0.0004, "l2"), (0.0002, "baseline")])
def test_a_lead_of_less_than_a_thousandth_of_the_loss_is_none_however_sure(lead: float, chosen: str) -> None:
    single = {"baseline": 0.3 + lead + EXAMPLES[None], "l2": 0.3 + EXAMPLES[None]}
    found = recommend([summary("baseline", 0.3 + lead), summary("l2", 0.3)], single)
    assert found.variant == chosen
    if chosen == "baseline":
        assert found.reason == (
            "It is the simplest, and the lowest validation loss is less than 0.1% lower "
            "(0.3002 after epoch 3; l2 reaches 0.3000)."
        )


def test_the_reason_tells_where_the_best_epoch_is_the_last() -> None:
    found = recommend([summary("baseline", epoch=19)], losses(baseline=0.3))
    assert found.reason == "It has the lowest validation loss, 0.300, after epoch 20, the last."
