"""One line a variant: where it is at its best, and what training on costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.checks import memorization
from regulab.diagnosis.turning_point import turning
from regulab.histories.example_losses import LossTable
from regulab.histories.history import Histories, History


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

    @property
    def improving(self) -> bool:
        """Whether the last epoch is the best, so that more of them might do better."""
        return self.best_epoch is not None and self.best_epoch >= self.epochs - 1

    @property
    def lost(self) -> float:
        """By which share of its best the validation loss is worse at the end; 0.5 means half again as high."""
        return self.val_loss_last / self.val_loss_best - 1 if self.val_loss_best > 0 else math.nan


def summarize(histories: Histories, losses: LossTable, parameters: Mapping[str, int]) -> tuple[VariantSummary, ...]:
    """Summarize each variant over its seeds."""
    return tuple(_summary(variant, histories, losses, parameters[variant]) for variant in histories.variants)


def _summary(variant: str, histories: Histories, losses: LossTable, parameters: int) -> VariantSummary:
    members = histories.of(variant)
    best = [member.best_epoch for member in members if member.best_epoch is not None]
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
        overfitting=float(np.mean([_overfits(member) for member in members])),
        memorizing=float(np.mean([memorization.check(member) is not None for member in members])),
    )


def _overfits(member: History) -> bool:
    training = member.measures.get("train_data_loss", ())
    found = turning(member.measures["val_data_loss"], training)
    return found is not None and found.overfits
