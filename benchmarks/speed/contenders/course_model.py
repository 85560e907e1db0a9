"""The course's network in stock Keras."""

from __future__ import annotations

import os
from typing import Any


def course_model(words: int, units: int, *, l2: float = 0.0, dropout: float = 0.0, sparse: bool = False) -> Any:
    """Two hidden layers and one output, compiled as the course does it."""
    import keras

    def penalty() -> Any:
        return keras.regularizers.L2(l2) if l2 else None

    def noise() -> list[Any]:
        return [keras.layers.Dropout(dropout)] if dropout else []

    model = keras.Sequential(
        [
            keras.Input((words,), sparse=sparse),
            keras.layers.Dense(units, activation="relu", kernel_regularizer=penalty()),
            *noise(),
            keras.layers.Dense(units, activation="relu", kernel_regularizer=penalty()),
            *noise(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", "binary_crossentropy"])
    return model


def of_another_width() -> Any:
    """The network for `regulab run --model`, whose functions take no arguments."""
    return course_model(int(os.environ["SPEED_WORDS"]), int(os.environ["SPEED_UNITS"]))


#: Settings of the course's models by the names that regulab gives them.
MODELS: dict[str, dict[str, Any]] = {
    "baseline": {"units": 16},
    "smaller": {"units": 4},
    "bigger": {"units": 512},
    "l2": {"units": 16, "l2": 0.001},
    "dropout": {"units": 16, "dropout": 0.5},
}
