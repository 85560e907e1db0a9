from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array

from regulab.comparison.paired import Comparison, Verdict, compare
from regulab.errors import InputError

#: Three seeds, four examples.
BASELINE = np.array([[0.50, 0.30, 0.40, 0.20], [0.52, 0.31, 0.41, 0.22], [0.49, 0.29, 0.40, 0.21]])
NOISE = np.array([[1, -1, 2, 0], [-1, 1, 1, -2], [-1, 0, -1, 1]]) / 100


def against(values: np.ndarray, baseline: np.ndarray = BASELINE) -> Comparison:
    (comparison,) = compare({"baseline": baseline, "variant": values})
    return comparison


def verdict(difference: float, low: float, high: float, *, seeds: int = 3, p_value: float = 0.05) -> str:
    return Comparison("l2", "baseline", difference, low, high, 0.1, seeds, 10, "test", p_value).verdict


def test_a_verdict_needs_an_interval_without_zero_and_a_small_p_value() -> None:
    assert verdict(-0.2, -0.3, -0.1) == Verdict.BETTER == "better"
    assert verdict(0.2, 0.1, 0.3) == Verdict.WORSE == "worse"
    assert verdict(-0.2, -0.5, 0.1) == Verdict.NO_DIFFERENCE == "no detectable difference"
    assert verdict(-0.2, -0.4, 0.0) == Verdict.NO_DIFFERENCE
    assert verdict(-0.2, -0.3, -0.1, p_value=0.051) == Verdict.NO_DIFFERENCE
    assert verdict(-0.2, -0.3, -0.1, p_value=math.nan) == Verdict.NO_DIFFERENCE
    assert verdict(-0.2, -0.3, -0.1, seeds=1) == Verdict.ONE_SEED == "one seed cannot tell"
    assert verdict(math.nan, math.nan, math.nan) == Verdict.NOT_FINITE == "loss not finite"


def test_no_difference_at_all_is_no_detectable_difference() -> None:
    comparison = against(BASELINE.copy())
    assert (comparison.difference, comparison.low, comparison.high, comparison.standard_error) == (0, 0, 0, 0)
    assert comparison.verdict == Verdict.NO_DIFFERENCE


def test_an_obvious_difference_is_detected_with_its_sign() -> None:
    lower, higher = against(BASELINE - 0.1 + NOISE), against(BASELINE + 0.1 + NOISE)
    assert (lower.verdict, higher.verdict) == (Verdict.BETTER, Verdict.WORSE)
    assert lower.difference == pytest.approx(-0.1)
    assert lower.low < -0.1 < lower.high < 0


def test_a_difference_below_the_noise_is_not_detected() -> None:
    effect = np.array([[0.05], [-0.06], [0.02]])
    assert against(BASELINE + effect).verdict == Verdict.NO_DIFFERENCE


def test_seeds_that_disagree_and_examples_that_disagree_both_widen_the_interval() -> None:
    seeds = against(BASELINE + np.array([[0.1], [0.2], [0.3]]))
    # Variance of the seeds' means 0.01 over 3 seeds, 2 degrees of freedom: t = 4.303.
    assert seeds.standard_error == pytest.approx(math.sqrt(0.01 / 3))
    assert seeds.high - seeds.difference == pytest.approx(4.3027 * math.sqrt(0.01 / 3), rel=1e-4)
    examples = against(BASELINE + np.array([0.0, 0.1, 0.2, 0.3]))
    assert examples.standard_error == pytest.approx(math.sqrt(0.05 / 3 / 4))
    assert examples.high - examples.difference == pytest.approx(3.1824 * examples.standard_error, rel=1e-4)


def test_one_seed_cannot_tell_and_has_no_interval() -> None:
    comparison = against(BASELINE[:1] - 0.1 + NOISE[:1], BASELINE[:1])
    assert (comparison.seeds, comparison.examples, comparison.verdict) == (1, 4, Verdict.ONE_SEED)
    assert comparison.difference == pytest.approx(-0.1, abs=0.01)
    assert all(map(math.isnan, (comparison.low, comparison.high, comparison.standard_error)))


def test_one_example_or_a_single_number_is_compared_too() -> None:
    assert against(BASELINE[:, :1] - 0.1 + NOISE[:, :1], BASELINE[:, :1]).verdict == Verdict.BETTER
    single = against(np.array([[0.4]]), np.array([[0.5]]))
    assert single.difference == pytest.approx(-0.1)
    assert single.verdict == Verdict.ONE_SEED


def test_tiny_losses_keep_their_interval() -> None:
    # The square of their variance is 0 in floating point.
    usual, tiny = against(BASELINE + NOISE), against((BASELINE + NOISE) * 1e-100, BASELINE * 1e-100)
    assert usual.low < 0 < usual.high
    assert tiny.low == pytest.approx(usual.low * 1e-100, rel=1e-9, abs=0)
    assert tiny.high == pytest.approx(usual.high * 1e-100, rel=1e-9, abs=0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_no_missing_difference(value: float) -> None:
    broken = BASELINE.copy()
    broken[1, 2] = value
    for comparison in (against(broken), against(BASELINE, broken), against(broken, broken)):
        assert comparison.verdict == Verdict.NOT_FINITE
        assert math.isnan(comparison.difference)


def test_every_variant_is_compared_with_the_control_in_their_order() -> None:
    losses = {"l2": BASELINE, "baseline": BASELINE, "dropout": BASELINE.astype(np.float32)}
    comparisons = compare(losses, control="l2", split="validation")
    assert [(comparison.variant, comparison.control, comparison.split) for comparison in comparisons] == [
        ("baseline", "l2", "validation"),
        ("dropout", "l2", "validation"),
    ]
    assert compare({"baseline": BASELINE}) == ()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match=r"No variant 'baseline' to compare with\. Available: l1, l2\."):
        compare({"l1": BASELINE, "l2": BASELINE})
    with pytest.raises(InputError, match=r"Received: \(2, 4\) for 'l2', \(3, 4\) for 'baseline'"):
        compare({"baseline": BASELINE, "l2": BASELINE[:2]})


@pytest.mark.parametrize(("seeds", "examples"), [(3, 200), (5, 50), (10, 500)])
def test_the_interval_contains_the_truth_as_often_as_it_says(seeds: int, examples: int) -> None:
    rng = np.random.default_rng(seeds)
    truth, hits, rounds = -0.02, 0, 300
    for _ in range(rounds):
        baseline = rng.gamma(2, 0.2, (seeds, examples))
        difference = (
            truth
            + 0.02 * rng.standard_normal((seeds, 1))
            + 0.2 * rng.standard_normal((1, examples))
            + 0.1 * rng.standard_normal((seeds, examples))
        )
        comparison = against(baseline + difference, baseline)
        hits += comparison.low <= truth <= comparison.high
    # Four standard errors of the simulation around the 93% to 97% that are asked for.
    slack = 4 * math.sqrt(0.95 * 0.05 / rounds)
    assert 0.93 - slack < hits / rounds < 0.97 + slack


@pytest.mark.parametrize("seeds", [2, 4])
def test_studies_of_many_variants_without_any_difference_seldom_claim_one(seeds: int) -> None:
    rng = np.random.default_rng(1)
    claimed = excluded = 0
    for _ in range(200):
        losses = {
            name: 0.4 + 0.02 * rng.standard_normal((seeds, 1)) + 0.1 * rng.standard_normal((seeds, 60))
            for name in ("baseline", *"abcdef")
        }
        comparisons = compare(losses)
        claimed += any(comparison.verdict != Verdict.NO_DIFFERENCE for comparison in comparisons)
        excluded += any(not comparison.low <= 0 <= comparison.high for comparison in comparisons)
    # 5% of 200, and three standard errors; the intervals by themselves claim far more.
    assert claimed <= 10 + 3 * math.sqrt(200 * 0.05 * 0.95)
    assert excluded > 20


def test_the_p_value_is_corrected_for_the_number_of_comparisons() -> None:
    values = BASELINE - 0.1 + NOISE
    alone = against(values)
    both = compare({"baseline": BASELINE, "variant": values, "other": BASELINE + NOISE[::-1]})
    assert both[0].p_value == pytest.approx(2 * alone.p_value)
    assert (both[0].low, both[0].high) == (alone.low, alone.high)


def test_one_that_is_not_finite_does_not_count_as_a_comparison() -> None:
    values = BASELINE - 0.1 + NOISE
    both = compare({"baseline": BASELINE, "variant": values, "broken": BASELINE * math.nan})
    assert both[0].p_value == against(values).p_value
    assert math.isnan(both[1].p_value)


shapes = st.tuples(st.integers(2, 4), st.integers(1, 4))


@settings(max_examples=100, deadline=None)
@given(shapes.flatmap(lambda shape: any_array(np.float32, (2, *shape), elements=st.floats(0, 1e6, width=32))))
def test_an_interval_is_always_a_number_around_the_difference(losses: np.ndarray) -> None:
    comparison = against(losses[1], losses[0])
    assert comparison.low <= comparison.difference <= comparison.high
    back = against(losses[0], losses[1])
    assert back.difference == pytest.approx(-comparison.difference)
    assert back.high == pytest.approx(-comparison.low)
