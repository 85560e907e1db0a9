"""OVERFITTING: validation loss turns and gets worse while training loss goes on falling."""

from __future__ import annotations

import numpy as np

from regulab.findings.finding import Finding
from regulab.histories.history import History

# How far above its best the validation loss must end, as a share of the best.
RISE = 0.1


def check(history: History) -> Finding | None:
    """Compare the end of training with the best epoch, on losses without penalty and without dropout.

    'The end' is the median of the last three epochs (fewer in short runs), so that one noisy epoch
    decides nothing. Does not apply to histories without both losses.
    """
    if not {"train_data_loss", "val_data_loss"} <= history.measures.keys():
        return None
    best = history.best_epoch
    if best is None or best == history.epochs - 1:
        return None
    validation, training = (np.asarray(history.measures[f"{part}_data_loss"]) for part in ("val", "train"))
    tail = slice(max(best + 1, history.epochs - 3), None)
    with np.errstate(all="ignore"):  # infinite losses are the matter of another check
        last, train_last = float(np.median(validation[tail])), float(np.median(training[tail]))
    # Of the best's size, since some losses are negative.
    rise = last - float(validation[best])
    if not (np.isfinite(last) and rise > 0 and rise >= RISE * abs(validation[best]) and train_last < training[best]):
        return None
    return Finding(
        code="OVERFITTING",
        severity="warning",
        message=(
            f"Validation loss turns after epoch {best + 1} ({validation[best]:.3f}) and ends at {last:.3f}, "
            f"while training loss falls from {training[best]:.3f} to {train_last:.3f}."
        ),
        evidence={
            "best_epoch": best,
            "val_loss_best": float(validation[best]),
            "val_loss_end": last,
            "train_loss_best": float(training[best]),
            "train_loss_end": train_last,
        },
        advice="Stop at the best epoch, or regularize: more data, a smaller model, L2, dropout.",
    )
