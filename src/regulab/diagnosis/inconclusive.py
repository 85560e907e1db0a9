"""Why curves do not tell whether a model overfits."""

from __future__ import annotations

from enum import StrEnum


class Inconclusive(StrEnum):
    """Why it cannot be told whether a model overfits; the values stand in JSON and in the terminal."""

    NO_LOSS = "no loss"
    NO_VALIDATION_LOSS = "no validation loss"
    NO_TRAINING_LOSS = "no training loss"
    NEVER_FINITE = "validation loss is never a number"
    ALWAYS_ZERO = "validation loss is zero in every epoch"
    TOO_FEW_EPOCHS = "too few epochs"
    TOO_NOISY = "too noisy"
    RISES_SLIGHTLY = "rises slightly"
    TRAINING_DOES_NOT_FALL = "validation loss rises, but training loss does not fall"
    NEITHER_LOSS_FALLS = "neither loss falls"
