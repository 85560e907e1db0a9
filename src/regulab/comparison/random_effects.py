"""The uncertainty of a mean over seeds and examples, which are both drawn from something larger.

A table of differences, one row a seed and one column an example, has three sources of noise: the seeds
differ, the examples differ, and single cells differ on top. The mean over the table is off by the first
over the number of seeds, the second over the number of examples, and the third over their product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Chosen so that with two seeds, the hardest case, the interval errs as much to either side.
_STEP = 1.7

#: The share of intervals that should hold the truth, and the share of studies in which nothing differs
#: that may claim a difference.
CONFIDENCE, CLAIMS = 0.95, 0.05


@dataclass(frozen=True)
class Estimate:
    """The mean of one or several tables of seeds × examples, with its variance in two parts.

    Attributes:
        mean: Mean over seeds and examples.
        seed_part: What the seeds, and the single cells, add to the variance of the mean.
        example_part: What the examples add to it.
        seeds: Number of seeds.
        examples: Number of examples.
    """

    mean: Any
    seed_part: Any
    example_part: Any
    seeds: int
    examples: int

    @property
    def standard_error(self) -> Any:
        """Standard error of the mean."""
        return np.sqrt(self.seed_part + self.example_part)


def estimate(tables: np.ndarray) -> Estimate:
    """Estimate mean and variance of tables of shape `(..., seeds, examples)`.

    The variance of the seeds' means holds what single cells add, and so does that of the examples' means.
    It is taken out of the latter, so that it counts once (two-way random effects; Searle, Casella and
    McCulloch, 1992). What would become negative is taken as zero.

    Example:
        >>> both = estimate(np.array([[0.1, 0.3], [0.3, 0.5]]))  # cells add nothing
        >>> round(float(both.mean), 3), round(float(both.seed_part), 3), round(float(both.example_part), 3)
        (0.3, 0.01, 0.01)
    """
    seeds, examples = tables.shape[-2:]
    tables = np.asarray(tables, dtype=float)
    mean = tables.mean(axis=(-2, -1))
    centred = tables - mean[..., None, None]
    by_seed, by_example = centred.mean(axis=-1), centred.mean(axis=-2)
    seed_squares, example_squares = (np.square(means).sum(axis=-1) for means in (by_seed, by_example))
    squares = np.square(centred).sum(axis=(-2, -1))
    cells = np.maximum(squares - examples * seed_squares - seeds * example_squares, 0.0)
    cell_part = cells / max((seeds - 1) * (examples - 1), 1) / (seeds * examples)
    # A single one shows no variance, but for rounding.
    seed_part = (seeds > 1) * seed_squares / max(seeds - 1, 1) / seeds
    example_part = (examples > 1) * np.maximum(example_squares / max(examples - 1, 1) / examples - cell_part, 0.0)
    return Estimate(mean, seed_part, example_part, seeds, examples)


def half_width(estimate: Estimate) -> Any:
    """Half the width of the 95% interval around the mean.

    The standard error times a quantile between Student's for the number of seeds and Student's for the
    number of examples, by the share of the variance that comes from the seeds. Weighting quantiles by shares
    is Cochran's method; his straight line is replaced by a smooth step, which covers between 93.3% and 96.7%
    whatever the shares, with two seeds and with more. The usual degrees of freedom of Welch and Satterthwaite
    cover too little with few seeds: 87% in the worst case with two, 92% with three.

    Example:
        >>> round(float(half_width(Estimate(0.0, 1.0, 0.0, seeds=3, examples=1000))), 2)  # all noise from seeds
        4.3
        >>> round(float(half_width(Estimate(0.0, 0.0, 1.0, seeds=3, examples=1000))), 2)
        1.96
    """
    total = estimate.seed_part + estimate.example_part
    # A variance of zero has no shares.
    share = estimate.seed_part / np.where(total > 0, total, 1.0)
    weight = np.sin(np.pi / 2 * share) ** _STEP
    for_seeds, for_examples = (_quantile(1 - CONFIDENCE, count) for count in (estimate.seeds, estimate.examples))
    return (for_examples + (for_seeds - for_examples) * weight) * np.sqrt(total)


def p_value(estimate: Estimate) -> Any:
    """At most how often a mean this far from zero or further arises where nothing differs.

    The smallest level at which zero lies outside an interval whose half width is the root of the sum of both
    parts of the variance, each times the square of its own Student quantile. Such an interval covers at least
    what it promises at every level, so the value can be corrected for the number of comparisons.

    Example:
        >>> round(float(p_value(Estimate(4.3, 1.0, 0.0, seeds=3, examples=1000))), 3)
        0.05
    """
    square = np.square(np.asarray(estimate.mean, dtype=float))
    # In the logarithm of the level, since the last comparisons of many need small ones.
    low, high = np.full(square.shape, -60.0), np.zeros(square.shape)
    for _ in range(50):
        middle = (low + high) / 2
        for_seeds, for_examples = (_quantile(np.exp(middle), count) for count in (estimate.seeds, estimate.examples))
        outside = square > np.square(for_seeds) * estimate.seed_part + np.square(for_examples) * estimate.example_part
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    return np.exp(high)


def critical_value(estimate: Estimate, level: float) -> Any:
    """How far from zero the mean has to be for a p-value of at most this level.

    Example:
        >>> round(float(critical_value(Estimate(0.0, 1.0, 0.0, seeds=3, examples=1000), 0.05)), 2)
        4.3
    """
    for_seeds, for_examples = (_quantile(level, count) for count in (estimate.seeds, estimate.examples))
    return np.sqrt(np.square(for_seeds) * estimate.seed_part + np.square(for_examples) * estimate.example_part)


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """P-values corrected for their number: at most 5% of studies without any difference have one below 0.05.

    The step-down method of Holm (1979), which holds however the comparisons depend on each other. NaN, for
    what could not be compared, stays NaN and does not count.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    numbers = np.asarray(values, dtype=float)
    corrected = np.full(len(numbers), np.nan)
    order = [index for index in np.argsort(numbers, kind="stable") if not np.isnan(numbers[index])]
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * float(numbers[index])))
        corrected[index] = highest
    return tuple(corrected.tolist())


def _quantile(level: Any, count: int) -> Any:
    """Student's two-sided quantile for the mean of `count` values; 0 for a single one, which has no variance."""
    from scipy.special import stdtrit

    return -stdtrit(count - 1, np.asarray(level) / 2) if count > 1 else np.zeros(np.shape(level))
