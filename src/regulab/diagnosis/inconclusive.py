"""Why a history does not tell whether its training is healthy."""

from __future__ import annotations

import numpy as np

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.turning_point import SHORTEST, turning
from regulab.histories.history import History

#: Doubts that need a sentence of their own: no other part of a diagnosis explains them.
EXPLAINED = {
    "too noisy": (
        "Whether the model overfits: validation loss jumps so much from epoch to epoch that a rise of a tenth could "
        "be there and not be seen. Validate on more examples, train with several seeds, or let the learning rate fall."
    ),
    "validation loss is zero in every epoch": (
        "Whether the model overfits: no model is sure of every validation example from the first epoch on. Look at the "
        "labels, and at the last layer: softmax over a single unit always answers 1, whatever the example; a single "
        "unit needs sigmoid and binary cross-entropy."
    ),
    "rises slightly": (
        "Whether the model overfits: validation loss has risen from its best, by too little or in too few epochs to "
        "count, while training loss fell by a quarter or more. On other examples, and without a penalty if there is "
        "one, it may have risen by a tenth, or not at all. Validate on more examples, or train for longer."
    ),
    "validation loss rises, but training loss does not fall": (
        "Whether the model overfits: a model that learns its training examples by heart gets better at them. Look "
        "for a learning rate that is too high, and for validation examples of another kind."
    ),
}


def doubt(history: History) -> str:
    """Why it cannot be told whether the model overfits, in a few words; empty where it can.

    Example:
        >>> doubt(History("log.csv", 0, {"loss": (0.6, 0.4, 0.3, 0.2, 0.1)}))
        'no validation loss'
    """
    losses = evidence(history)
    measured = int(np.isfinite(losses.validation).sum())
    if not losses.validation.size:
        return "no validation loss" if losses.training.size else "no loss"
    if not measured:
        return "validation loss is never a number"
    if not losses.validation[np.isfinite(losses.validation)].any():
        return "validation loss is zero in every epoch"
    if measured < SHORTEST:
        return "too few epochs"
    turn = turning(losses.validation, losses.training)
    return turn.doubt if turn is not None else ""
