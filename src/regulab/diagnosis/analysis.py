"""Which curves of a history may be judged, and what it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulab.histories.history import History

#: Metrics that are a loss without penalty, wherever a log has them beside the loss.
_CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_ERRORS = ("mse", "mean_squared_error", "mae", "mean_absolute_error", "msle", "mean_squared_logarithmic_error")
_LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class Evidence:
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


def evidence(history: History) -> Evidence:
    """The losses to judge: regulab's own, else a loss among the metrics, else `loss` and `val_loss`."""
    measures = history.measures
    if {"train_data_loss", "val_data_loss"} & measures.keys():
        return _of(history, "train_data_loss", "val_data_loss", penalty_free=True, inference=True)
    for name in (*_CROSSENTROPIES, *_ERRORS):
        if {name, f"val_{name}"} <= measures.keys() and (name in _CROSSENTROPIES or _is_the_loss(history, name)):
            return _of(history, name, f"val_{name}", penalty_free=True, inference=False)
    return _of(history, "loss", "val_loss", penalty_free=False, inference=False)


def _of(history: History, training: str, validation: str, *, penalty_free: bool, inference: bool) -> Evidence:
    first, second = (tamed(history.measures.get(name, ())) for name in (training, validation))
    return Evidence(first, second, (training, validation), penalty_free, inference)


def tamed(values: Any) -> np.ndarray:
    """The values as floats, the finite ones within bounds that differences and squares of them do not leave."""
    floats = np.asarray(values, dtype=float)
    return np.where(np.isfinite(floats), np.clip(floats, -_LARGEST, _LARGEST), floats)


def _is_the_loss(history: History, name: str) -> bool:
    """Whether a metric is the loss but for a penalty: it then lies as far below the loss on both splits.

    An error such as MSE may as well be a second opinion on a model trained with another loss.
    """
    if not {"loss", "val_loss"} <= history.measures.keys():
        return False
    above = [
        tamed(history.measures[f"{split}loss"]) - tamed(history.measures[f"{split}{name}"]) for split in ("", "val_")
    ]
    both = np.isfinite(above[0]) & np.isfinite(above[1])
    if not both.any():
        return False
    training, validation = above[0][both], above[1][both]
    level = float(np.median(np.abs(tamed(history.measures["val_loss"])[both])))
    slack = 1e-5 * level + 0.25 * float(np.median(np.abs(validation)))
    return bool(validation.min() >= -1e-5 * level and np.median(np.abs(training - validation)) <= slack)


def accuracy(history: History) -> np.ndarray | None:
    """Validation accuracy after every epoch, or None where the history has none."""
    for name, values in history.measures.items():
        words = name.split("_")
        if words[0] == "val" and ("accuracy" in words or "acc" in words):
            return np.asarray(values, dtype=float)
    return None


def unknown(history: History) -> tuple[str, ...]:
    """What a history cannot tell, one sentence each."""
    found = evidence(history)
    told = []
    if not found.training.size and not found.validation.size:
        told.append("Whether the model overfits: the log has no loss.")
    elif not found.validation.size:
        told.append("Whether the model overfits: the log has no validation loss. Pass validation_data=... to fit.")
    elif not found.training.size:
        told.append("Whether the model overfits or diverges: the log has no training loss.")
    if np.isfinite(found.validation).any() and not found.penalty_free:
        told.append(
            "What the loss is without a penalty: if the model has L1 or L2, it is part of loss and val_loss, and a "
            "shrinking penalty can hide overfitting. Compile with the loss as a metric, too, such as "
            'metrics=["binary_crossentropy"].'
        )
    if np.isfinite(found.training).any() and not found.inference:
        told.append(
            "How large the gap between training and validation really is: the training loss is a mean over the epoch "
            "with dropout on. A study run by regulab measures it with dropout off, too."
        )
    return tuple(told)
