from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from regulab.comparison.recommendation import recommend
from regulab.comparison.selection import Basis, select
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


def selected(summaries: list[VariantSummary], validation: dict[str, np.ndarray]) -> tuple[str | None, Basis]:
    """The name of the selected variant, and what it was selected for."""
    selection = select(summaries, validation)
    return None if selection.selected is None else selection.selected.variant, selection.basis


def test_the_clearly_lowest_validation_loss_is_selected() -> None:
    baseline, l2 = summary("baseline", 0.30), summary("l2", 0.25)
    selection = select([baseline, l2], losses(baseline=0.30, l2=0.25))
    assert (selection.basis, selection.selected, selection.lowest) == (Basis.LOWEST_LOSS, l2, l2)
    assert selection.difference == pytest.approx(-0.05)
    assert selection.optimism == pytest.approx(0, abs=1e-6)  # nothing else could have been chosen


def test_within_one_standard_error_the_simplest_wins() -> None:
    baseline, l2 = summary("baseline", 0.3001), summary("l2", 0.3)
    selection = select([baseline, l2], losses(baseline=0.3001, l2=0.3))
    assert (selection.basis, selection.selected, selection.lowest) == (Basis.WITHIN_STANDARD_ERROR, baseline, l2)


def test_the_baseline_is_simpler_than_a_variant_with_fewer_weights() -> None:
    lines = [summary("baseline", 0.3001, parameters=100), summary("small", 0.3, parameters=10)]
    assert selected(lines, losses(baseline=0.3001, small=0.3))[0] == "baseline"


def test_apart_from_the_baseline_the_fewest_weights_are_the_simplest() -> None:
    lines = [summary("baseline", 0.5), summary("big", 0.3, parameters=900), summary("small", 0.3001, parameters=10)]
    assert selected(lines, losses(baseline=0.5, big=0.3, small=0.3001))[0] == "small"


def test_of_equally_simple_ones_the_best_wins_in_whatever_order_they_were_asked_for() -> None:
    means = {"baseline": 0.5, "l2(0.1)": 0.3001, "l2(0.01)": 0.3, "bigger": 0.2999}
    validation = losses(**means)
    lines = [summary(name, mean, parameters=900 if name == "bigger" else 100) for name, mean in means.items()]
    selections = [select(order, validation) for order in permutations(lines)]
    assert {selection.selected.variant for selection in selections if selection.selected} == {"l2(0.01)"}
    # Not the simplest, since another one has as many weights.
    assert selections[0].shares_size
    assert len({selection.optimism for selection in selections}) == 1


def test_equal_variants_are_told_apart_by_name_in_whatever_order_they_were_asked_for() -> None:
    validation = losses(baseline=0.5, l1=0.3)
    validation["l2"] = validation["l1"]
    lines = [summary("baseline", 0.5), summary("l1", 0.3), summary("l2", 0.3)]
    assert {selected(list(order), validation)[0] for order in permutations(lines)} == {"l1"}


def test_a_lead_that_is_no_larger_than_its_optimism_is_no_reason_to_change_the_model() -> None:
    rng = np.random.default_rng(0)
    declined = 0
    for _ in range(20):
        validation = {name: 0.3 + 0.1 * rng.standard_normal((3, 40)) for name in ("baseline", *"abcdef")}
        lines = [summary(name, float(values.mean())) for name, values in validation.items()]
        selection = select(lines, validation)
        if selection.declined is not None:
            declined += 1
            assert lines[0].val_loss_best - selection.declined.val_loss_best <= selection.declined_optimism
            assert (selection.basis, selection.selected) == (Basis.LEAD_WITHIN_OPTIMISM, lines[0])
            assert selection.difference == 0.0
    assert declined


def test_a_variant_that_is_judged_better_is_not_passed_over_for_one_that_is_not() -> None:
    lines = [summary("baseline", 0.3001), summary("l2", 0.3), summary("l1", 0.2999)]
    validation = losses(baseline=0.3001, l2=0.3, l1=0.2999)
    assert selected(lines, validation)[0] == "baseline"
    for better, chosen in ((["l2"], "l2"), (["l1", "l2"], "l1")):
        selection = select(lines, validation, better=better)
        assert selection.selected is not None
        assert selection.selected.variant == chosen
    assert select(lines, validation, better=["l2"]).basis is Basis.JUDGED_BETTER


def test_a_variant_that_was_never_finite_is_not_selected() -> None:
    broken = losses(baseline=0.3, l2=NAN)
    assert selected([summary("baseline"), summary("l2", NAN, NAN, epoch=None)], broken)[0] == "baseline"
    lines = [summary("baseline", NAN, NAN, epoch=None), summary("l2")]
    assert selected(lines, losses(baseline=NAN, l2=0.3))[0] == "l2"


def test_where_nothing_was_finite_nothing_is_selected() -> None:
    selection = select([summary("baseline", NAN, NAN, epoch=None)], losses(baseline=NAN))
    assert (selection.basis, selection.selected, selection.lowest) == (Basis.NOTHING_FINITE, None, None)


def test_the_baseline_alone_is_selected() -> None:
    assert selected([summary("baseline")], losses(baseline=0.3))[0] == "baseline"


def test_a_variant_worse_than_the_baseline_is_not_selected_for_its_noise() -> None:
    """Its seeds disagree so much that it is within its own error of the best; it is the smallest, too."""
    examples = {name: mean + np.zeros((3, 1)) + EXAMPLES for name, mean in [("baseline", 0.33), ("l2", 0.30)]}
    examples["small"] = 0.40 + np.array([[-0.3], [0.0], [0.3]]) + EXAMPLES
    lines = [summary("baseline", 0.33), summary("l2", 0.30), summary("small", 0.40, parameters=10)]
    assert selected(lines, examples)[0] == "l2"


def test_where_there_is_nothing_to_choose_among_there_is_no_optimism() -> None:
    alone = select([summary("baseline")], losses(baseline=0.3))
    assert math.isnan(alone.optimism)
    assert math.isnan(alone.difference)
    without = select([summary("baseline", NAN, NAN, epoch=None), summary("l2")], losses(baseline=NAN, l2=0.3))
    assert math.isnan(without.optimism)


def test_one_seed_is_enough_to_choose_for_now() -> None:
    single = {name: values[:1] for name, values in losses(baseline=0.5, l2=0.3).items()}
    assert selected([summary("baseline", 0.5), summary("l2", 0.3)], single)[0] == "l2"


@pytest.mark.parametrize(("lead", "chosen"), [(0.0004, "l2"), (0.0002, "baseline")])
def test_a_lead_of_less_than_a_thousandth_of_the_loss_is_none_however_sure(lead: float, chosen: str) -> None:
    single = {"baseline": 0.3 + lead + EXAMPLES[None], "l2": 0.3 + EXAMPLES[None]}
    basis = Basis.LOWEST_LOSS if chosen == "l2" else Basis.NEGLIGIBLE_LEAD
    assert selected([summary("baseline", 0.3 + lead), summary("l2", 0.3)], single) == (chosen, basis)


def test_the_recommendation_publishes_the_selection_with_its_reason() -> None:
    lines, validation = [summary("baseline", 0.30), summary("l2", 0.25)], losses(baseline=0.30, l2=0.25)
    recommendation, selection = recommend(lines, validation), select(lines, validation)
    assert (recommendation.variant, recommendation.reason) == (
        "l2",
        "It has the lowest validation loss, 0.250, after epoch 3.",
    )
    assert (recommendation.difference, recommendation.optimism) == (selection.difference, selection.optimism)
    assert recommend([summary("baseline", NAN, NAN, epoch=None)], losses(baseline=NAN)).variant is None
