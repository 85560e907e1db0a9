"""Each variant at its own best epoch against the baseline at its own, paired by seed and example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from regulab.comparison.power import Power, power
from regulab.comparison.random_effects import CLAIMS, Estimate, estimate, half_width, holm, p_value
from regulab.errors import InputError


class Verdict(StrEnum):
    """What a comparison comes to; the values stand in JSON and in figures."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no detectable difference"
    ONE_SEED = "one seed cannot tell"
    NOT_FINITE = "loss not finite"


@dataclass(frozen=True)
class Comparison:
    """One variant against the control.

    Attributes:
        variant: The variant compared.
        control: What it was compared with.
        difference: Mean data loss of the variant minus that of the control; negative is better.
        low: Lower end of the 95% interval, which is for this comparison alone. NaN where there is one seed.
        high: Upper end of the 95% interval; likewise.
        standard_error: Standard error of the difference; likewise.
        seeds: Number of paired seeds.
        examples: Number of examples.
        split: The split it was measured on.
        p_value: Corrected for the number of comparisons made at once (Holm). NaN where there is one seed.
        seed_part: What the seeds add to the square of the standard error.
        example_part: What the examples add to it.
        control_loss: Mean data loss of the control.
        comparisons: For how many comparisons the p-value is corrected.
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
    p_value: float = math.nan
    seed_part: float = math.nan
    example_part: float = math.nan
    control_loss: float = math.nan
    comparisons: int = 1

    @property
    def verdict(self) -> Verdict:
        """`better`, `worse`, `no detectable difference`, `one seed cannot tell`, or `loss not finite`.

        Better and worse ask for more than an interval without zero: the corrected p-value has to be at most
        0.05, so that of all studies in which nothing differs at most 5% claim any difference.
        """
        if self.seeds < 2:
            return Verdict.ONE_SEED
        if not math.isfinite(self.difference):
            return Verdict.NOT_FINITE
        if self.p_value <= CLAIMS and not self.low <= 0 <= self.high:
            return Verdict.BETTER if self.difference < 0 else Verdict.WORSE
        return Verdict.NO_DIFFERENCE

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside of the interval, which is less than a verdict asks for."""
        return self.low * self.high > 0

    # Drawn from thousands of studies, and read by the table, its notes and the document.
    @cached_property
    def power(self) -> Power | None:
        """What this comparison would have detected four times in five; None with one seed, or without finite losses."""
        if not math.isfinite(self.seed_part + self.example_part + self.control_loss):
            return None
        noise = Estimate(self.difference, self.seed_part, self.example_part, self.seeds, self.examples)
        return power(noise, self.control_loss, comparisons=self.comparisons)


def compare(
    losses: Mapping[str, np.ndarray], *, control: str = "baseline", split: str = "test"
) -> tuple[Comparison, ...]:
    """Compare every variant with the control.

    Seeds and examples are both drawn from something larger, so both contribute to the uncertainty
    (`regulab.comparison.random_effects`). Each interval covers the truth in about 95 of 100 studies; the verdicts are
    corrected for the number of variants (Holm, 1979). With one seed there is no interval: how much another
    training would differ is not known.

    Args:
        losses: For each variant the data loss of each example, shape `(seeds, examples)`, seeds and
            examples in the same order for all.
        control: The variant that the others are compared with.
        split: Name of the split, carried into the result.

    Raises:
        InputError: If there is no such control, or a variant has other seeds or examples than it.

    Example:
        >>> baseline = np.array([[0.5, 0.3, 0.4], [0.6, 0.3, 0.4], [0.5, 0.4, 0.4]])
        >>> (comparison,) = compare({"baseline": baseline, "l2": baseline - 0.1 + baseline / 100})
        >>> str(comparison.verdict), round(comparison.difference, 3)
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
    return corrected(
        [
            paired(values, losses[control], variant=variant, control=control, split=split)
            for variant, values in losses.items()
            if variant != control
        ]
    )


def paired(values: np.ndarray, reference: np.ndarray, *, variant: str, control: str, split: str) -> Comparison:
    """One comparison by itself, its p-value not corrected; losses of shape `(seeds, examples)`."""
    seeds, examples = values.shape
    nan = math.nan
    if not (np.isfinite(values).all() and np.isfinite(reference).all()):
        return Comparison(variant, control, nan, nan, nan, nan, seeds, examples, split)
    difference = np.asarray(values, dtype=float) - np.asarray(reference, dtype=float)
    # Scaled, since the squares of tiny differences would be 0.
    scale = float(np.abs(difference).max()) or 1.0
    scaled = estimate(difference / scale)
    mean, half, error = (scale * float(value) for value in (scaled.mean, half_width(scaled), scaled.standard_error))
    if seeds < 2:
        # The examples alone would give an interval that holds these two trained models' difference, not the variant's.
        return Comparison(variant, control, mean, nan, nan, nan, seeds, examples, split)
    level = _level(scaled)
    return Comparison(
        variant,
        control,
        mean,
        mean - half,
        mean + half,
        error,
        seeds,
        examples,
        split,
        level,
        seed_part=scale * float(scaled.seed_part) * scale,
        example_part=scale * float(scaled.example_part) * scale,
        control_loss=float(np.mean(reference, dtype=float)),
    )


def corrected(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The comparisons with p-values corrected for their number."""
    values = holm([comparison.p_value for comparison in comparisons])
    number = max(sum(not math.isnan(value) for value in values), 1)
    return tuple(
        replace(comparison, p_value=value, comparisons=number)
        for comparison, value in zip(comparisons, values, strict=True)
    )


def _level(difference: Estimate) -> float:
    # Without any noise a difference of zero is none, and any other is certain.
    return float(p_value(difference)) if difference.mean else 1.0
