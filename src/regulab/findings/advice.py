"""What to do: the recommended variant, and the study's conclusion in two sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulab.findings.comparison import BETTER, ONE_SEED, Comparison, compare
from regulab.findings.summary import VariantSummary

# A validation loss this much above its best, as a share, is called overfitting in the conclusion.
_RISE = 0.1


@dataclass(frozen=True)
class Recommendation:
    """The variant to use.

    Attributes:
        variant: Its name.
        reason: Why, in one sentence.
    """

    variant: str
    reason: str


def recommend(summaries: Sequence[VariantSummary], validation: Mapping[str, np.ndarray]) -> Recommendation:
    """The simplest variant within one standard error of the best on validation data.

    Each variant counts at its own best epoch. Simplest is the baseline where it qualifies, else the one
    with the fewest weights, else the one asked for first (the rule of Breiman et al., 1984).

    Args:
        summaries: One a variant.
        validation: For each variant the validation loss of each example, shape `(seeds, examples)`.
    """
    usable = [summary for summary in summaries if math.isfinite(summary.val_loss_best)]
    if not usable:
        return Recommendation(
            "baseline", "No variant ever had a finite validation loss; look at the data and the learning rate."
        )
    best = min(usable, key=lambda summary: summary.val_loss_best)
    rivals = compare({name: validation[name] for name in (s.variant for s in usable)}, control=best.variant)
    near = {rival.variant for rival in rivals if rival.difference <= rival.standard_error} | {best.variant}
    candidates = [summary for summary in usable if summary.variant in near]
    chosen = min(candidates, key=lambda summary: (summary.variant != "baseline", summary.parameters))
    epoch = _epoch(chosen)
    if chosen is best:
        return Recommendation(
            best.variant, f"It has the lowest validation loss, {best.val_loss_best:.3f}, after epoch {epoch}."
        )
    return Recommendation(
        chosen.variant,
        f"It is the simplest within one standard error of the lowest validation loss "
        f"({chosen.val_loss_best:.3f} after epoch {epoch}; {best.variant} reaches {best.val_loss_best:.3f}).",
    )


def conclude(
    summaries: Sequence[VariantSummary], comparisons: Sequence[Comparison], recommendation: Recommendation
) -> tuple[str, str]:
    """Two sentences for people: does the baseline overfit, and what helps."""
    baseline = next(summary for summary in summaries if summary.variant == "baseline")
    return _on_baseline(baseline), _on_variants(summaries, comparisons, recommendation)


def _on_baseline(baseline: VariantSummary) -> str:
    if baseline.best_epoch is None:
        return "The baseline's validation loss was never a finite number: check the data and lower the learning rate."
    if not math.isfinite(baseline.val_loss_best):
        return "With some seeds the baseline's validation loss was never a finite number: lower the learning rate."
    values = f"validation loss {baseline.val_loss_best:.3f} after epoch {_epoch(baseline)}"
    if not math.isfinite(baseline.val_loss_last):
        return f"The baseline is at its best early ({values}) and then diverges: lower the learning rate."
    if baseline.best_epoch >= baseline.epochs - 1:
        return f"The baseline is still improving at the end ({values}): train it for longer before judging it."
    if _overfits(baseline):
        return (
            f"The baseline overfits: {values}, {baseline.val_loss_last:.3f} by epoch {baseline.epochs}, "
            f"while its training loss goes on falling to {baseline.train_loss_last:.3f}."
        )
    return (
        f"The baseline hardly overfits in {baseline.epochs} epochs: {values}, {baseline.val_loss_last:.3f} at the end."
    )


def _overfits(baseline: VariantSummary) -> bool:
    return baseline.lost >= _RISE and baseline.train_loss_last < baseline.train_loss_best


def _on_variants(
    summaries: Sequence[VariantSummary], comparisons: Sequence[Comparison], recommendation: Recommendation
) -> str:
    advice = f"Recommended: {recommendation.variant}."
    if not comparisons:
        return f"Nothing was compared with it. {advice}"
    if comparisons[0].verdict == ONE_SEED:
        return (
            f"One seed cannot tell whether a variant is better; run at least three. For now: {recommendation.variant}."
        )
    split = comparisons[0].split
    better = [found.variant for found in comparisons if found.verdict == BETTER]
    steady = min(
        summaries, key=lambda summary: summary.val_loss_last if math.isfinite(summary.val_loss_last) else math.inf
    )
    baseline = next(summary for summary in summaries if summary.variant == "baseline")
    if better:
        beat = "beats" if len(better) == 1 else "beat"
        found = f"Each at its own best epoch, {_listed(better)} {beat} the baseline on {split} data."
    else:
        found = f"Each at its own best epoch, no variant is detectably better than the baseline on {split} data."
    if _overfits(baseline) and steady.variant != "baseline" and steady.val_loss_last < baseline.val_loss_last:
        found += (
            f" {steady.variant} forgives training too long the most: "
            f"{steady.val_loss_last:.3f} at the end, against {baseline.val_loss_last:.3f}."
        )
    return f"{found} {advice}"


def _epoch(summary: VariantSummary) -> int | None:
    """Epochs are counted from 1 wherever a person reads them."""
    return None if summary.best_epoch is None else summary.best_epoch + 1


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
