"""A convolutional and a recurrent model for scikit-learn's digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BATCH = 32
KINDS = ("convolutional", "recurrent")
#: The variants of both studies: penalty and dropout of each hidden layer.
VARIANTS = {"baseline": (0.0, 0.0), "l2": (0.001, 0.0), "dropout": (0.0, 0.5)}


def data_of(kind: str) -> Any:
    """The digits as images, or as sequences of eight rows."""
    import regulab as rl

    images = rl.data.digits(flat=False)
    if kind == "convolutional":
        return images
    train, held = images.train, images.validation
    shape = (-1, 8, 8)
    return rl.data.arrays(
        train.x.reshape(shape), train.y, validation=(held.x.reshape(shape), held.y), name="digits by rows"
    )


def builder(kind: str, penalty: float = 0.0, rate: float = 0.0) -> Callable[[], Any]:
    """A function that builds the compiled model, with an L2 penalty and dropout on its hidden layers."""

    def build() -> Any:
        import keras

        layers = keras.layers

        def hidden(layer: Any, **settings: Any) -> list[Any]:
            kernel = keras.regularizers.L2(penalty) if penalty else None
            made = layer(**settings, kernel_regularizer=kernel)
            return [made, layers.Dropout(rate)] if rate else [made]

        if kind == "convolutional":
            body = [
                keras.Input((8, 8, 1)),
                *hidden(layers.Conv2D, filters=16, kernel_size=3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                *hidden(layers.Dense, units=32, activation="relu"),
            ]
        else:
            body = [keras.Input((8, 8)), *hidden(layers.GRU, units=32)]
        model = keras.Sequential([*body, layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return build
