"""DIVERGED: the training loss itself turns and gets worse."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import trend
from regulab.diagnosis.turning_point import SHORTEST
from regulab.histories.history import History

# The training loss has to give back this share of what it had gained, or of half of its lowest value.
BACK = 0.5


def check(history: History) -> Finding | None:
    """Hold the training loss at the end against its lowest level.

    Does not apply to fewer than four epochs with a finite training loss.
    """
    training = evidence(history).training
    measured = np.flatnonzero(np.isfinite(training))
    if len(measured) < SHORTEST:
        return None
    values = training[measured]
    found = trend(values)
    start = float(values[0])
    asked = BACK * max(start - found.low, 0.5 * abs(found.low))
    if not (found.persists and found.rise > 0 and found.rise >= max(asked, 3 * found.fuzz)):
        return None
    best = int(measured[found.place])
    return Finding(
        code="DIVERGED",
        severity="error" if found.end > start else "warning",
        message=(
            f"Training loss turns after epoch {best + 1} ({found.low:.4g}) and ends at {found.end:.4g}: "
            "the model gets worse at the very examples it is trained on."
        ),
        evidence={
            "best_epoch": best,
            "train_loss_first": start,
            "train_loss_best": found.low,
            "train_loss_end": found.end,
        },
        advice=(
            "This is not overfitting, and regularization will not mend it. Lower the learning rate (by a factor of "
            "three to ten), let it fall during training, or clip gradients (clipnorm=1.0)."
        ),
    )
