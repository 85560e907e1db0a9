"""The variant to use, as a study's results publish it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulab.comparison.selection import select
from regulab.comparison.summary import VariantSummary
from regulab.comparison.wording import selection_reason
from regulab.diagnosis.checks.constant import ConstantLead, not_better


@dataclass(frozen=True)
class Recommendation:
    """The variant to use.

    Attributes:
        variant: Its name; None where no variant has a finite validation loss, or none is better than a constant
            prediction.
        reason: Why, in one sentence.
        difference: Its validation loss minus the baseline's; NaN where the baseline has none. Too low on average,
            since the choice was made on the same data.
        optimism: By how much `difference` is too low on average over studies like this one; NaN where there was
            nothing to choose from.
    """

    variant: str | None
    reason: str
    difference: float = math.nan
    optimism: float = math.nan


def recommend(
    summaries: Sequence[VariantSummary],
    validation: Mapping[str, np.ndarray],
    *,
    better: Collection[str] = (),
    constant: ConstantLead | None = None,
) -> Recommendation:
    """The simplest variant within one standard error of the best on validation data, as `select` finds it.

    Args:
        summaries: One a variant.
        validation: For each variant the validation loss of each example, shape `(seeds, examples)`.
        better: Names of the variants that are judged better than the baseline.
        constant: The best variant next to a constant prediction, if the constant's loss is known; where none is better
            than it, none is recommended.
    """
    if constant is not None and constant.useless:
        return Recommendation(None, not_better(constant))
    selection = select(summaries, validation, better=better)
    variant = None if selection.selected is None else selection.selected.variant
    return Recommendation(variant, selection_reason(selection), selection.difference, selection.optimism)
