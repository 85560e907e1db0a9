"""VALIDATION-EASIER: validation loss lies below the training loss of the same, undisturbed model."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.histories.history import History

# By which share of the training loss.
BELOW = 0.1


def check(history: History) -> Finding | None:
    """Compare both losses in the last third of the epochs, three at least.

    Does not apply where the training loss was taken with dropout on and as a mean over the epoch: that
    alone puts it above the validation loss.
    """
    losses = evidence(history)
    if not losses.inference or len(losses.training) != len(losses.validation):
        return None
    both = np.isfinite(losses.training) & np.isfinite(losses.validation)
    last = max(3, int(both.sum()) // 3)
    training, validation = losses.training[both][-last:], losses.validation[both][-last:]
    if len(training) < 3 or not (validation < training).all():
        return None
    below, level = float(np.median(training - validation)), float(np.median(training))
    if below < BELOW * abs(level):
        return None
    return Finding(
        code="VALIDATION-EASIER",
        severity="info",
        message=(
            f"In the last {last} epochs, validation loss is {below:.4g} below training loss ({level:.4g}), "
            "although both were taken with dropout off, without penalty and after the same epochs."
        ),
        evidence={"below": below, "train_loss": level, "val_loss": float(np.median(validation))},
        advice=(
            "The validation examples are easier than the training examples, and the loss on them flatters the model. "
            "Draw both at random from the same source, check that no training example is among them, and take more "
            "of them: with few, this can be chance."
        ),
    )
