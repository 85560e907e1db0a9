from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm, t

from regulab.comparison.random_effects import Estimate, estimate, half_width, holm, p_value

SHARES = np.array([0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1])


def test_the_variance_of_the_mean_is_that_of_two_crossed_random_effects() -> None:
    """Averaged over many tables, it is the seeds' over 3, the examples' over 4 and the cells' over 12."""
    rng = np.random.default_rng(0)
    tables = (
        0.5 * rng.standard_normal((20_000, 3, 1))
        + 0.8 * rng.standard_normal((20_000, 1, 4))
        + rng.standard_normal((20_000, 3, 4))
    )
    estimated = estimate(tables)
    assert estimated.seed_part.mean() == pytest.approx(0.25 / 3 + 1 / 12, rel=0.03)
    assert np.var(estimated.mean) == pytest.approx(0.25 / 3 + 0.64 / 4 + 1 / 12, rel=0.03)
    # What cells add counts once; only cutting off below zero adds a little.
    assert estimated.example_part.mean() == pytest.approx(0.64 / 4, rel=0.1)


def test_noise_of_single_cells_counts_once() -> None:
    cells = np.array([[1.0, -1.0, 0.5, -0.5], [-1.0, 1.0, -0.5, 0.5]])  # neither seeds nor examples differ
    estimated = estimate(cells)
    assert (estimated.seed_part, estimated.example_part) == (0, 0)


def test_one_seed_leaves_the_examples_and_one_example_the_seeds() -> None:
    one_seed, one_example = estimate(np.array([[0.1, 0.3, 0.5]])), estimate(np.array([[0.1], [0.3], [0.5]]))
    assert (one_seed.seed_part, one_example.example_part) == (0, 0)
    assert one_seed.example_part == pytest.approx(0.04 / 3)
    assert one_example.seed_part == pytest.approx(0.04 / 3)


@pytest.mark.parametrize("seeds", [2, 3, 4, 5, 10])
def test_the_interval_covers_between_93_and_97_percent_whatever_the_shares(seeds: int) -> None:
    """Exact but for the numerical integral over the variance that so few seeds show."""
    quantiles = chi2.ppf((np.arange(500) + 0.5) / 500, seeds - 1) / (seeds - 1)
    for share in SHARES:
        half = half_width(Estimate(0.0, share * quantiles, np.full(500, 1 - share), seeds, 10**6))
        assert 0.93 <= np.mean(2 * norm.cdf(half) - 1) <= 0.97


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
@pytest.mark.parametrize("level", [0.05, 0.01, 0.002])
def test_the_p_value_is_small_no_more_often_than_it_says(seeds: int, level: float) -> None:
    quantiles = chi2.ppf((np.arange(500) + 0.5) / 500, seeds - 1) / (seeds - 1)
    for share in SHARES:
        # By its definition it is at most `level` from this difference on.
        edge = np.sqrt(t.isf(level / 2, seeds - 1) ** 2 * share * quantiles + norm.isf(level / 2) ** 2 * (1 - share))
        estimated = p_value(Estimate(edge, share * quantiles, np.full(500, 1 - share), seeds, 10**6))
        np.testing.assert_allclose(estimated, level, rtol=1e-3)
        assert np.mean(2 * norm.sf(edge)) <= 1.02 * level


def test_a_difference_without_noise_is_certain_and_none_is_not() -> None:
    assert p_value(Estimate(0.1, 0.0, 0.0, 3, 10)) < 1e-20
    assert p_value(Estimate(0.0, 0.1, 0.1, 3, 10)) == pytest.approx(1)
    assert half_width(Estimate(0.1, 0.0, 0.0, 3, 10)) == 0


def test_holm_steps_down() -> None:
    assert holm([0.04, 0.01]) == (0.04, 0.02)
    assert holm([0.5, 0.6]) == (1.0, 1.0)
    assert holm([0.01, math.nan])[0] == 0.01
    assert math.isnan(holm([0.01, math.nan])[1])
    assert holm([]) == ()
