"""One line a variant: where it is at its best, and what training on costs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis, analyze
from regulab.diagnosis.checks.memorization import Memorization
from regulab.diagnosis.checks.underfitting import Underfitting
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.histories.example_losses import LossTable
from regulab.histories.history import Histories

# Why it may not be known whether a training that was long enough, and learned, overfits.
_DOUBTS = (Inconclusive.TOO_NOISY, Inconclusive.RISES_SLIGHTLY, Inconclusive.TRAINING_DOES_NOT_FALL)


@dataclass(frozen=True)
class VariantSummary:
    """Means over the seeds of one variant; losses are without penalty.

    Attributes:
        variant: Name of the variant.
        parameters: Number of weights.
        best_epoch: Median 0-based epoch of the lowest validation loss, or None where it was never finite.
        val_loss_best: Validation loss at each seed's best epoch.
        val_loss_last: Validation loss after the last epoch.
        train_loss_best: Training loss at each seed's best epoch, dropout off.
        train_loss_last: Training loss after the last epoch, dropout off.
        test_loss_best: Test loss with the weights of each seed's best epoch; NaN without a test split.
        epochs: Number of epochs trained.
        overfitting: Share of the seeds that overfit.
        memorizing: Share of the seeds whose validation loss hardly follows their training loss, without a rise.
        seeds: Number of seeds.
        undecided: Share of the seeds of which it cannot be told whether they overfit.
        doubt: Why it cannot, for most of these; empty where there are none.
        underfitting: Share of the seeds in which neither loss falls.
    """

    variant: str
    parameters: int
    best_epoch: int | None
    val_loss_best: float
    val_loss_last: float
    train_loss_best: float
    train_loss_last: float
    test_loss_best: float
    epochs: int
    overfitting: float = 0.0
    memorizing: float = 0.0
    seeds: int = 1
    undecided: float = 0.0
    doubt: str = ""
    underfitting: float = 0.0

    @property
    def improving(self) -> bool:
        """Whether the last epoch is the best, so that more of them might do better."""
        return self.best_epoch is not None and self.best_epoch >= self.epochs - 1

    @property
    def lost(self) -> float:
        """By which share of its best the validation loss is worse at the end; 0.5 means half again as high."""
        return self.val_loss_last / self.val_loss_best - 1 if self.val_loss_best > 0 else math.nan


def summarize(
    histories: Histories,
    losses: LossTable,
    parameters: Mapping[str, int],
    *,
    analyses: Mapping[tuple[str, int], CurveAnalysis] | None = None,
) -> tuple[VariantSummary, ...]:
    """Summarize each variant over its seeds.

    Args:
        histories: Every training.
        losses: Every member's loss per example.
        parameters: Number of weights of each variant.
        analyses: The analysis of each training by variant and seed, where there are some already.
    """
    if analyses is None:
        analyses = {(member.variant, member.seed): analyze(member) for member in histories}
    return tuple(_summary(variant, histories, losses, parameters[variant], analyses) for variant in histories.variants)


def _summary(
    variant: str,
    histories: Histories,
    losses: LossTable,
    parameters: int,
    analyses: Mapping[tuple[str, int], CurveAnalysis],
) -> VariantSummary:
    members = histories.of(variant)
    curves = [analyses[variant, member.seed] for member in members]
    best = [member.best_epoch for member in members if member.best_epoch is not None]
    doubts = [str(analysis.inconclusive) for analysis in curves if analysis.inconclusive in _DOUBTS]
    tests = [losses[variant, member.seed].test for member in members]

    def at_best(measure: str) -> float:
        return float(np.mean([member.at(measure, member.best_epoch) for member in members]))

    def last(measure: str) -> float:
        return float(np.mean([member.at(measure, -1) for member in members]))

    return VariantSummary(
        variant=variant,
        parameters=parameters,
        best_epoch=int(np.median(best)) if best else None,
        val_loss_best=at_best("val_data_loss"),
        val_loss_last=last("val_data_loss"),
        train_loss_best=at_best("train_data_loss"),
        train_loss_last=last("train_data_loss"),
        test_loss_best=float(np.mean([test.mean() if test is not None else math.nan for test in tests])),
        epochs=members[0].epochs,
        overfitting=float(np.mean([_overfits(analysis) for analysis in curves])),
        memorizing=float(np.mean([isinstance(Memorization().run(analysis), Finding) for analysis in curves])),
        seeds=len(members),
        undecided=len(doubts) / len(members),
        doubt=Counter(doubts).most_common(1)[0][0] if doubts else "",
        underfitting=float(np.mean([isinstance(Underfitting().run(analysis), Finding) for analysis in curves])),
    )


def _overfits(analysis: CurveAnalysis) -> bool:
    return analysis.turning_point is not None and analysis.turning_point.overfits
