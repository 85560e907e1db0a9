from __future__ import annotations

import math
from dataclasses import replace

import pytest

from regulab.comparison.across_runs import Obstacle, ObstacleKind, OtherLabel, SeedsLeftOut
from regulab.comparison.conclusion import conclude
from regulab.comparison.paired import Comparison
from regulab.comparison.selection import Basis, Selection
from regulab.comparison.summary import VariantSummary
from regulab.comparison.wording import (
    conclusion_sentences,
    obstacle_reason,
    optimism_note,
    remark_sentence,
    selection_reason,
)
from regulab.diagnosis.checks.constant import ConstantLead
from regulab.diagnosis.seed_agreement import SeedDisagreement

NAN = math.nan


def summary(
    variant: str,
    best: float = 0.30,
    last: float = 0.60,
    *,
    epoch: int | None = 2,
    overfitting: float = 1.0,
) -> VariantSummary:
    return VariantSummary(variant, 100, epoch, best, last, 0.2, 0.05, 0.3, 20, overfitting)


def comparison(variant: str, low: float, high: float, *, seeds: int = 3, p_value: float = 0.01) -> Comparison:
    middle = (low + high) / 2
    return Comparison(variant, "baseline", middle, low, high, 0.01, seeds, 100, "test", p_value)


@pytest.mark.parametrize(
    ("baseline", "sentence"),
    [
        (
            summary("baseline"),
            "The baseline overfits: validation loss 0.300 after epoch 3, 0.600 by epoch 20, "
            "while its training loss goes on falling to 0.050.",
        ),
        (
            summary("baseline", last=0.31, overfitting=0.0),
            "The baseline hardly overfits in 20 epochs: validation loss 0.300 after epoch 3, 0.310 at the end.",
        ),
        (
            replace(summary("baseline", last=0.35, overfitting=1 / 3), seeds=3),
            "The baseline overfits in 1 of 3 seeds: on average, validation loss 0.300 after epoch 3, 0.350 at the end.",
        ),
        (
            replace(summary("baseline", last=0.35, overfitting=1 / 3), seeds=3, undecided=2 / 3, doubt="too noisy"),
            "The baseline overfits in 1 of 3 seeds, and in 2 of 3 seeds it cannot be told (too noisy): on average, "
            "validation loss 0.300 after epoch 3, 0.350 at the end.",
        ),
        (
            replace(summary("baseline", last=0.35, overfitting=0.0), seeds=3, undecided=1 / 3, doubt="too noisy"),
            "Whether the baseline overfits cannot be told in 1 of 3 seeds (too noisy): validation loss 0.300 after "
            "epoch 3, 0.350 at the end.",
        ),
        (
            replace(summary("baseline", last=0.35, overfitting=0.0), underfitting=1.0),
            "The baseline learns too little to overfit: neither loss falls (validation loss 0.300 after epoch 3, 0.350 "
            "at the end).",
        ),
        # As the finding TOO-SHORT has it, which stands below it.
        (
            replace(summary("baseline", epoch=0, last=0.7, overfitting=0.0), epochs=3),
            "Whether the baseline overfits cannot be told after 3 epochs (validation loss 0.300 after epoch 1, 0.700 "
            "at the end): train it for longer.",
        ),
        (
            summary("baseline", epoch=19, last=0.3, overfitting=0.0),
            "The baseline is still improving at the end (validation loss 0.300 after epoch 20): "
            "train it for longer before judging it.",
        ),
        (
            replace(summary("baseline", epoch=19, last=0.3, overfitting=0.0), memorizing=1.0),
            "The baseline memorizes its training examples: validation loss 0.300 after epoch 20 and hardly "
            "better than at first, while its training loss falls to 0.050.",
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
    first, _ = conclusion_sentences(conclude([baseline], [], "baseline"))
    assert first == sentence


def test_the_baseline_overfits_where_most_of_its_seeds_do() -> None:
    for share, overfits in ((0.5, False), (2 / 3, True)):
        baseline = replace(summary("baseline", overfitting=share), seeds=6)
        first, _ = conclusion_sentences(conclude([baseline], [], "baseline"))
        assert first.startswith("The baseline overfits:") == overfits


def second(
    *comparisons: Comparison,
    lasts: dict[str, float] | None = None,
    recommended: str = "l2",
    baseline: VariantSummary | None = None,
    validation_is_test: bool = False,
) -> str:
    lines = [baseline or summary("baseline")]
    lines += [
        replace(summary(comparison.variant), val_loss_last=(lasts or {}).get(comparison.variant, 0.7))
        for comparison in comparisons
    ]
    conclusion = conclude(lines, comparisons, recommended, validation_is_test=validation_is_test)
    return conclusion_sentences(conclusion)[1]


def test_the_second_sentence_names_what_beats_the_baseline() -> None:
    better = [comparison("l1", -0.2, -0.1), comparison("l2", -0.3, -0.2), comparison("dropout", -0.2, -0.02)]
    assert second(better[0]) == (
        "With each stopped at its own best epoch, l1 beats it by 0.150 on test data; recommended: l2."
    )
    assert "l2, l1 and dropout beat it by up to 0.250 on test data" in second(*better)


def test_a_verdict_counts_and_not_the_interval_alone() -> None:
    assert "no variant is detectably better" in second(comparison("l2", -0.2, -0.1, p_value=0.2))


def test_no_detectable_difference_is_an_answer() -> None:
    sentence = second(comparison("l2", -0.2, 0.1), comparison("bigger", 0.1, 0.2), recommended="baseline")
    assert sentence == (
        "With each stopped at its own best epoch, no variant is detectably better than it on test data; "
        "recommended: the baseline, stopped after epoch 3. Worse than the baseline on test data: bigger."
    )


def test_robustness_is_what_variants_bring_where_none_is_better_but_some_end_lower() -> None:
    sentence = second(comparison("l2", -0.1, 0.1), comparison("l1", -0.1, 0.1), lasts={"l2": 0.35, "l1": NAN})
    assert sentence == (
        "With each stopped at its own best epoch, no variant is detectably better than it on test data, so what the "
        "variants bring is robustness to training too long: l2 ends at a validation loss of 0.350 after epoch 20, "
        "the baseline at 0.600; recommended: l2, stopped after epoch 3."
    )


def test_robustness_is_mostly_what_they_bring_where_it_is_more_than_the_lead() -> None:
    small, large = comparison("l2", -0.02, -0.01), comparison("l2", -0.25, -0.15)
    assert "beats it by 0.015 on test data, but mostly the variants bring robustness" in second(
        small, lasts={"l2": 0.4}
    )
    assert "and trained too long l2 ends at" in second(large, lasts={"l2": 0.4})


def test_robustness_is_not_spoken_of_where_the_baseline_hardly_overfits_or_little_is_saved() -> None:
    fine = summary("baseline", last=0.6, overfitting=0.0)
    for sentence in (
        second(comparison("l2", -0.1, 0.1), lasts={"l2": 0.35}, baseline=fine),
        second(comparison("l2", -0.1, 0.1), lasts={"l2": 0.58}),
    ):
        assert "too long" not in sentence
        assert "no variant is detectably better" in sentence


def test_where_epochs_were_chosen_on_the_test_data_the_sentence_says_so() -> None:
    sentence = second(comparison("l2", -0.2, -0.1), validation_is_test=True)
    assert "by 0.150 on test data, on which the epochs were also chosen;" in sentence


def test_one_seed_gets_a_provisional_answer() -> None:
    assert second(comparison("l2", -0.2, -0.1, seeds=1)) == (
        "One seed cannot tell whether a variant is better, so run at least three; for now, take l2."
    )


def test_without_variants_there_is_nothing_to_compare() -> None:
    assert second(recommended="baseline") == (
        "Nothing was compared with it; recommended: the baseline, stopped after epoch 3."
    )


def test_a_variant_that_diverged_beats_nothing() -> None:
    broken = Comparison("l2", "baseline", NAN, NAN, NAN, NAN, 3, 9, "test")
    assert "No variant could be compared with it" in second(broken)
    assert "no variant is detectably better" in second(broken, comparison("l1", -0.1, 0.1))


def test_a_tiny_lead_is_not_rounded_to_nothing() -> None:
    assert "beats it by 0.0002 on test data" in second(comparison("l2", -0.0003, -0.0001))


UNFINISHED = summary("baseline", epoch=19, last=0.3, overfitting=0.0)


def unfinished(*comparisons: Comparison, epoch: int = 19) -> str:
    """The second sentence where the baseline is still improving; variants are at their best at `epoch`."""
    lines = [UNFINISHED, *(replace(summary(comparison.variant), best_epoch=epoch) for comparison in comparisons)]
    return conclusion_sentences(conclude(lines, comparisons, "l2"))[1]


def test_where_all_are_still_improving_the_choice_waits() -> None:
    assert unfinished(comparison("l2", -0.2, -0.1)) == (
        "So far, l2 beats it by 0.150 on test data; train all for longer before choosing, and for now take l2."
    )
    assert unfinished(comparison("l2", -0.2, 0.1)) == (
        "So far, no variant is detectably better than it on test data; train all for longer before choosing, "
        "and for now take l2."
    )
    assert unfinished(comparison("l2", -0.2, -0.1, seeds=1)) == (
        "One seed cannot tell whether a variant is better, so run at least three, and for longer; for now, take l2."
    )


def test_where_only_the_baseline_is_still_improving_the_recommendation_is_for_now() -> None:
    assert unfinished(comparison("l2", -0.2, -0.1), epoch=4) == (
        "So far, l2 beats it by 0.150 on test data; recommended so far: l2, stopped after epoch 5."
    )


def test_where_nothing_is_recommended_the_sentence_says_so() -> None:
    broken = Comparison("l2", "baseline", NAN, NAN, NAN, NAN, 1, 9, "test")
    lost = [summary(name, NAN, NAN, epoch=None) for name in ("baseline", "l2")]
    assert conclusion_sentences(conclude(lost, [broken], None))[1] == (
        "No variant has a finite validation loss with every seed, so none is recommended."
    )


LOW, SIMPLE = summary("l2", 0.3000), summary("baseline", 0.3002)


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        (Selection(Basis.LOWEST_LOSS, LOW, LOW), "It has the lowest validation loss, 0.300, after epoch 3."),
        (
            Selection(Basis.LOWEST_LOSS, replace(LOW, best_epoch=19), LOW),
            "It has the lowest validation loss, 0.300, after epoch 20, the last.",
        ),
        (
            Selection(Basis.WITHIN_STANDARD_ERROR, SIMPLE, LOW),
            "It is the simplest within one standard error of the lowest validation loss "
            "(0.3002 after epoch 3; l2 reaches 0.3000).",
        ),
        (
            Selection(Basis.NEGLIGIBLE_LEAD, SIMPLE, LOW),
            "It is the simplest, and the lowest validation loss is less than 0.1% lower "
            "(0.3002 after epoch 3; l2 reaches 0.3000).",
        ),
        (
            Selection(Basis.WITHIN_STANDARD_ERROR, SIMPLE, LOW, shares_size=True),
            "It is the best of the simplest within one standard error of the lowest validation loss "
            "(0.3002 after epoch 3; l2 reaches 0.3000).",
        ),
        (
            Selection(Basis.JUDGED_BETTER, replace(SIMPLE, variant="l1"), LOW),
            "It is judged better than the baseline, unlike l2, which has the lowest loss "
            "(0.3002 after epoch 3; l2 reaches 0.3000).",
        ),
        (
            Selection(
                Basis.LEAD_WITHIN_OPTIMISM,
                replace(SIMPLE, val_loss_best=0.31),
                LOW,
                declined=LOW,
                declined_optimism=0.012,
            ),
            "The lead of l2 on validation data, 0.010, is no larger than choosing it exaggerates it on average (about "
            "0.012), so it is no reason to change the model.",
        ),
        (
            Selection(Basis.NOTHING_FINITE),
            "No variant has a finite validation loss with every seed; check the data and the learning rate.",
        ),
    ],
)
def test_the_reason_says_what_a_variant_was_selected_for(selection: Selection, sentence: str) -> None:
    assert selection_reason(selection) == sentence


def test_the_optimism_of_a_choice_is_stated_where_there_was_one() -> None:
    assert optimism_note("l2", -0.02, 0.0123, variants=3, places=3) == (
        "On validation data l2 leads by 0.020; choosing from 3 on the same data exaggerates a lead over the baseline "
        "by about 0.012 on average."
    )
    assert optimism_note("baseline", 0.0, 0.0, variants=3, places=3) == (
        "The baseline is chosen, so no lead is claimed. Choosing the best of 3 on validation data would exaggerate "
        "its lead by less than 0.001 on average."
    )
    assert optimism_note("l2", 0.001, 0.0, variants=3, places=3) == (
        "On validation data l2 does not lead, so no lead is exaggerated by choosing it."
    )
    assert optimism_note("baseline", NAN, NAN, variants=1, places=3) is None


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        (ObstacleKind.NO_FINGERPRINT, ("", ""), "b has no fingerprint of its data (they were streamed, or an early"),
        (ObstacleKind.OTHER_DATA, ("imdb", "digits"), "its data are not those of a: imdb against digits"),
        (ObstacleKind.OTHER_EXAMPLES, ("", ""), "its data are not those of a: other examples under the same name"),
        (ObstacleKind.OTHER_LOSS, ("mae", "mse"), "its loss is mae, that of a is mse"),
        (
            ObstacleKind.OTHER_SPLIT,
            ("validation", "test"),
            "its losses are of validation data, those of a",
        ),
        (ObstacleKind.NO_COMMON_VARIANT, ("", ""), "it has no variant in common with a"),
        (ObstacleKind.NO_COMMON_SEED, ("", ""), "it has no seed in common with a"),
        (ObstacleKind.OTHER_NUMBER_OF_EXAMPLES, ("", ""), "it has losses of a different number of examples than a"),
    ],
)
def test_each_obstacle_to_a_comparison_of_runs_is_explained(
    kind: ObstacleKind, values: tuple[str, str], reason: str
) -> None:
    assert obstacle_reason(Obstacle(kind, "b", "a", values)).startswith(reason)


def test_what_to_mind_about_runs_is_a_sentence_each() -> None:
    assert (
        remark_sentence(OtherLabel("l2", "b", "l2(0.1)", "a", "l2(0.001)")) == "l2 is l2(0.1) in b and l2(0.001) in a."
    )
    assert remark_sentence(SeedsLeftOut("b", "a")) == "Of b and a only the seeds that both have are compared."


def test_the_conclusion_names_what_is_worse_and_whose_seeds_disagree() -> None:
    doubts = [
        SeedDisagreement("baseline", {0: 0.30, 1: 0.50}, stuck=(1,)),
        SeedDisagreement("smaller", {0: 0.490, 1: 0.491, 2: 0.308}, stuck=(0, 1)),
    ]
    conclusion = conclude(
        [summary("baseline"), summary("smaller")], [comparison("smaller", 0.1, 0.2)], "baseline", disagreeing=doubts
    )
    assert conclusion_sentences(conclusion)[1].endswith(
        ". Worse than the baseline on test data: smaller. baseline: the seeds disagree (0.300, 0.500), and 1 of 2 "
        "trainings is stuck; it reaches 0.300 where training succeeds, and every comparison with its mean is in doubt. "
        "smaller: the seeds disagree (0.490, 0.491, 0.308), and 2 of 3 trainings are stuck; "
        "smaller itself reaches 0.308."
    )


def test_a_constant_that_no_model_beats_is_said_first_and_nothing_is_recommended() -> None:
    variants = [summary("baseline", best=0.72), summary("l2", best=0.716)]
    conclusion = conclude(variants, [comparison("l2", -0.2, -0.1)], "l2", constant=ConstantLead("l2", 0.716, 0.693))
    first, second_sentence = conclusion_sentences(conclusion)
    assert first.startswith(
        "No model beats a constant prediction, whose validation loss is 0.693: the lowest is 0.716 (l2). The baseline "
    )
    assert second_sentence == (
        "No variant is recommended before one beats the constant: check the data and the learning rate."
    )
