"""Models with one fingerprint are traced once, and train as they would alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.data.dataset import Dataset, Split
from regulab.models.fingerprint import step_fingerprint
from regulab.training.compatibility import data_for_model
from regulab.training.data_loss import data_loss
from regulab.training.engine import Engine
from regulab.training.members import build_members
from regulab.variants import dropout, l2

ROWS = 48


def convolutional(rate: float = 0.3, *, activation: str = "relu", optimizer: str = "adam", **options) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            kl.Conv2D(3, 3, activation=activation),
            kl.BatchNormalization(),
            kl.Dropout(rate),
            kl.Flatten(),
            kl.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")], **options)
    return model


def forked(units: int = 4) -> keras.Model:
    inputs = keras.Input((6, 6, 1))
    flat = kl.Flatten()(inputs)
    outputs = kl.Dense(1)(kl.add([kl.Dense(units)(flat), kl.Dense(units, activation="tanh")(flat)]))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 4, 0.5), momentum=0.9), "mse")
    return model


def recurrent() -> keras.Model:
    model = keras.Sequential([keras.Input((6, 6)), kl.GRU(3, dropout=0.2), kl.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9), "binary_crossentropy")
    return model


def data(*shape: int) -> Dataset:
    rng = np.random.default_rng(0)

    def split() -> Split:
        x = rng.normal(size=(ROWS, *shape)).astype("float32")
        return Split(x, (x.reshape(ROWS, -1)[:, 0] > 0).astype("int64"), rng.uniform(0.5, 2, ROWS).astype("float32"))

    return Dataset(name="shared", train=split(), validation=split())


def train(members, fitted: Dataset) -> dict[str, dict[str, list[float]]]:
    engine = Engine(members, fitted, measure=data_loss(members[0].model), batch_size=16)
    for _ in range(2):
        engine.train_epoch()
    return {key: progress.measures for key, progress in engine.progress.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "shape"),
    [(convolutional, (6, 6, 1)), (forked, (6, 6, 1)), (recurrent, (6, 6))],
    ids=["convolutional", "forked", "recurrent"],
)
def test_members_that_share_a_trace_train_as_they_do_alone(build, shape, monkeypatch) -> None:
    steps = []
    step = keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda self, given: steps.append(self) or step(self, given))
    fitted = data_for_model(data(*shape), build())
    variants, seeds = (l2(0.01), dropout(0.5)), (0, 1)
    together = train(build_members(build, fitted, variants=variants, seeds=seeds), fitted)
    assert len(steps) == 3, "one trace for each variant"
    # Those of the other seed are the ones that were traced.
    for member in build_members(build, fitted, variants=variants, seeds=seeds[1:]):
        (alone,) = train([member], fitted).values()
        for name, values in together[member.key].items():
            np.testing.assert_allclose(values, alone[name], rtol=1e-4, atol=1e-5, err_msg=f"{member.key} {name}")
    losses = {tuple(measures["loss"]) for measures in together.values()}
    assert len(losses) == len(together), "each has weights of its own"


@pytest.mark.parametrize("build", [convolutional, forked, recurrent])
def test_models_of_one_function_share_a_fingerprint(build) -> None:
    assert step_fingerprint(build()) == step_fingerprint(build()) is not None


def test_what_a_step_depends_on_changes_the_fingerprint() -> None:
    frozen, penalized = convolutional(), convolutional()
    frozen.layers[0].trainable = False
    penalized.layers[0].kernel_regularizer = keras.regularizers.L2(0.1)
    models = [
        convolutional(),
        convolutional(0.4),
        convolutional(activation="tanh"),
        convolutional(optimizer="sgd"),
        convolutional(loss_weights=0.5),
        frozen,
        penalized,
        forked(),
        forked(5),
    ]
    prints = [step_fingerprint(model) for model in models]
    assert None not in prints
    assert len(set(prints)) == len(models)


@pytest.mark.parametrize("carried", ["decay", "regularizer", "constraint"])
def test_what_only_variables_carry_changes_the_fingerprint(carried: str) -> None:
    plain, other = (small(optimizer=keras.optimizers.AdamW(weight_decay=0.1)) for _ in range(2))
    if carried == "decay":
        optimizer = keras.optimizers.AdamW(weight_decay=0.1)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        other = small(optimizer=optimizer)
    else:
        made = keras.regularizers.L2(0.1) if carried == "regularizer" else keras.constraints.MaxNorm(2)
        setattr(other.layers[0].kernel, carried, made)
    assert None not in (step_fingerprint(plain), step_fingerprint(other))
    assert step_fingerprint(plain) != step_fingerprint(other)


class Own(kl.Dense):
    """A layer of the user's."""


def own_loss(y, prediction):
    return keras.ops.mean((y - prediction) ** 2, axis=-1)


class OwnLoss(keras.losses.Loss):
    """A loss of the user's, as a class."""

    def call(self, y_true, y_pred):
        return own_loss(y_true, y_pred)


class OwnMetric(keras.metrics.Mean):
    """A metric of the user's."""


class OwnOptimizer(keras.optimizers.SGD):
    """An optimizer of the user's."""


def small(*layers: kl.Layer, loss="mse", optimizer="sgd", **options) -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), *layers, kl.Dense(1)])
    model.compile(optimizer, loss, **options)
    return model


def with_a_step_of_its_own() -> keras.Model:
    model = small()
    model.train_step = lambda given: keras.Model.train_step(model, given)
    return model


@pytest.mark.parametrize(
    "build",
    [
        lambda: small(Own(2)),
        lambda: small(kl.Lambda(lambda x: x + 1)),
        lambda: small(kl.Dense(2, activation=lambda x: x * 2)),
        lambda: small(kl.Normalization(mean=0.5, variance=2.0)),
        lambda: small(loss=own_loss),
        lambda: small(loss=OwnLoss()),
        lambda: small(metrics=[OwnMetric()]),
        lambda: small(metrics=[own_loss]),
        lambda: small(optimizer=OwnOptimizer(0.1)),
        with_a_step_of_its_own,
    ],
    ids=[
        "layer",
        "lambda",
        "activation",
        "preprocessing",
        "loss",
        "loss class",
        "metric",
        "metric function",
        "optimizer",
        "step",
    ],
)
def test_models_with_custom_code_have_no_step_fingerprint(build) -> None:
    assert step_fingerprint(build()) is None
