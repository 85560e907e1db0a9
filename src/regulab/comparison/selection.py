"""Which variant to use: selected on validation data, with the optimism of the selection itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from regulab.comparison.optimism import optimism
from regulab.comparison.scores import Scores, choose, score
from regulab.comparison.summary import VariantSummary


class Basis(Enum):
    """What a variant was selected for."""

    NOTHING_FINITE = auto()
    LOWEST_LOSS = auto()
    WITHIN_STANDARD_ERROR = auto()
    NEGLIGIBLE_LEAD = auto()
    LEAD_WITHIN_OPTIMISM = auto()
    JUDGED_BETTER = auto()


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
        declined: The variant whose lead is no larger than its optimism, so that the baseline is selected instead of it.
        declined_optimism: By how much its lead is exaggerated on average over studies that choose it.
        shares_size: Whether others have as many weights as the selected one.
    """

    basis: Basis
    selected: VariantSummary | None = None
    lowest: VariantSummary | None = None
    difference: float = math.nan
    optimism: float = math.nan
    declined: VariantSummary | None = None
    declined_optimism: float = math.nan
    shares_size: bool = False


def select(
    summaries: Sequence[VariantSummary], validation: Mapping[str, np.ndarray], *, better: Collection[str] = ()
) -> Selection:
    """Select the simplest variant within one standard error of the best on validation data.

    Each variant counts at its own best epoch, and a lead of less than a thousandth of the loss as none.
    Simplest is the baseline where it qualifies, else the one with the fewest weights; of several with as many, such as
    strengths of one penalty, the one with the lowest loss (the rule of Breiman et al., 1984). The order of the variants
    does not matter. One that is worse than the baseline is never selected, nor one whose validation loss is not finite
    with every seed.

    Where some are judged better than the baseline, one of them is selected. Of the others, one is only selected
    if its lead over the baseline is larger than the optimism of the choice.

    Args:
        summaries: One a variant.
        validation: For each variant the validation loss of each example, shape `(seeds, examples)`.
        better: Names of the variants that are judged better than the baseline.
    """
    usable = [
        summary
        # In an order of their own, so that the one in which they were asked for does not matter.
        for summary in sorted(summaries, key=_simplicity)
        if math.isfinite(summary.val_loss_best) and np.isfinite(validation[summary.variant]).all()
    ]
    if not usable:
        return Selection(Basis.NOTHING_FINITE)
    scores = score(np.stack([validation[summary.variant] for summary in usable]))
    sizes = [_simplicity(summary)[:2] for summary in usable]
    rank = [sizes.index(size) for size in sizes]
    baseline = 0 if usable[0].variant == "baseline" else None
    judged = [index for index, summary in enumerate(usable) if summary.variant in better] or None
    selected = int(choose(scores.means, scores.errors, rank, reference=baseline, among=judged))
    lowest = int(scores.means.argmin())
    basis = _basis(selected, lowest, scores, judged)
    difference = exaggeration = math.nan
    declined, declined_optimism = None, math.nan
    if baseline is not None and len(usable) > 1:
        difference = float(scores.means[selected] - scores.means[baseline])
        exaggeration = optimism(scores, rank, reference=baseline, among=judged)
        if judged is None and selected != baseline:
            # Of this variant alone: another one whose seeds disagree wildly can be what makes the average large.
            own = optimism(scores, rank, reference=baseline, of=selected)
            if -difference <= own:
                basis, declined, selected, difference = Basis.LEAD_WITHIN_OPTIMISM, usable[selected], baseline, 0.0
                declined_optimism = own
    return Selection(
        basis,
        usable[selected],
        usable[lowest],
        difference,
        exaggeration,
        declined=declined,
        declined_optimism=declined_optimism,
        shares_size=rank.count(rank[selected]) > 1,
    )


def _simplicity(summary: VariantSummary) -> tuple[bool, int, str]:
    """The key by which variants are sorted from simple to complicated; equally simple ones by name."""
    return summary.variant != "baseline", summary.parameters, summary.variant


def _basis(selected: int, lowest: int, scores: Scores, judged: Sequence[int] | None) -> Basis:
    if selected == lowest:
        return Basis.LOWEST_LOSS
    if judged is not None and lowest not in judged:
        return Basis.JUDGED_BETTER
    behind = float(scores.means[selected] - scores.means[lowest])
    return Basis.NEGLIGIBLE_LEAD if behind > float(scores.errors[selected, lowest]) else Basis.WITHIN_STANDARD_ERROR
