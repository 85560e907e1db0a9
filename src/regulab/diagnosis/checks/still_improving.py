"""STILL-IMPROVING: training stopped while validation loss was falling, so its turn is not known yet."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import gained
from regulab.histories.history import History


def check(history: History) -> Finding | None:
    """See whether the last fifth of the epochs brought more than noise explains.

    Does not apply to histories without a validation loss, of a single epoch, or that end without a number.
    """
    validation = evidence(history).validation
    values = validation[np.isfinite(validation)]
    if len(values) < 2 or not np.isfinite(validation[-_step(validation) :]).any():
        return None
    share = gained(values)
    if not share > 0:
        return None
    recent = max(1, len(values) // 5)
    before, after = float(np.median(values[-2 * recent : -recent])), float(np.median(values[-recent:]))
    what = "epoch" if recent == 1 else f"{recent} epochs"
    return Finding(
        code="STILL-IMPROVING",
        severity="info",
        message=f"Validation loss is still falling: from {before:.4g} to {after:.4g} in the last {what}.",
        evidence={"val_loss_before": before, "val_loss_last": after, "gained": share},
        advice=(
            "Train for more epochs before judging this model or comparing it with others: whether it will overfit "
            "is not known yet."
        ),
    )


def _step(validation: np.ndarray) -> int:
    """After how many epochs each validation comes."""
    finite = np.flatnonzero(np.isfinite(validation))
    return int(np.diff(finite).max(initial=1))
