"""A study in two sentences: does the baseline overfit, and what helps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from regulab.comparison.paired import Comparison, Verdict
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.number_format import decimals, rounded, written
from regulab.diagnosis.turning_point import SHORTEST

# What a variant has to save at the last epoch before it is called robust, as a share of the baseline's best.
_SAVED = 0.1


def conclude(
    summaries: Sequence[VariantSummary],
    comparisons: Sequence[Comparison],
    recommendation: Recommendation,
    *,
    validation_is_test: bool = False,
) -> tuple[str, str]:
    """Two sentences for people.

    The first is about the baseline. The second says whether a variant is better when each is stopped at its
    own best epoch, what is saved by those that are trained too long (where the baseline overfits), and what to
    use. Where the baseline is still improving, all of this is 'so far'.

    Args:
        summaries: One a variant, the baseline among them.
        comparisons: Those with the baseline.
        recommendation: What to use.
        validation_is_test: Whether the test examples are those that epochs were chosen on, which is then said.
    """
    baseline = next(summary for summary in summaries if summary.variant == "baseline")
    data = f"{comparisons[0].split} data" if comparisons else ""
    if validation_is_test:
        data += ", by which the epochs were chosen, too"
    return _on_baseline(baseline), _on_variants(summaries, baseline, comparisons, recommendation, data)


def _on_baseline(baseline: VariantSummary) -> str:
    if baseline.best_epoch is None:
        return "The baseline's validation loss was never a finite number: check the data and lower the learning rate."
    if not math.isfinite(baseline.val_loss_best):
        return "With some seeds the baseline's validation loss was never a finite number: lower the learning rate."
    places = decimals(baseline.val_loss_best)
    values = f"validation loss {written(baseline.val_loss_best, places)} after epoch {baseline.best_epoch + 1}"
    if not math.isfinite(baseline.val_loss_last):
        return f"The baseline is at its best early ({values}) and then diverges: lower the learning rate."
    if _overfits(baseline):
        return (
            f"The baseline overfits: {values}, {written(baseline.val_loss_last, places)} by epoch {baseline.epochs}, "
            f"while its training loss goes on falling to {written(baseline.train_loss_last, places)}."
        )
    if _memorizes(baseline):
        return (
            f"The baseline learns its training examples by heart: {values} and hardly better than at first, while "
            f"its training loss falls to {rounded(baseline.train_loss_last, places)}."
        )
    if _unfinished(baseline):
        return f"The baseline is still improving at the end ({values}): train it for longer before judging it."
    end = written(baseline.val_loss_last, places)
    if baseline.epochs < SHORTEST:
        return (
            f"Whether the baseline overfits cannot be told after {baseline.epochs} epochs ({values}, {end} at the "
            "end): train it for longer."
        )
    return f"The baseline hardly overfits in {baseline.epochs} epochs: {values}, {end} at the end."


def _overfits(baseline: VariantSummary) -> bool:
    """Whether most seeds do."""
    return baseline.overfitting > 0.5 and baseline.val_loss_last > baseline.val_loss_best


def _unfinished(baseline: VariantSummary) -> bool:
    """Whether more epochs would change what the variants are held against."""
    judged = _overfits(baseline) or _memorizes(baseline)
    return baseline.improving and math.isfinite(baseline.val_loss_last) and not judged


def _memorizes(baseline: VariantSummary) -> bool:
    """Whether most seeds do; their best epoch may be the last one by chance."""
    return baseline.memorizing > 0.5


def _on_variants(
    summaries: Sequence[VariantSummary],
    baseline: VariantSummary,
    comparisons: Sequence[Comparison],
    recommendation: Recommendation,
    data: str,
) -> str:
    if recommendation.variant is None:
        return "No variant has a finite validation loss with every seed, so none is recommended."
    so_far = _unfinished(baseline)
    use = _advice(summaries, recommendation, so_far=so_far)
    when = "So far" if so_far else "With each stopped at its own best epoch"
    finite = [found for found in comparisons if found.verdict is not Verdict.NOT_FINITE]
    if not comparisons:
        return f"Nothing was compared with it; {use}."
    if comparisons[0].verdict is Verdict.ONE_SEED:
        longer = ", and for longer" if so_far else ""
        return (
            f"One seed cannot tell whether a variant is better, so run at least three{longer}; "
            f"for now, {_provisional(recommendation)}."
        )
    if not finite:
        return f"No variant could be compared with it, since losses were not finite; {use}."
    better = sorted((found for found in finite if found.verdict is Verdict.BETTER), key=lambda found: found.difference)
    steady = _steady(summaries, baseline)
    end = "" if steady is None else _at_the_end(steady, baseline)
    if not better:
        found = f"{when}, no variant is detectably better than it on {data}"
        if steady is None:
            return f"{found}; {use}."
        return f"{found}, so what the variants buy is robustness against training too long: {end}; {use}."
    lead = rounded(-better[0].difference, decimals(baseline.val_loss_best))
    won = (
        f"{when}, {_listed([found.variant for found in better])} "
        f"{'beats' if len(better) == 1 else 'beat'} it "
        f"by {'' if len(better) == 1 else 'up to '}{lead} on {data}"
    )
    if steady is None:
        return f"{won}; {use}."
    if baseline.val_loss_last - steady.val_loss_last > -2 * better[0].difference:
        return f"{won}, but mostly the variants buy robustness against training too long: {end}; {use}."
    return f"{won}, and trained too long {end}; {use}."


def _steady(summaries: Sequence[VariantSummary], baseline: VariantSummary) -> VariantSummary | None:
    """The variant with the lowest loss at the end, if the baseline overfits and it saves much of that."""
    ended = [one for one in summaries if math.isfinite(one.val_loss_last) and one.variant != baseline.variant]
    if not ended or not _overfits(baseline) or not math.isfinite(baseline.val_loss_last):
        return None
    steady = min(ended, key=lambda one: one.val_loss_last)
    enough = baseline.val_loss_last - steady.val_loss_last >= _SAVED * abs(baseline.val_loss_best)
    return steady if enough else None


def _at_the_end(steady: VariantSummary, baseline: VariantSummary) -> str:
    own, others = (written(one.val_loss_last, decimals(baseline.val_loss_best)) for one in (steady, baseline))
    return f"{steady.variant} ends at a validation loss of {own} after epoch {steady.epochs}, the baseline at {others}"


def _advice(summaries: Sequence[VariantSummary], recommendation: Recommendation, *, so_far: bool) -> str:
    chosen = next((one for one in summaries if one.variant == recommendation.variant), None)
    epoch = None if chosen is None or chosen.best_epoch is None else chosen.best_epoch + 1
    # Where the last epoch is the best, there is nothing to stop.
    stop = "" if chosen is None or epoch is None or epoch >= chosen.epochs else f", stopped after epoch {epoch}"
    if not so_far:
        return f"recommended: {_named(recommendation)}{stop}"
    if len(summaries) > 1 and all(one.improving for one in summaries if one.best_epoch is not None):
        return f"train all for longer before choosing, and for now {_provisional(recommendation)}"
    return f"recommended so far: {_named(recommendation)}{stop}"


def _provisional(recommendation: Recommendation) -> str:
    return f"take {_named(recommendation)}"


def _named(recommendation: Recommendation) -> str:
    return "the baseline" if recommendation.variant == "baseline" else str(recommendation.variant)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
