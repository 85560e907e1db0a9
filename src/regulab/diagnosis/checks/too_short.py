"""TOO-SHORT: too few epochs to see anything turn."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.checks import not_a_number
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.turning_point import SHORTEST
from regulab.histories.history import History


def check(history: History) -> Finding | None:
    """Count the epochs with a finite validation loss, of the training loss where there is none.

    Does not apply to a run without losses, or to one that broke off because a loss was no number.
    """
    losses = evidence(history)
    curve = losses.validation if np.isfinite(losses.validation).any() else losses.training
    epochs = int(np.isfinite(curve).sum())
    if not 0 < epochs < SHORTEST or not_a_number.check(history) is not None:
        return None
    return Finding(
        code="TOO-SHORT",
        severity="info",
        message=(
            f"The log holds {epochs} epoch{'s' if epochs > 1 else ''} with a loss; "
            f"whether a model overfits shows after {SHORTEST} at the earliest."
        ),
        evidence={"epochs": epochs},
        advice="Train for more epochs; 20 are a good start. Stopping at the best one costs nothing.",
    )
