from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _compiled(model: Any) -> Any:
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def _dense() -> Any:
    import keras
    from keras import layers as kl

    hidden = [kl.Dense(16, activation="relu", name="one"), kl.Dense(8, activation="relu", name="two")]
    return keras.Sequential([keras.Input((10,)), *hidden, kl.Dense(1, activation="sigmoid", name="out")])


def _skip() -> Any:
    import keras
    from keras import layers as kl

    x = keras.Input((6,), name="features")
    one = kl.Dense(8, activation="relu", name="one")(x)
    two = kl.Dense(8, activation="relu", name="two")(one)
    y = kl.Add(name="add")([one, two])
    y = kl.Dense(1, name="out")(keras.ops.tanh(y))
    return keras.Model(x, kl.Activation("sigmoid", name="last")(y))


def _conv() -> Any:
    import keras
    from keras import layers as kl

    body = [kl.Conv2D(8, 3, activation="relu", name="one"), kl.MaxPooling2D(name="pool"), kl.Flatten(name="flat")]
    head = [kl.Dense(4, activation="relu", name="two"), kl.Dense(1, activation="sigmoid", name="out")]
    return keras.Sequential([keras.Input((8, 8, 1)), *body, *head])


def _lstm() -> Any:
    import keras
    from keras import layers as kl

    body = [kl.Embedding(20, 4, name="words"), kl.LSTM(6, return_sequences=True, name="one"), kl.LSTM(4, name="two")]
    return keras.Sequential([keras.Input((5,), dtype="int32"), *body, kl.Dense(1, activation="sigmoid", name="out")])


def _batch_norm() -> Any:
    import keras
    from keras import layers as kl

    block = [kl.Dense(8, use_bias=False, name="one"), kl.BatchNormalization(name="norm"), kl.ReLU(name="relu")]
    head = [kl.Dense(1, name="out"), kl.BatchNormalization(name="out_norm"), kl.Activation("sigmoid", name="last")]
    return keras.Sequential([keras.Input((6,)), *block, *head])


MODELS: dict[str, Callable[[], Any]] = {
    "dense": _dense,
    "skip": _skip,
    "conv": _conv,
    "lstm": _lstm,
    "batch_norm": _batch_norm,
}


@pytest.fixture(scope="session")
def models() -> dict[str, Any]:
    """Compiled models of several kinds, one of each: no variant changes the model that it is given."""
    return {name: _compiled(make()) for name, make in MODELS.items()}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, models: dict[str, Any]) -> Any:
    return models[request.param]


@pytest.fixture
def dense(models: dict[str, Any]) -> Any:
    return models["dense"]


def inputs(model: Any, rows: int = 4) -> Any:
    """Some inputs that the model takes."""
    import numpy as np

    return np.random.default_rng(0).integers(0, 3, (rows, *model.input_shape[1:])).astype(model.inputs[0].dtype)


@pytest.fixture
def some_inputs() -> Callable[..., Any]:
    return inputs


def names(model: Any) -> list[str]:
    return [layer.name for layer in model.layers]


@pytest.fixture
def layer_names() -> Callable[[Any], list[str]]:
    return names
