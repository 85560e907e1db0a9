"""PENALTY-HIDES-OVERFITTING: the loss without penalty gets worse, and a shrinking penalty hides it."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence, tamed
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.turning_point import turning
from regulab.histories.history import History

# Of the rise of the loss without penalty, the printed loss shows less than this share.
SHOWN = 0.5


def check(history: History) -> Finding | None:
    """Hold the rise of the data loss against what `val_loss` shows of it between the same epochs.

    Does not apply to histories without `val_loss` or without a loss free of penalty.
    """
    losses = evidence(history)
    turn = turning(losses.validation, losses.training)
    if not losses.penalty_free or "val_loss" not in history.measures or turn is None or turn.onset is None:
        return None
    printed = tamed(history.measures["val_loss"])
    both = np.isfinite(printed) & np.isfinite(losses.validation)
    both[: turn.best_epoch] = False
    added = (printed - losses.validation)[both]
    if len(added) < 2:
        return None
    # The noise of the loss cancels in the difference, so that single epochs will do.
    hidden = float(added[0] - np.median(added[-3:]))
    shown = turn.rise - hidden
    if shown >= SHOWN * turn.rise:
        return None
    return Finding(
        code="PENALTY-HIDES-OVERFITTING",
        severity="warning",
        message=(
            f"After epoch {turn.best_epoch + 1}, validation loss without penalty rises by {turn.rise:.4g} "
            f"({turn.lost:.0%}), but val_loss {_shown(shown)}: the penalty shrinks by {hidden:.4g} meanwhile."
        ),
        evidence={"data_loss_rise": turn.rise, "val_loss_change": shown, "penalty_change": -hidden},
        advice=(
            "Judge a model with L1 or L2 by its loss without penalty (data_loss, or the loss as a metric), and stop "
            "early by that, too. A stronger penalty or an earlier stop would keep the data loss down."
        ),
    )


def _shown(change: float) -> str:
    return f"only by {change:.4g}" if change > 0 else f"falls by {-change:.4g}"
