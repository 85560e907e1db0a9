"""Each variant at its own best epoch against the baseline at its own, paired by seed and example."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulab.errors import InputError

BETTER, WORSE, SAME, ONE_SEED = "better", "worse", "no detectable difference", "one seed cannot tell"
NOT_FINITE = "loss not finite"


@dataclass(frozen=True)
class Comparison:
    """One variant against the control.

    Attributes:
        variant: The variant compared.
        control: What it was compared with.
        difference: Mean data loss of the variant minus that of the control; negative is better.
        low: Lower end of the 95% interval.
        high: Upper end of the 95% interval.
        standard_error: Standard error of the difference.
        seeds: Number of paired seeds.
        examples: Number of examples.
        split: The split it was measured on.
    """

    variant: str
    control: str
    difference: float
    low: float
    high: float
    standard_error: float
    seeds: int
    examples: int
    split: str

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `no detectable difference`, `one seed cannot tell`, or `loss not finite`."""
        if self.seeds < 2:
            return ONE_SEED
        if not math.isfinite(self.difference):
            return NOT_FINITE
        if not self.low <= 0 <= self.high:
            return BETTER if self.difference < 0 else WORSE
        return SAME


def compare(
    losses: Mapping[str, np.ndarray], *, control: str = "baseline", split: str = "test"
) -> tuple[Comparison, ...]:
    """Compare every variant with the control.

    Seeds and examples are both drawn from something larger, so both contribute to the uncertainty: the
    variance of the mean difference is the variance of the seeds' means over the number of seeds, plus the
    variance of the examples' means over the number of examples (two crossed random effects; counting
    their interaction twice errs on the wide side). The interval is Student's, with the degrees of freedom
    of Welch and Satterthwaite. With one seed it speaks of these trained models, not of another training.

    Args:
        losses: For each variant the data loss of each example, shape `(seeds, examples)`, seeds and
            examples in the same order for all.
        control: The variant that the others are compared with.
        split: Name of the split, carried into the result.

    Raises:
        InputError: If there is no such control, or a variant has other seeds or examples than it.

    Example:
        >>> baseline = np.array([[0.5, 0.3, 0.4], [0.6, 0.3, 0.4], [0.5, 0.4, 0.4]])
        >>> (found,) = compare({"baseline": baseline, "l2": baseline - 0.1 + baseline / 100})
        >>> found.verdict, round(found.difference, 3)
        ('better', -0.096)
    """
    if control not in losses:
        raise InputError(f"No variant '{control}' to compare with. Available: {', '.join(losses)}.")
    for variant, values in losses.items():
        if values.shape != losses[control].shape:
            raise InputError(
                f"Expected losses of the same seeds and examples as for '{control}'. "
                f"Received: {values.shape} for '{variant}', {losses[control].shape} for '{control}'."
            )
    return tuple(
        _paired(variant, values, control, losses[control], split)
        for variant, values in losses.items()
        if variant != control
    )


def _paired(variant: str, values: np.ndarray, control: str, reference: np.ndarray, split: str) -> Comparison:
    from scipy.stats import t

    seeds, examples = values.shape
    if not (np.isfinite(values).all() and np.isfinite(reference).all()):
        nan = math.nan
        return Comparison(variant, control, nan, nan, nan, nan, seeds, examples, split)
    difference = values.astype(float) - reference
    parts = [_variance_of_mean(difference.mean(axis=1)), _variance_of_mean(difference.mean(axis=0))]
    variance = sum(part for part, _ in parts)
    error = math.sqrt(variance)
    # In shares of the variance, since the square of a tiny variance would be 0.
    curvature = sum((part / variance) ** 2 / freedom for part, freedom in parts if freedom) if variance else 0.0
    reach = error * float(t.ppf(0.975, 1 / curvature)) if curvature else 0.0
    mean = float(difference.mean())
    return Comparison(variant, control, mean, mean - reach, mean + reach, error, seeds, examples, split)


def _variance_of_mean(means: np.ndarray) -> tuple[float, int]:
    """The variance of the mean of independent values, and its degrees of freedom."""
    freedom = len(means) - 1
    return (float(means.var(ddof=1)) / len(means), freedom) if freedom else (0.0, 0)
