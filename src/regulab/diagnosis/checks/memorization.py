"""MEMORIZATION: training loss falls far, and validation loss hardly follows, though it does not rise."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import gained, trend
from regulab.diagnosis.turning_point import SHORTEST, turning
from regulab.histories.history import History

#: Training loss ends below this share of validation loss, and less than that share of its fall holds there: the closer
#: it comes to knowing every example, the more has to hold.
LEVELS = ((1 / 100, 1 / 2), (1 / 2, 1 / 3))
#: From this share on that validation loss gains in the last fifth of the epochs, nothing is said yet.
FALLING = 0.05


def check(history: History) -> Finding | None:
    """Hold what validation loss fell by against what training loss fell by, once it hardly falls any more.

    Does not apply to fewer than four epochs, to losses below zero, and where validation loss turns, which
    OVERFITTING tells.
    """
    losses = evidence(history)
    if len(losses.training) != len(losses.validation):
        return None
    both = np.isfinite(losses.training) & np.isfinite(losses.validation)
    training, validation = losses.training[both], losses.validation[both]
    if len(training) < SHORTEST:
        return None
    # The best validation loss, since the end may be a bump.
    end, best = trend(training).end, trend(validation).low
    asked = next((share for below, share in LEVELS if end <= below * best), None)
    if best <= 0 or asked is None or gained(validation) >= FALLING:
        return None
    turn = turning(losses.validation, losses.training)
    if turn is None or turn.overfits:
        return None
    # The mean over the first epoch still holds what the model knew before it.
    first = max(float(training[0]), history.at("epoch_data_loss", 0) if losses.inference else -np.inf)
    # Validation may begin late, after an epoch that taught much, or high, on harder examples: the kinder view counts.
    start = max(first, float(validation[0]))
    if first <= end:
        return None
    carried = max((float(validation[0]) - best) / (first - end), (start - best) / (start - end))
    if carried >= asked:
        return None
    return Finding(
        code="MEMORIZATION",
        severity="warning",
        message=(
            f"Training loss falls from {first:.4g} to {end:.4g}, and validation loss hardly follows: it begins at "
            f"{validation[0]:.4g}, and its best is {best:.4g}."
        ),
        evidence={
            "train_loss_first": first,
            "train_loss_end": end,
            "val_loss_first": float(validation[0]),
            "val_loss_best": best,
            "carried": carried,
        },
        advice=(
            "The model learns the training examples by heart, not what they have in common with others. Look whether "
            "features and labels belong together and both splits come from one source; then try more data, a smaller "
            "model, L2 or dropout."
        ),
    )
