"""The mean losses of variants with what is known of their noise, and which of them is the simplest good one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from regulab.comparison.random_effects import estimate

#: A lead of less than this share of the lowest loss is not worth a change to the model.
NEGLIGIBLE = 0.001


@dataclass(frozen=True, eq=False)
class Scores:
    """Mean losses of variants with what is known of their noise.

    Attributes:
        means: Mean loss of each variant, shape `(variants,)`.
        errors: Standard error of each difference between two variants, shape `(variants, variants)`.
        noise: Covariance of the means, shape `(variants, variants)`.
    """

    means: np.ndarray
    errors: np.ndarray
    noise: np.ndarray


def score(losses: np.ndarray) -> Scores:
    """Score the losses of variants, shape `(variants, seeds, examples)`, paired by seed and example."""
    losses = np.asarray(losses, dtype=float)
    variants, seeds, examples = losses.shape
    errors = np.zeros((variants, variants))
    for first, second in combinations(range(variants), 2):
        errors[first, second] = errors[second, first] = estimate(losses[first] - losses[second]).standard_error
    means = losses.mean(axis=(1, 2))
    centred = losses - means[:, None, None]
    by_seed, by_example = centred.mean(axis=2), centred.mean(axis=1)
    products = np.einsum("vsi,wsi->vw", centred, centred, optimize=True)
    from_seeds, from_examples = by_seed @ by_seed.T, by_example @ by_example.T
    cells = products - examples * from_seeds - seeds * from_examples
    cells /= max((seeds - 1) * (examples - 1), 1) * seeds * examples
    example_part = from_examples / max(examples - 1, 1) / examples - cells
    seed_part = from_seeds / max(seeds - 1, 1) / seeds / _shortfall(seeds) ** 2
    return Scores(means, errors, seed_part + _without_negative(example_part))


def choose(
    means: np.ndarray,
    errors: np.ndarray,
    rank: Sequence[int],
    *,
    reference: int | None = None,
    among: Sequence[int] | None = None,
) -> np.ndarray:
    """The simplest variant within one standard error of the best (Breiman et al., 1984).

    A lead of less than a thousandth of the loss counts as none, however small the error: with one seed, the error
    does not hold what another training would change. One that is worse than the reference is never chosen: a variant
    whose seeds disagree wildly is within its own large error of anything. Of equally simple ones the best is chosen.

    Args:
        means: Mean losses, shape `(..., variants)`.
        errors: Standard errors of differences, shape `(variants, variants)`.
        rank: For each variant its position when sorted from simple to complicated; equal ones share theirs.
        reference: Index of the variant that the others have to be as good as.
        among: Indices of the variants to choose from, where not all are eligible; the best of them is, even where it is
            worse than the reference.

    Returns:
        The index of the chosen variant, shape `(...)`.

    Example:
        >>> int(choose(np.array([0.31, 0.30, 0.35]), np.full((3, 3), 0.02), [0, 1, 2]))
        0
    """
    eligible = np.isin(np.arange(means.shape[-1]), range(means.shape[-1]) if among is None else list(among))
    candidates = np.where(eligible, means, np.inf)
    best = candidates.argmin(axis=-1)
    lowest = candidates.min(axis=-1, keepdims=True)
    near = candidates - lowest <= np.maximum(errors[best], NEGLIGIBLE * np.abs(lowest))
    if reference is not None:
        near &= means <= np.maximum(means[..., reference, None], lowest)
    ranks = np.where(near, np.asarray(rank), len(rank))
    simplest = ranks == ranks.min(axis=-1, keepdims=True)
    chosen: np.ndarray = np.where(simplest, means, np.inf).argmin(axis=-1)
    return chosen


def _shortfall(seeds: int) -> float:
    """What share of a standard deviation is found on average from so few seeds (normal noise)."""
    if seeds < 2:
        return 1.0
    return math.sqrt(2 / (seeds - 1)) * math.exp(math.lgamma(seeds / 2) - math.lgamma((seeds - 1) / 2))


def _without_negative(matrix: np.ndarray) -> np.ndarray:
    """The nearest matrix that can be a covariance."""
    from scipy.linalg import eigh

    values, vectors = eigh(matrix)
    nearest: np.ndarray = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return nearest
