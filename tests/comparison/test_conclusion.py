from __future__ import annotations

import math
from dataclasses import replace

import pytest

from regulab.comparison.conclusion import BaselineState, Outcome, conclude
from regulab.comparison.paired import Comparison
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.checks.constant import ConstantLead
from regulab.diagnosis.seed_agreement import SeedDisagreement

NAN = math.nan
BASELINE = VariantSummary("baseline", 100, 2, 0.30, 0.60, 0.2, 0.05, 0.3, 20, overfitting=1.0)
L2 = replace(BASELINE, variant="l2")
FLAT = replace(BASELINE, val_loss_last=0.31, overfitting=0.0)


def comparison(low: float, high: float, *, variant: str = "l2", seeds: int = 3, p_value: float = 0.01) -> Comparison:
    return Comparison(variant, "baseline", (low + high) / 2, low, high, 0.01, seeds, 100, "test", p_value)


@pytest.mark.parametrize(
    ("baseline", "state"),
    [
        (BASELINE, BaselineState.OVERFITS),
        (FLAT, BaselineState.HARDLY_OVERFITS),
        (replace(FLAT, overfitting=0.5), BaselineState.SOMETIMES_OVERFITS),
        (replace(FLAT, overfitting=0.3, undecided=0.7), BaselineState.SOMETIMES_OVERFITS),
        (replace(FLAT, undecided=0.3), BaselineState.UNDECIDED),
        (replace(FLAT, underfitting=1.0), BaselineState.UNDERFITS),
        (replace(FLAT, best_epoch=0, epochs=3), BaselineState.TOO_SHORT),
        (replace(FLAT, best_epoch=19), BaselineState.STILL_IMPROVING),
        # Its best epoch may be the last one by chance.
        (replace(FLAT, best_epoch=19, memorizing=1.0), BaselineState.MEMORIZES),
        (replace(BASELINE, val_loss_last=NAN), BaselineState.DIVERGES),
        (replace(BASELINE, best_epoch=None, val_loss_best=NAN, val_loss_last=NAN), BaselineState.NEVER_FINITE),
        (replace(BASELINE, val_loss_best=NAN, val_loss_last=NAN), BaselineState.SOMETIMES_NEVER_FINITE),
    ],
)
def test_the_baseline_has_one_state(baseline: VariantSummary, state: BaselineState) -> None:
    assert conclude([baseline], [], "baseline").state is state


BROKEN = Comparison("l2", "baseline", NAN, NAN, NAN, NAN, 3, 9, "test")


@pytest.mark.parametrize(
    ("comparisons", "recommended", "outcome"),
    [
        ([comparison(-0.2, -0.1)], "l2", Outcome.SOME_BETTER),
        # A verdict counts and not the interval alone.
        ([comparison(-0.2, -0.1, p_value=0.2)], "l2", Outcome.NONE_BETTER),
        ([comparison(-0.2, 0.1)], "l2", Outcome.NONE_BETTER),
        ([comparison(-0.2, -0.1, seeds=1)], "l2", Outcome.ONE_SEED),
        ([BROKEN], "baseline", Outcome.NOT_FINITE),
        ([BROKEN, comparison(-0.1, 0.1)], "baseline", Outcome.NONE_BETTER),
        ([], "baseline", Outcome.NOTHING_COMPARED),
        ([BROKEN], None, Outcome.NOTHING_USABLE),
    ],
)
def test_the_comparisons_have_one_outcome(
    comparisons: list[Comparison], recommended: str | None, outcome: Outcome
) -> None:
    assert conclude([BASELINE, L2], comparisons, recommended).outcome is outcome


def test_better_variants_are_named_from_the_best_on_with_its_lead() -> None:
    better = [comparison(-0.2, -0.1, variant="l1"), comparison(-0.3, -0.2), comparison(-0.1, 0.1, variant="dropout")]
    conclusion = conclude([BASELINE, L2], better, "l2", validation_is_test=True)
    assert (conclusion.better, conclusion.lead) == (("l2", "l1"), 0.25)
    assert (conclusion.split, conclusion.validation_is_test) == ("test", True)


def test_a_variant_is_robust_that_saves_a_tenth_of_the_best_loss_where_the_baseline_overfits() -> None:
    robust = replace(L2, val_loss_last=0.35)
    assert conclude([BASELINE, robust], [], "l2").robust == robust
    assert conclude([BASELINE, replace(L2, val_loss_last=0.58)], [], "l2").robust is None
    assert conclude([BASELINE, replace(L2, val_loss_last=NAN)], [], "l2").robust is None
    assert conclude([replace(BASELINE, overfitting=0.0), robust], [], "l2").robust is None


def test_robustness_is_most_of_what_variants_bring_where_it_is_twice_the_lead() -> None:
    robust = replace(L2, val_loss_last=0.4)
    assert conclude([BASELINE, robust], [comparison(-0.02, -0.01)], "l2").mostly_robustness
    assert not conclude([BASELINE, robust], [comparison(-0.25, -0.15)], "l2").mostly_robustness


def test_the_recommended_variant_is_stopped_after_its_best_epoch_unless_that_is_the_last() -> None:
    assert conclude([BASELINE, L2], [], "l2").stop_after == 3
    assert conclude([BASELINE, replace(L2, best_epoch=19)], [], "l2").stop_after is None
    assert conclude([BASELINE], [], None).stop_after is None


def test_the_choice_waits_where_every_variant_is_still_improving() -> None:
    improving = replace(FLAT, best_epoch=19)
    waits = conclude([improving, replace(improving, variant="l2")], [], "l2")
    assert (waits.provisional, waits.all_improving) == (True, True)
    one = conclude([improving, L2], [], "l2")
    assert (one.provisional, one.all_improving) == (True, False)
    assert not conclude([BASELINE, L2], [], "l2").provisional


def test_a_variant_whose_seeds_disagree_is_never_robust() -> None:
    robust, other = replace(L2, val_loss_last=0.35), replace(L2, variant="l1", val_loss_last=0.4)
    doubt = SeedDisagreement("l2", {0: 0.5, 1: 0.3}, stuck=(0,))
    conclusion = conclude([BASELINE, robust, other], [], "l1", disagreeing=[doubt])
    assert (conclusion.robust, conclusion.disagreeing) == (other, (doubt,))


def test_worse_variants_are_named_from_the_worst_on() -> None:
    worse = [comparison(0.1, 0.2, variant="l1"), comparison(0.2, 0.3), comparison(-0.1, 0.1, variant="dropout")]
    assert conclude([BASELINE, L2], worse, "baseline").worse == ("l2", "l1")


def test_the_constant_is_part_of_the_conclusion_where_no_variant_is_better() -> None:
    unbeaten = ConstantLead("l2", 0.716, 0.693)
    assert conclude([BASELINE], [], "baseline", constant=unbeaten).constant == unbeaten
    for loss in (0.6, 0.692):
        assert conclude([BASELINE], [], "baseline", constant=ConstantLead("l2", loss, 0.693)).constant is None
