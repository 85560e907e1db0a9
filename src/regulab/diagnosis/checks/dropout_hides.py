"""DROPOUT-HIDES-GAP: dropout raises the training curve and so hides how far validation lies above it."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import tamed
from regulab.diagnosis.finding import Finding
from regulab.histories.history import History

# The gap is worth a word from this share of the validation loss, if dropout hides this share of it.
GAP, HIDDEN = 0.1, 0.5


def check(history: History) -> Finding | None:
    """At the best epoch, hold what dropout adds to the training loss against the gap without it.

    Does not apply to histories without a training loss both with dropout and without.
    """
    names = ("train_data_loss", "noisy_data_loss", "val_data_loss")
    best = history.best_epoch if set(names) <= history.measures.keys() else None
    if best is None:
        return None
    around = slice(max(best - 1, 0), best + 2)
    table = tamed([history.measures[name][around] for name in names])
    if not np.isfinite(table).all():
        return None
    plain, noisy, validation = (float(each) for each in np.median(table, axis=1))
    gap, added = validation - plain, noisy - plain
    if not (gap >= GAP * abs(validation) and gap > 0 and added >= HIDDEN * gap):
        return None
    return Finding(
        code="DROPOUT-HIDES-GAP",
        severity="info",
        message=(
            f"Around the best epoch, {best + 1}, validation loss is {gap:.4g} above training loss with dropout off, "
            f"but dropout adds {added:.4g} to the training curve, which leaves {gap - added:.4g} of it to be seen."
        ),
        evidence={"gap": gap, "added_by_dropout": added, "best_epoch": best},
        advice=(
            "Do not read the gap off the training curve that fit prints: dropout is on there and off in validation. "
            "Nothing is wrong with the model; compare data_loss, or evaluate the model on the training examples."
        ),
    )
