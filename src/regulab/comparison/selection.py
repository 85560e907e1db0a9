"""Which variant to use: selected on validation data, with the optimism of the selection itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from regulab.comparison.optimism import optimism
from regulab.comparison.scores import choose, score
from regulab.comparison.summary import VariantSummary


class Basis(Enum):
    """What a variant was selected for."""

    NOTHING_FINITE = auto()
    LOWEST_LOSS = auto()
    WITHIN_STANDARD_ERROR = auto()
    NEGLIGIBLE_LEAD = auto()


@dataclass(frozen=True)
class Selection:
    """The variant to use, and why.

    Attributes:
        basis: What it was selected for.
        selected: It; None where no variant has a finite validation loss.
        lowest: The variant with the lowest validation loss, likewise.
        difference: The validation loss of the selected variant minus the baseline's; NaN where the baseline has none.
            Too low on average, since the selection was made on the same data.
        optimism: By how much `difference` is too low on average over studies like this one; NaN where there was
            nothing to select from.
    """

    basis: Basis
    selected: VariantSummary | None = None
    lowest: VariantSummary | None = None
    difference: float = math.nan
    optimism: float = math.nan


def select(summaries: Sequence[VariantSummary], validation: Mapping[str, np.ndarray]) -> Selection:
    """Select the simplest variant within one standard error of the best on validation data.

    Each variant counts at its own best epoch, and a lead of less than a thousandth of the loss as none.
    Simplest is the baseline where it qualifies, else the one with the fewest weights, else the one asked for
    first (the rule of Breiman et al., 1984). One that is worse than the baseline is never selected, nor one
    whose validation loss is not finite with every seed.

    Args:
        summaries: One a variant.
        validation: For each variant the validation loss of each example, shape `(seeds, examples)`.
    """
    usable = [
        summary
        for summary in summaries
        if math.isfinite(summary.val_loss_best) and np.isfinite(validation[summary.variant]).all()
    ]
    if not usable:
        return Selection(Basis.NOTHING_FINITE)
    scores = score(np.stack([validation[summary.variant] for summary in usable]))
    by_simplicity = sorted(
        range(len(usable)), key=lambda index: (usable[index].variant != "baseline", usable[index].parameters)
    )
    rank = [by_simplicity.index(index) for index in range(len(usable))]
    baseline = next((index for index, summary in enumerate(usable) if summary.variant == "baseline"), None)
    selected, lowest = int(choose(scores.means, scores.errors, rank, reference=baseline)), int(scores.means.argmin())
    difference = exaggeration = math.nan
    if baseline is not None and len(usable) > 1:
        difference = float(scores.means[selected] - scores.means[baseline])
        exaggeration = optimism(scores, rank, reference=baseline)
    if selected == lowest:
        basis = Basis.LOWEST_LOSS
    elif usable[selected].val_loss_best - usable[lowest].val_loss_best > float(scores.errors[selected, lowest]):
        basis = Basis.NEGLIGIBLE_LEAD
    else:
        basis = Basis.WITHIN_STANDARD_ERROR
    return Selection(basis, usable[selected], usable[lowest], difference, exaggeration)
