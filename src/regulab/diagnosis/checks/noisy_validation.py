"""NOISY-VALIDATION: validation loss jumps so much from epoch to epoch that the best epoch is luck."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import noise_of
from regulab.histories.history import History

# Of a single epoch, as a share of the level, from this number of epochs on.
NOISE, SHORTEST = 0.045, 8


def check(history: History) -> Finding | None:
    """Hold the noise of an epoch against the level of the loss.

    Does not apply to fewer than eight epochs with a finite validation loss.
    """
    validation = evidence(history).validation
    values = validation[np.isfinite(validation)]
    if len(values) < SHORTEST:
        return None
    noise, level = noise_of(values), float(np.median(values[len(values) // 2 :]))
    # A loss that has fallen to nearly nothing may flicker there.
    if noise < NOISE * abs(level) or noise < 0.01 * (values[0] - values.min()) or noise == 0:
        return None
    return Finding(
        code="NOISY-VALIDATION",
        severity="info",
        message=(
            f"Validation loss jumps by about {noise:.4g} from epoch to epoch, at a level of {level:.4g}: "
            "which epoch is best is largely luck."
        ),
        evidence={"noise": noise, "val_loss": level, "share": noise / abs(level) if level else float("inf")},
        advice=(
            "Lower the learning rate or let it fall, use a larger batch or a moving average of the weights "
            "(use_ema=True), and validate on more examples. Do not choose an epoch by a single low point."
        ),
    )
