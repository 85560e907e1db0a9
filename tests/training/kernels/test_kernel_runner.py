"""The kernels train the same as Keras's own steps, for everything that they support."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.sparse import csr_array

from regulab.data.dataset import Dataset, Split
from regulab.training import backends
from regulab.training.compatibility import data_for_model
from regulab.training.data_loss import data_loss
from regulab.training.engine import Engine
from regulab.training.kernels import threads
from regulab.training.members import build_members
from regulab.variants import l1_l2, label_smoothing, train_size, weight_decay, width

FEATURES, BATCH, EPOCHS = 12, 16, 2
Dense, Dropout = keras.layers.Dense, keras.layers.Dropout


def make_data(labels: str, *, sparse: bool = False, weights: bool = False, multi_hot: bool = False) -> Dataset:
    rng = np.random.default_rng(5)

    def split(rows: int) -> Split:
        x = (rng.random((rows, FEATURES)) * (rng.random((rows, FEATURES)) < 0.4)).astype(np.float32)
        if multi_hot:
            x = np.ceil(x)
        y = {
            "binary": lambda: rng.integers(0, 2, rows),
            "several": lambda: rng.integers(0, 2, (rows, 3)).astype(np.float32),
            "classes": lambda: rng.integers(0, 3, rows),
            "one-hot": lambda: np.eye(3, dtype=np.float32)[rng.integers(0, 3, rows)],
            "number": lambda: rng.normal(size=rows).astype(np.float32),
        }[labels]()
        weight = rng.uniform(0.2, 2, rows).astype(np.float32) if weights else None
        return Split(csr_array(x) if sparse else x, y, weight)

    return Dataset(name="data", train=split(75), validation=split(33), test=split(21))


def sequential(*layers, loss, optimizer="adam", metrics=(), weighted_metrics=()):
    def build():
        model = keras.Sequential([keras.Input((FEATURES,)), *[type(la).from_config(la.get_config()) for la in layers]])
        built = optimizer if isinstance(optimizer, str) else optimizer()
        model.compile(built, loss, metrics=list(metrics), weighted_metrics=list(weighted_metrics))
        return model

    return build


def functional():
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Activation("tanh")(Dense(6)(inputs))
    hidden = keras.layers.ReLU()(Dense(5, use_bias=False)(Dropout(0.3, seed=4)(hidden)))
    model = keras.Model(inputs, Dense(1, activation="sigmoid")(hidden))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "binary_crossentropy", "mae", "mse"])
    return model


def decayed():
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


losses = keras.losses
penalty = keras.regularizers.L1L2(0.01, 0.02)
MODELS = {
    "functional": ("binary", functional),
    "several outputs": ("several", sequential(Dense(5, "sigmoid"), Dense(3, "sigmoid"), loss="binary_crossentropy")),
    "logits": (
        "binary",
        sequential(Dense(4, "relu"), Dense(1), loss=losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"]),
    ),
    "class logits": (
        "classes",
        sequential(Dense(3), loss=losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]),
    ),
    "one-hot": (
        "one-hot",
        sequential(
            Dense(4, "tanh"),
            Dense(3, "softmax"),
            loss=losses.CategoricalCrossentropy(label_smoothing=0.1),
            metrics=["accuracy", "categorical_crossentropy"],
        ),
    ),
    "regression": (
        "number",
        sequential(
            Dense(4, "relu", kernel_regularizer=penalty, bias_regularizer=penalty),
            Dense(1),
            loss="mse",
            optimizer="rmsprop",
            metrics=["mae"],
            weighted_metrics=["mse"],
        ),
    ),
    "absolute": (
        "number",
        sequential(Dense(1), loss="mae", optimizer=lambda: keras.optimizers.SGD(0.05, momentum=0.8), metrics=["mse"]),
    ),
    # From 33 columns on, the gradient of the first kernels is computed in another way.
    "wide": (
        "binary",
        sequential(Dense(40, "relu", kernel_regularizer="l2"), Dense(1, "sigmoid"), loss="binary_crossentropy"),
    ),
    "deep dropout": (
        "binary",
        sequential(
            Dense(8, "relu"),
            Dropout(0.5, seed=1),
            Dense(6, "relu"),
            Dropout(0.25, seed=2),
            Dense(1, "sigmoid"),
            loss="binary_crossentropy",
            optimizer=decayed,
        ),
    ),
}


def train(build, data: Dataset, *, variants=(), seeds=(0,), class_weight=None):
    members = build_members(build, data, variants=variants, seeds=seeds)
    data = data_for_model(data, members[0].model)
    engine = Engine(members, data, measure=data_loss(members[0].model), batch_size=BATCH, class_weight=class_weight)
    for _ in range(EPOCHS):
        engine.train_epoch()
    return engine, data


def weights_of(engine: Engine) -> dict[str, list[np.ndarray]]:
    """Each member's current weights, by its key."""
    return {
        member.key: runner.weights(index) for runner in engine.runners for index, member in enumerate(runner.members)
    }


def assert_trains_as_keras_does(build, data, monkeypatch, **options) -> None:
    kernels, fitted = train(build, data, **options)
    assert set(kernels.backends.values()) == {"compiled kernels"}
    monkeypatch.setattr(backends, "choose", lambda model, data: (None, "this test"))
    lockstep, _ = train(build, data, **options)
    for key, progress in lockstep.progress.items():
        ours = kernels.progress[key].measures
        assert set(ours) == set(progress.measures)
        for name, values in progress.measures.items():
            np.testing.assert_allclose(ours[name], values, rtol=2e-4, atol=2e-5, err_msg=f"{key} {name}")
    trained = weights_of(kernels)
    for key, weights in weights_of(lockstep).items():
        for ours, theirs in zip(trained[key], weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-4, err_msg=key)
    test_losses = kernels.losses(fitted.test)
    for key, values in lockstep.losses(fitted.test).items():
        np.testing.assert_allclose(test_losses[key], values, rtol=2e-3, atol=2e-4, err_msg=key)


@pytest.mark.slow
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("kind", MODELS)
def test_kernels_train_as_keras_does(kind: str, sparse: bool, monkeypatch) -> None:
    labels, build = MODELS[kind]
    assert_trains_as_keras_does(build, make_data(labels, sparse=sparse, weights=kind != "one-hot"), monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    "units", [3, 40, 600], ids=["scattered gradients", "threads split features", "threads split blocks"]
)
@pytest.mark.parametrize("multi_hot", [False, True], ids=["arbitrary values", "multi-hot"])
def test_two_threads_train_as_keras_does(units: int, multi_hot: bool, monkeypatch) -> None:
    monkeypatch.setattr(threads, "count_for", lambda multiplications: 2)
    layers = Dense(units, "relu", kernel_regularizer="l2"), Dense(5, "relu"), Dense(1, "sigmoid")
    build = sequential(*layers, loss="binary_crossentropy", metrics=["accuracy"])
    assert_trains_as_keras_does(build, make_data("binary", sparse=True, multi_hot=multi_hot), monkeypatch)


@pytest.mark.slow
def test_variants_and_seeds_trained_together_train_as_keras_does(monkeypatch) -> None:
    build = sequential(
        Dense(4, "relu"), Dense(4, "relu"), Dense(1, "sigmoid"), loss="binary_crossentropy", metrics=["accuracy"]
    )
    variants = [width(3), l1_l2(0.001, 0.01), label_smoothing(0.1), weight_decay(0.01), train_size(0.5)]
    options = {"variants": variants, "seeds": (0, 1), "class_weight": {0: 1.0, 1: 2.5}}
    assert_trains_as_keras_does(build, make_data("binary", sparse=True), monkeypatch, **options)


@pytest.mark.slow
def test_wide_models_with_dropout_train_as_keras_does(monkeypatch) -> None:
    # Several batches are then measured at once, each with its own dropout masks.
    layers = Dense(200, "relu"), Dropout(0.5, seed=1), Dense(1, "sigmoid")
    assert_trains_as_keras_does(
        sequential(*layers, loss="binary_crossentropy"), make_data("binary", sparse=True), monkeypatch
    )


def test_members_whose_update_rules_differ_get_a_runner_each() -> None:
    data = make_data("binary")
    rates = iter([0.9, 0.5])

    def build():
        model = keras.Sequential([keras.Input((FEATURES,)), Dense(1, "sigmoid")])
        model.compile(keras.optimizers.Adam(beta_1=next(rates)), "binary_crossentropy")
        return model

    engine, _ = train(build, data, seeds=(0, 1))
    assert len(engine.runners) == 2
    assert [len(runner.members) for runner in engine.runners] == [1, 1]


def test_a_restored_state_continues_exactly_like_the_original() -> None:
    build, data = MODELS["deep dropout"][1], make_data("binary", sparse=True)
    original, _ = train(build, data)
    restored, _ = train(build, data)
    state = {name: array.copy() for name, array in original.runners[0].state().items()}
    original.train_epoch()
    expected = weights_of(original)
    restored.runners[0].restore(state)
    restored.train_epoch()
    trained = weights_of(restored)
    for key, weights in expected.items():
        for ours, theirs in zip(trained[key], weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_divergence_shows_as_nan_or_infinity() -> None:
    build = sequential(Dense(4, "relu"), Dense(1), loss="mse", optimizer=lambda: keras.optimizers.SGD(1e12))
    engine, _ = train(build, make_data("number"))
    (progress,) = engine.progress.values()
    assert not np.isfinite(progress.measures["val_data_loss"][-1])


def test_checkpoints_keep_their_names() -> None:
    # Were one renamed, a run begun with an earlier version could not be resumed.
    engine, _ = train(MODELS["deep dropout"][1], make_data("binary", sparse=True))
    names = {"first", "first_1", "first_2", "rest", "rest_1", "rest_2", "seeds", "penalties", "step"}
    assert set(engine.runners[0].state()) == names
