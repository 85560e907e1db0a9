from __future__ import annotations

import keras
import numpy as np
import pytest

from regulab.data.dataset import Dataset, Split, Stream
from regulab.training import backends

Dense = keras.layers.Dense
DATA = Dataset(
    name="data",
    train=Split(np.zeros((4, 3), np.float32), np.zeros((4, 1), np.float32)),
    validation=Split(np.ones((4, 3), np.float32), np.zeros((4, 1), np.float32)),
)


def model(*layers, optimizer="adam", loss="binary_crossentropy", **settings):
    built = keras.Sequential([keras.Input((3,)), *layers])
    built.compile(optimizer, loss, **settings)
    return built


class OwnStep(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)


def own_step():
    built = OwnStep([keras.Input((3,)), Dense(1, "sigmoid")])
    built.compile("adam", "binary_crossentropy")
    return built


def forked():
    inputs = keras.Input((3,))
    hidden = Dense(2)(inputs)
    built = keras.Model(inputs, Dense(1, "sigmoid")(keras.layers.Add()([hidden, Dense(2)(hidden)])))
    built.compile("adam", "binary_crossentropy")
    return built


head = lambda **settings: Dense(1, "sigmoid", **settings)  # noqa: E731
optimizers = keras.optimizers
UNSUPPORTED = {
    "a layer BatchNormalization": lambda: model(Dense(2), keras.layers.BatchNormalization(), head()),
    "a layer Dropout": lambda: model(keras.layers.Dropout(0.1), head()),
    "activation gelu": lambda: model(Dense(2, "gelu"), head()),
    "a constraint": lambda: model(head(kernel_constraint="max_norm")),
    "an activity regularizer": lambda: model(head(activity_regularizer="l2")),
    "a frozen layer": lambda: model(Dense(2, trainable=False), head()),
    "dropout after the output layer": lambda: model(head(), keras.layers.Dropout(0.1)),
    "regularizer OrthogonalRegularizer": lambda: model(
        head(kernel_regularizer=keras.regularizers.OrthogonalRegularizer())
    ),
    "optimizer Nadam": lambda: model(head(), optimizer="nadam"),
    "amsgrad": lambda: model(head(), optimizer=optimizers.Adam(amsgrad=True)),
    "an optimizer with clipnorm": lambda: model(head(), optimizer=optimizers.Adam(clipnorm=1.0)),
    "an optimizer with use_ema": lambda: model(head(), optimizer=optimizers.Adam(use_ema=True)),
    "RMSprop that is centered or has momentum": lambda: model(head(), optimizer=optimizers.RMSprop(momentum=0.1)),
    "loss hinge": lambda: model(head(), loss="hinge"),
    "loss binary_crossentropy on that last activation": lambda: model(Dense(1)),
    "loss_weights": lambda: model(head(), loss_weights=[2.0]),
    "metric auc": lambda: model(head(), metrics=[keras.metrics.AUC(name="auc")]),
    "run_eagerly=True": lambda: model(head(), run_eagerly=True),
    "a subclassed model": own_step,
    "layers that do not follow one another": forked,
}


@pytest.mark.parametrize("reason", UNSUPPORTED)
def test_keras_trains_what_the_kernels_do_not_support_and_the_reason_is_given(reason: str) -> None:
    spec, received = backends.choose(UNSUPPORTED[reason](), DATA)
    assert spec is None
    assert received == reason


def test_the_kernels_train_a_chain_of_dense_layers() -> None:
    spec, reason = backends.choose(model(Dense(2, "relu", kernel_regularizer="l2"), head(), metrics=["accuracy"]), DATA)
    assert reason == ""
    assert spec is not None
    assert [layer.units for layer in spec.layers] == [2, 1]
    assert spec.layers[0].kernel_penalty == (0.0, pytest.approx(0.01))
    assert [name for name, _, _ in spec.metrics] == ["accuracy"]


def test_keras_trains_on_a_stream() -> None:
    assert backends.choose(model(head()), Dataset(name="s", train=Stream([]), validation=Stream([]))) == (
        None,
        "a stream of batches",
    )


def test_keras_trains_everything_where_numba_is_not_installed(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert backends.choose(model(head()), DATA) == (None, "Numba is not installed")
