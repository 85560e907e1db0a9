"""STILL-IMPROVING: the last epoch is the best one, so nothing can be said about overfitting yet."""

from __future__ import annotations

from regulab.findings.finding import Finding
from regulab.histories.history import History


def check(history: History) -> Finding | None:
    """See whether validation loss is lowest after the last epoch.

    Does not apply to histories without that loss or of a single epoch.
    """
    if "val_data_loss" not in history.measures or history.epochs < 2 or history.best_epoch != history.epochs - 1:
        return None
    values = history.measures["val_data_loss"]
    return Finding(
        code="STILL-IMPROVING",
        severity="info",
        message=f"Validation loss is lowest after the last epoch ({values[-1]:.3f} after epoch {history.epochs}).",
        evidence={"val_loss_last": values[-1], "val_loss_before": values[-2]},
        advice="Train for more epochs before comparing this model with others.",
    )
