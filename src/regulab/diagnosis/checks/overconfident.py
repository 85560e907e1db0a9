"""OVERCONFIDENT: validation loss gets worse while validation accuracy does not."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import accuracy, evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import noise_of
from regulab.diagnosis.turning_point import turning
from regulab.histories.history import History

# An accuracy that falls by less than this has not fallen.
FLAT = 0.005


def check(history: History) -> Finding | None:
    """Compare accuracy around the epoch of the best loss with accuracy at the end.

    Does not apply to histories without a validation accuracy, or whose validation loss does not turn.
    """
    right = accuracy(history)
    losses = evidence(history)
    turn = turning(losses.validation, losses.training)
    if right is None or turn is None or turn.onset is None:
        return None
    around = right[max(turn.best_epoch - 1, 0) : turn.best_epoch + 2]
    around, last = around[np.isfinite(around)], right[turn.onset :][-3:]
    last = last[np.isfinite(last)]
    if not around.size or not last.size:
        return None
    then, now = float(np.median(around)), float(np.median(last))
    if now < then - max(FLAT, noise_of(right[np.isfinite(right)])):
        return None
    return Finding(
        code="OVERCONFIDENT",
        severity="info",
        message=(
            f"Validation loss rises from {turn.best:.4g} to {turn.end:.4g}, yet validation accuracy goes from "
            f"{then:.3f} to {now:.3f}: the answers are as good as before, the probabilities are not."
        ),
        evidence={
            "val_loss_best": turn.best,
            "val_loss_end": turn.end,
            "val_accuracy_best": then,
            "val_accuracy_end": now,
        },
        advice=(
            "The model is surer than it should be, most of all where it is wrong. If only the answers matter, the last "
            "epoch will do. If the probabilities matter, take the best epoch, or try label smoothing, L2 or dropout."
        ),
    )
