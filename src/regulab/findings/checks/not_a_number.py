"""NOT-A-NUMBER: a loss became NaN or infinite."""

from __future__ import annotations

import math
from itertools import pairwise

from regulab.findings.finding import Finding
from regulab.histories.history import History

# regulab measures its own after every epoch; a log of another tool may have left epochs out.
_OWN = ("train_data_loss", "val_data_loss")
_LOGGED = ("loss", "val_loss")


def check(history: History) -> Finding | None:
    """Look for the first epoch at which a loss is not a finite number.

    In a log, NaN can also mean that nothing was measured. It counts where a measure goes missing for good
    although its turn had come, or where all of the training loss is NaN.
    """
    for measure in (*_OWN, *_LOGGED):
        values = history.measures.get(measure, ())
        epoch = _first(values) if measure in _OWN else _first_for_good(values, training=measure == "loss")
        if epoch is not None:
            split = "Training" if measure in ("train_data_loss", "loss") else "Validation"
            return Finding(
                code="NOT-A-NUMBER",
                severity="error",
                message=f"{split} loss is {values[epoch]} after epoch {epoch + 1}.",
                evidence={"epoch": epoch},
                advice=(
                    "Nothing that was learned after this epoch is of use. Lower the learning rate, clip gradients "
                    "(clipnorm=1.0 in the optimizer), and look for missing values and very large features in the data."
                ),
            )
    return None


def _first(values: tuple[float, ...]) -> int | None:
    return next((epoch for epoch, value in enumerate(values) if not math.isfinite(value)), None)


def _first_for_good(values: tuple[float, ...], *, training: bool) -> int | None:
    infinite = next((epoch for epoch, value in enumerate(values) if math.isinf(value)), None)
    finite = [epoch for epoch, value in enumerate(values) if math.isfinite(value)]
    if infinite is not None:
        return infinite
    if not finite:
        return 0 if training and values else None
    # Validation may run every k epochs only.
    step = max((later - earlier for earlier, later in pairwise(finite)), default=finite[0] + 1)
    return finite[-1] + step if finite[-1] + step < len(values) else None
