"""Which losses of a history the checks judge, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulab.histories.history import History

#: Metrics that are a loss without penalty, wherever a log has them alongside the loss.
_CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_ERRORS = ("mse", "mean_squared_error", "mae", "mean_absolute_error", "msle", "mean_squared_logarithmic_error")
_LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class JudgedLosses:
    """The best training and validation loss that a history has.

    Attributes:
        training: After every epoch, NaN where it was not measured; empty where it never was.
        validation: Likewise.
        names: The measures that these are.
        penalty_free: Whether both are known to be without penalty and label smoothing.
        inference: Whether the training loss was taken after the epoch, with dropout off.
    """

    training: np.ndarray
    validation: np.ndarray
    names: tuple[str, str]
    penalty_free: bool
    inference: bool


def judged_losses(history: History) -> JudgedLosses:
    """The losses to judge: regulab's own, else a loss among the metrics, else `loss` and `val_loss`.

    Example:
        >>> judged_losses(History("log.csv", 0, {"loss": (0.6, 0.4), "val_loss": (0.6, 0.5)})).names
        ('loss', 'val_loss')
    """
    measures = history.measures
    if {"train_data_loss", "val_data_loss"} & measures.keys():
        return _judged(history, "train_data_loss", "val_data_loss", penalty_free=True, inference=True)
    for name in (*_CROSSENTROPIES, *_ERRORS):
        if {name, f"val_{name}"} <= measures.keys() and (name in _CROSSENTROPIES or _is_the_loss(history, name)):
            return _judged(history, name, f"val_{name}", penalty_free=True, inference=False)
    return _judged(history, "loss", "val_loss", penalty_free=False, inference=False)


def clipped(values: Any) -> np.ndarray:
    """The values as floats, the finite ones within bounds that their differences and squares do not leave."""
    floats = np.asarray(values, dtype=float)
    return np.where(np.isfinite(floats), np.clip(floats, -_LARGEST, _LARGEST), floats)


def validation_accuracy(history: History) -> np.ndarray | None:
    """Validation accuracy after every epoch, or None where the history has none."""
    for name, values in history.measures.items():
        words = name.split("_")
        if words[0] == "val" and ("accuracy" in words or "acc" in words):
            return np.asarray(values, dtype=float)
    return None


def _judged(history: History, training: str, validation: str, *, penalty_free: bool, inference: bool) -> JudgedLosses:
    return JudgedLosses(
        clipped(history.measures.get(training, ())),
        clipped(history.measures.get(validation, ())),
        (training, validation),
        penalty_free,
        inference,
    )


def _is_the_loss(history: History, name: str) -> bool:
    """Whether a metric is the loss except for a penalty: it then lies as far below the loss on both splits.

    An error such as MSE may also be a second opinion on a model trained with another loss.
    """
    if not {"loss", "val_loss"} <= history.measures.keys():
        return False
    above = [
        clipped(history.measures[f"{split}loss"]) - clipped(history.measures[f"{split}{name}"])
        for split in ("", "val_")
    ]
    both = np.isfinite(above[0]) & np.isfinite(above[1])
    if not both.any():
        return False
    training, validation = above[0][both], above[1][both]
    level = float(np.median(np.abs(clipped(history.measures["val_loss"])[both])))
    slack = 1e-5 * level + 0.25 * float(np.median(np.abs(validation)))
    return bool(validation.min() >= -1e-5 * level and np.median(np.abs(training - validation)) <= slack)
