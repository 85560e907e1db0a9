from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.comparison.paired import Comparison, compare
from regulab.comparison.power import detectable, power
from regulab.comparison.random_effects import CLAIMS, Estimate, estimate, p_value

ROUNDS = 1500


@pytest.mark.parametrize("seeds", [2, 3, 8])
@pytest.mark.parametrize(("of_seed", "of_example"), [(0.03, 0.05), (0.01, 0.2), (0.0, 0.2)])
def test_four_in_five_simulated_studies_detect_the_detectable_difference(
    seeds: int, of_seed: float, of_example: float
) -> None:
    rng, examples, comparisons = np.random.default_rng(seeds), 150, 5
    truth = Estimate(0.0, of_seed**2 / seeds, of_example**2 / examples, seeds, examples)
    difference = detectable(truth, comparisons=comparisons)
    tables = (
        difference
        + of_seed * rng.standard_normal((ROUNDS, seeds, 1))
        + of_example * rng.standard_normal((ROUNDS, 1, examples))
    )
    detected = p_value(estimate(tables)) <= CLAIMS / comparisons
    assert detected.mean() == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / ROUNDS))


def test_with_as_many_seeds_or_examples_as_it_takes_a_hundredth_is_detected() -> None:
    noise = Estimate(0.0, 4e-6, 1e-6, seeds=3, examples=150)
    seen = power(noise, 0.4, comparisons=5)
    assert seen.sought == pytest.approx(0.004)
    assert seen.seeds is not None
    enough = Estimate(0.0, 4e-6 * 3 / seen.seeds, 1e-6, seen.seeds, 150)
    assert detectable(enough, comparisons=5) <= seen.sought < seen.detectable
    # Here the seeds' part remains, however many examples there are.
    assert seen.examples is None
    of_examples = power(Estimate(0.0, 0.0, 4e-6, seeds=3, examples=150), 0.4, comparisons=5)
    assert of_examples.examples is not None
    assert of_examples.examples > 150


def test_a_comparison_knows_its_power_in_units_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    baseline = rng.gamma(2, 0.2, (3, 50))
    losses = {name: baseline + 0.02 * rng.standard_normal((3, 50)) for name in "ab"}
    one = compare({"baseline": baseline, **losses})[0].power
    large = compare({"baseline": 1000 * baseline, **{name: 1000 * values for name, values in losses.items()}})[0].power
    assert one is not None
    assert large is not None
    assert large.detectable == pytest.approx(1000 * one.detectable)
    assert (large.seeds, large.examples) == (one.seeds, one.examples)


def test_one_seed_has_no_power() -> None:
    (single,) = compare({"baseline": np.ones((1, 5)), "l2": np.zeros((1, 5))})
    assert single.power is None
    assert Comparison("l2", "baseline", *(math.nan,) * 4, 3, 9, "test").power is None
