"""What a study comes to: does the baseline overfit, and what helps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from regulab.comparison.paired import Comparison, Verdict
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.checks.constant import ConstantLead
from regulab.diagnosis.seed_agreement import SeedDisagreement
from regulab.diagnosis.turning_point import SHORTEST

# What a variant has to save at the last epoch before it is called robust, as a share of the baseline's best.
_SAVED = 0.1


class BaselineState(Enum):
    """How the baseline fares."""

    NEVER_FINITE = auto()
    SOMETIMES_NEVER_FINITE = auto()
    DIVERGES = auto()
    OVERFITS = auto()
    MEMORIZES = auto()
    UNDERFITS = auto()
    SOMETIMES_OVERFITS = auto()
    UNDECIDED = auto()
    STILL_IMPROVING = auto()
    TOO_SHORT = auto()
    HARDLY_OVERFITS = auto()


class Outcome(Enum):
    """What the comparisons with the baseline come to."""

    NOTHING_USABLE = auto()
    NOTHING_COMPARED = auto()
    ONE_SEED = auto()
    NOT_FINITE = auto()
    NONE_BETTER = auto()
    SOME_BETTER = auto()


@dataclass(frozen=True)
class Conclusion:
    """The facts that a study's conclusion states.

    Attributes:
        baseline: The baseline's losses.
        state: How the baseline fares.
        outcome: What the comparisons with it come to.
        better: Variants that are detectably better, the best first.
        lead: By how much the best of them is better; 0 where there is none.
        worse: Variants that are detectably worse, the worst first.
        disagreeing: Variants whose seeds disagree, so that their means describe no training.
        constant: The best variant next to a constant prediction, where none is better than that.
        robust: The variant that ends lowest, where the baseline overfits and that saves much of what it loses.
        split: The split that variants were compared on; empty where nothing was compared.
        validation_is_test: Whether the test examples are those that epochs were chosen on.
        recommended: The variant to use, or None.
        stop_after: The number of epochs (from 1) after which to stop it, where its best epoch is not its last.
        all_improving: Whether every variant is still improving, so the choice has to wait.
    """

    baseline: VariantSummary
    state: BaselineState
    outcome: Outcome
    better: tuple[str, ...] = ()
    lead: float = 0.0
    worse: tuple[str, ...] = ()
    disagreeing: tuple[SeedDisagreement, ...] = ()
    constant: ConstantLead | None = None
    robust: VariantSummary | None = None
    split: str = ""
    validation_is_test: bool = False
    recommended: str | None = None
    stop_after: int | None = None
    all_improving: bool = False

    @property
    def provisional(self) -> bool:
        """Whether more epochs would change what the variants are compared with."""
        return self.state is BaselineState.STILL_IMPROVING

    @property
    def mostly_robustness(self) -> bool:
        """Whether the robust variant saves more at the end than twice what the best one gains at its best epoch."""
        return self.robust is not None and self.baseline.val_loss_last - self.robust.val_loss_last > 2 * self.lead


def conclude(
    summaries: Sequence[VariantSummary],
    comparisons: Sequence[Comparison],
    recommended: str | None,
    *,
    validation_is_test: bool = False,
    disagreeing: Sequence[SeedDisagreement] = (),
    constant: ConstantLead | None = None,
) -> Conclusion:
    """Gather what a study's conclusion states.

    Args:
        summaries: One a variant, the baseline among them.
        comparisons: Those with the baseline.
        recommended: The variant to use, or None.
        validation_is_test: Whether the test examples are those that epochs were chosen on.
        disagreeing: Variants whose seeds disagree; none of them is called robust.
        constant: The best variant next to a constant prediction, if the constant's loss is known.
    """
    baseline = next(summary for summary in summaries if summary.variant == "baseline")
    better = sorted(
        (comparison for comparison in comparisons if comparison.verdict is Verdict.BETTER),
        key=lambda comparison: comparison.difference,
    )
    worse = sorted(
        (comparison for comparison in comparisons if comparison.verdict is Verdict.WORSE),
        key=lambda comparison: -comparison.difference,
    )
    doubtful = {variant.variant for variant in disagreeing}
    steady = [summary for summary in summaries if summary.variant not in doubtful]
    state = _state(baseline)
    return Conclusion(
        baseline=baseline,
        state=state,
        outcome=_outcome(comparisons, recommended),
        better=tuple(comparison.variant for comparison in better),
        lead=-better[0].difference if better else 0.0,
        worse=tuple(comparison.variant for comparison in worse),
        disagreeing=tuple(disagreeing),
        constant=constant if constant is not None and constant.useless else None,
        robust=_robust(steady, baseline) if state is BaselineState.OVERFITS else None,
        split=comparisons[0].split if comparisons else "",
        validation_is_test=validation_is_test,
        recommended=recommended,
        stop_after=_stop_after(summaries, recommended),
        all_improving=len(summaries) > 1
        and all(summary.improving for summary in summaries if summary.best_epoch is not None),
    )


def _state(baseline: VariantSummary) -> BaselineState:
    if baseline.best_epoch is None:
        return BaselineState.NEVER_FINITE
    if not math.isfinite(baseline.val_loss_best):
        return BaselineState.SOMETIMES_NEVER_FINITE
    if not math.isfinite(baseline.val_loss_last):
        return BaselineState.DIVERGES
    # Most seeds do.
    if baseline.overfitting > 0.5 and baseline.val_loss_last > baseline.val_loss_best:
        return BaselineState.OVERFITS
    # Likewise; their best epoch may be the last one by chance.
    if baseline.memorizing > 0.5:
        return BaselineState.MEMORIZES
    if baseline.underfitting > 0.5:
        return BaselineState.UNDERFITS
    # A mean over the seeds would hide those that do, and those of which nobody knows.
    if baseline.overfitting > 0:
        return BaselineState.SOMETIMES_OVERFITS
    if baseline.improving:
        return BaselineState.STILL_IMPROVING
    if baseline.epochs < SHORTEST:
        return BaselineState.TOO_SHORT
    return BaselineState.UNDECIDED if baseline.undecided > 0 else BaselineState.HARDLY_OVERFITS


def _outcome(comparisons: Sequence[Comparison], recommended: str | None) -> Outcome:
    verdicts = [comparison.verdict for comparison in comparisons]
    if recommended is None:
        return Outcome.NOTHING_USABLE
    if not verdicts:
        return Outcome.NOTHING_COMPARED
    if verdicts[0] is Verdict.ONE_SEED:
        return Outcome.ONE_SEED
    if all(verdict is Verdict.NOT_FINITE for verdict in verdicts):
        return Outcome.NOT_FINITE
    return Outcome.SOME_BETTER if Verdict.BETTER in verdicts else Outcome.NONE_BETTER


def _robust(summaries: Sequence[VariantSummary], baseline: VariantSummary) -> VariantSummary | None:
    """The variant with the lowest loss at the end, if it saves much of what the baseline loses."""
    variants = [summary for summary in summaries if summary.variant != baseline.variant]
    lowest = min(
        (summary for summary in variants if math.isfinite(summary.val_loss_last)),
        key=lambda summary: summary.val_loss_last,
        default=None,
    )
    if lowest is None:
        return None
    saved = baseline.val_loss_last - lowest.val_loss_last
    return lowest if saved >= _SAVED * abs(baseline.val_loss_best) else None


def _stop_after(summaries: Sequence[VariantSummary], recommended: str | None) -> int | None:
    summary = next((summary for summary in summaries if summary.variant == recommended), None)
    if summary is None or summary.best_epoch is None:
        return None
    # Where the last epoch is the best, there is nothing to stop.
    return None if summary.best_epoch + 1 >= summary.epochs else summary.best_epoch + 1
