"""Which variant to use: chosen on validation data, with what the choice itself flatters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulab.comparison.selection import NEGLIGIBLE, choose, optimism, score
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.number_format import apart, decimals, written


@dataclass(frozen=True)
class Recommendation:
    """The variant to use.

    Attributes:
        variant: Its name; None where no variant has a finite validation loss.
        reason: Why, in one sentence.
        difference: Its validation loss minus the baseline's; NaN where the baseline has none. Flattered, since
            the choice was made on the same data.
        optimism: By how much `difference` is too low on average over studies like this one; NaN where nothing
            was chosen among.
    """

    variant: str | None
    reason: str
    difference: float = math.nan
    optimism: float = math.nan


def recommend(summaries: Sequence[VariantSummary], validation: Mapping[str, np.ndarray]) -> Recommendation:
    """The simplest variant within one standard error of the best on validation data.

    Each variant counts at its own best epoch, and a lead of less than a thousandth of the loss as none.
    Simplest is the baseline where it qualifies, else the one with the fewest weights, else the one asked for
    first (the rule of Breiman et al., 1984). One that is worse than the baseline is never recommended, nor one
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
        return Recommendation(
            None, "No variant has a finite validation loss with every seed; look at the data and the learning rate."
        )
    scores = score(np.stack([validation[summary.variant] for summary in usable]))
    simple = sorted(
        range(len(usable)), key=lambda place: (usable[place].variant != "baseline", usable[place].parameters)
    )
    rank = [simple.index(place) for place in range(len(usable))]
    baseline = next((place for place, summary in enumerate(usable) if summary.variant == "baseline"), None)
    chosen = int(choose(scores.means, scores.errors, rank, reference=baseline))
    difference = flattered = math.nan
    if baseline is not None and len(usable) > 1:
        difference = float(scores.means[chosen] - scores.means[baseline])
        flattered = optimism(scores, rank, reference=baseline)
    best = int(scores.means.argmin())
    reason = _reason(usable[chosen], usable[best], error=float(scores.errors[chosen, best]))
    return Recommendation(usable[chosen].variant, reason, difference, flattered)


def _reason(chosen: VariantSummary, best: VariantSummary, *, error: float) -> str:
    # Epochs are counted from 1 wherever a person reads them.
    epoch = "?" if chosen.best_epoch is None else f"{chosen.best_epoch + 1}{', the last' if chosen.improving else ''}"
    if chosen is best:
        lowest = written(best.val_loss_best, decimals(best.val_loss_best))
        return f"It has the lowest validation loss, {lowest}, after epoch {epoch}."
    own, lowest = apart(chosen.val_loss_best, best.val_loss_best)
    figures = f"({own} after epoch {epoch}; {best.variant} reaches {lowest})"
    if chosen.val_loss_best - best.val_loss_best > error:
        return f"It is the simplest, and the lowest validation loss is less than {NEGLIGIBLE:.1%} lower {figures}."
    return f"It is the simplest within one standard error of the lowest validation loss {figures}."
