"""Training on a share of the training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulab.variants.change import Change
from regulab.variants.checking import number
from regulab.variants.variant import Variant


@dataclass(frozen=True, kw_only=True)
class _TrainSize(Change):
    """Trains on a share of the training rows, with the classes in their old proportions."""

    kind = "train_size"
    fraction: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.fraction,)

    def describe(self) -> str:
        return f"trains on {self.fraction:.3g} of the training examples"

    def select(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
        # Not at the top: with the data sets comes SciPy, which variants are named without.
        from regulab.data.splitting import classes

        groups = classes(labels)
        if groups is None:
            groups = np.zeros(len(labels), int)
        sizes = np.bincount(groups)
        kept = _shares(sizes, self.fraction)
        shuffled = rng.permutation(len(groups))
        by_class = [shuffled[groups[shuffled] == group][:count] for group, count in enumerate(kept)]
        return np.sort(np.concatenate(by_class))


def _shares(sizes: np.ndarray, fraction: float) -> np.ndarray:
    """How many of each class to keep: they add up to the fraction of all, and each is near its own fraction."""
    exact = sizes * fraction
    kept = np.floor(exact).astype(int)
    missing = max(1, round(float(sizes.sum() * fraction))) - int(kept.sum())
    largest_rest = np.argsort(kept - exact, kind="stable")
    kept[largest_rest[:missing]] += 1
    return kept


def train_size(fraction: float = 0.5) -> Variant:
    """Less training data: the same share of every class, drawn by the member's seed.

    How much a model loses with less data shows how much it may gain with more.

    Args:
        fraction: Above 0 and below 1.

    Raises:
        InputError: If the fraction is out of range.

    Example:
        >>> train_size(0.5).describe()
        'trains on 0.5 of the training examples'
    """
    hint = "Use 0.5 for half of the training examples."
    fraction = number("fraction", fraction, within="above 0 and below 1", allowed=lambda x: 0 < x < 1, hint=hint)
    return Variant("train_size", (_TrainSize(fraction=fraction),))
