"""A member's history equals `model.fit`'s, given the same initial weights and the same order of batches."""

from __future__ import annotations

import hashlib
import json
from functools import cache

import keras
import numpy as np
import pytest
from scipy.sparse import csr_array

from regulab.data.dataset import Dataset, Split
from regulab.training import backends
from regulab.training.compatibility import data_for_model
from regulab.training.data_loss import data_loss
from regulab.training.engine import Engine
from regulab.training.members import build_members

EPOCHS, BATCH, FEATURES = 2, 16, 30
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.01),
    "adam accumulating": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
    "adam clipped": lambda: keras.optimizers.Adam(0.01, clipnorm=0.1),
    "amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.05),
    "scheduled": lambda: keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.02, 5, 0.8)),
}


#: Ways of training; what the kernels do not know is trained in lockstep only.
BOTH, LOCKSTEP = ("kernels", "lockstep"), ("lockstep",)


@pytest.fixture
def path(request, monkeypatch) -> None:
    """The way in which a test's members are trained."""
    choose = backends.choose

    def checked(model, data):
        if request.param == "lockstep":
            return None, "this test"
        plan, reason = choose(model, data)
        assert plan is not None, reason
        return plan, reason

    monkeypatch.setattr(backends, "choose", checked)


def by_every_path(name: str, cases, *, unknown=()):
    """Every case with every runner that there is for it."""
    pairs = [(case, path) for case in cases for path in (LOCKSTEP if case in unknown else BOTH)]
    return pytest.mark.parametrize((name, "path"), pairs, indirect=["path"])


KINDS = {
    "batch norm": {"norm": True},
    "plain": {"dropout": 0.0},
    "l2 and batch norm": {"l2": 0.1, "norm": True},
    "four classes": {"classes": 4},
}


def make_data(*, sparse: bool = False, classes: int = 2, weights: bool = False) -> Dataset:
    rng = np.random.default_rng(1)

    def split(rows: int) -> Split:
        x = rng.normal(size=(rows, FEATURES)).astype("float32")
        if sparse:
            x = (rng.random((rows, FEATURES)) < 0.2).astype("float32") * rng.integers(1, 4, (rows, FEATURES))
        y = (x[:, :5].sum(axis=1) + rng.normal(size=rows) > x[:, :5].sum(axis=1).mean()).astype("int64")
        if classes > 2:
            y = rng.integers(0, classes, rows)
        weight = rng.uniform(0.5, 2, rows).astype("float32") if weights else None
        return Split(csr_array(x.astype("float32")) if sparse else x.astype("float32"), y, weight)

    return Dataset(name="parity", train=split(54), validation=split(25))


def make_model(optimizer: str, *, l2: float = 0.0, norm: bool = False, dropout: float = 0.0, classes: int = 2):
    layers = keras.layers
    penalty = keras.regularizers.L2(l2) if l2 else None
    stack = [keras.Input((FEATURES,)), layers.Dense(8, activation="relu", kernel_regularizer=penalty)]
    if norm:
        stack.append(layers.BatchNormalization())
    if dropout:
        stack.append(layers.Dropout(dropout, seed=3))
    stack.append(layers.Dense(1, activation="sigmoid") if classes == 2 else layers.Dense(classes, activation="softmax"))
    model = keras.Sequential(stack)
    loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
    model.compile(OPTIMIZERS[optimizer](), loss, metrics=["accuracy"], weighted_metrics=[loss])
    return model


def trained_by_keras(
    model, data: Dataset, initial, *, class_weight=None, run_eagerly: bool = True
) -> dict[str, list[float]]:
    """`fit`, epoch by epoch, on the order that the engine draws.

    It runs eagerly: tracing graphs for a few steps takes ten times as long as these steps.
    """
    model.set_weights(initial)
    model.run_eagerly = run_eagerly
    x, y = (part.toarray() if hasattr(part, "toarray") else part for part in (data.train.x, data.train.y))
    validation = data.validation
    valid_x = validation.x.toarray() if hasattr(validation.x, "toarray") else validation.x
    held_out = (valid_x, validation.y) + (() if validation.sample_weight is None else (validation.sample_weight,))
    history: dict[str, list[float]] = {}
    for epoch in range(EPOCHS):
        order = np.random.default_rng((0, epoch)).permutation(len(data.train))
        weight = None if data.train.sample_weight is None else data.train.sample_weight[order]
        fitted = model.fit(
            x[order], y[order], sample_weight=weight, class_weight=class_weight, validation_data=held_out,
            batch_size=BATCH, shuffle=False, verbose=0,
        )  # fmt: skip
        for name, values in fitted.history.items():
            history.setdefault(name, []).extend(values)
    return history


def trained_by_regulab(build, data: Dataset, *, class_weight=None):
    (member,) = build_members(build, data, variants=(), seeds=(0,))
    initial = member.model.get_weights()
    data = data_for_model(data, member.model)
    engine = Engine(
        [member], data, measure=data_loss(member.model), batch_size=BATCH, class_weight=class_weight, shuffle_seed=0
    )
    for _ in range(EPOCHS):
        engine.train_epoch()
    return engine.progress[member.key].measures, initial, data, engine.runners[0].weights(0)


@cache
def references() -> dict[str, tuple[dict[str, list[float]], list[np.ndarray]]]:
    """What `fit` gave, by what it was given: every runner is compared with the same training."""
    return {}


def reference_training(build, data: Dataset, initial, **options):
    """History and final weights of a model that `fit` trains on the same weights, data and order."""
    model = build()
    asked = hashlib.sha256(json.dumps([model.to_json(), model.get_compile_config(), str(options)]).encode())
    arrays = [part for split in (data.train, data.validation) for part in (split.x, split.y, split.sample_weight)]
    for array in (*initial, *(part for part in arrays if part is not None)):
        asked.update((array.toarray() if hasattr(array, "toarray") else np.ascontiguousarray(array)).tobytes())
    key = asked.hexdigest()
    if key not in references():
        references()[key] = trained_by_keras(model, data, initial, **options), model.get_weights()
    return references()[key]


def assert_parity(build, data: Dataset, **options) -> dict[str, list[float]]:
    """Train with regulab and with `fit`, compare, and return regulab's measures."""
    measures, initial, fitted, weights = trained_by_regulab(build, data, **options)
    expected, expected_weights = reference_training(build, fitted, initial, **options)
    assert set(expected) <= set(measures)
    for name, values in expected.items():
        np.testing.assert_allclose(measures[name], values, rtol=2e-4, atol=2e-5, err_msg=name)
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-4)
    return measures


@pytest.mark.parametrize("optimizer", ["adam", "scheduled"])
def test_the_reference_trains_the_same_with_graphs(optimizer: str) -> None:
    data = data_for_model(make_data(weights=True), make_model(optimizer))
    build = lambda: make_model(optimizer, l2=0.01, norm=True, dropout=0.4)  # noqa: E731
    initial, histories, weights = build().get_weights(), [], []
    for run_eagerly in (True, False):
        model = build()
        histories.append(trained_by_keras(model, data, initial, run_eagerly=run_eagerly))
        weights.append(model.get_weights())
    eager, graph = histories
    assert set(eager) == set(graph)
    for name, values in eager.items():
        np.testing.assert_allclose(values, graph[name], rtol=1e-5, atol=1e-6, err_msg=name)
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@by_every_path("optimizer", OPTIMIZERS, unknown=["adam clipped", "adam accumulating", "amsgrad"])
def test_an_optimizer_trains_as_in_fit(optimizer: str, sparse: bool, path: None) -> None:
    assert_parity(lambda: make_model(optimizer, l2=0.01), make_data(sparse=sparse))


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@by_every_path("kind", KINDS, unknown=["batch norm", "l2 and batch norm"])
def test_a_kind_of_model_trains_as_in_fit(kind: str, sparse: bool, path: None) -> None:
    settings = KINDS[kind]
    data = make_data(sparse=sparse, classes=settings.get("classes", 2))
    assert_parity(lambda: make_model("adam", **settings), data)


@pytest.mark.parametrize("path", BOTH, indirect=True)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_weights_of_examples_and_classes_count_as_in_fit(sparse: bool, path: None) -> None:
    data = make_data(sparse=sparse, weights=True)
    assert_parity(lambda: make_model("adam", l2=0.01), data)
    # Keras takes class weights or sample weights, not both.
    plain = make_data(sparse=sparse)
    assert_parity(lambda: make_model("adam"), plain, class_weight={0: 1.0, 1: 3.0})


@pytest.mark.parametrize("path", BOTH, indirect=True)
def test_dropout_draws_the_same_masks_as_in_fit(path: None) -> None:
    # Measuring with dropout on after each epoch must not advance the generator that training draws from.
    assert_parity(lambda: make_model("adam", dropout=0.4), make_data())


@pytest.mark.parametrize("path", BOTH, indirect=True)
def test_keras_reports_the_smoothed_loss_and_regulab_the_plain_one(path: None) -> None:
    def build():
        model = make_model("adam")
        model.compile("adam", keras.losses.BinaryCrossentropy(label_smoothing=0.2))
        return model

    measures = assert_parity(build, make_data())
    assert abs(measures["val_loss"][0] - measures["val_data_loss"][0]) > 1e-3


@pytest.mark.parametrize("path", BOTH, indirect=True)
def test_members_side_by_side_train_as_they_do_alone(path: None) -> None:
    from regulab.variants import dropout, l2, width

    data = data_for_model(make_data(sparse=True), make_model("adam"))
    builder = lambda: make_model("adam")  # noqa: E731
    variants = (l2(0.01), dropout(0.5), width(2))

    def train(members):
        engine = Engine(members, data, measure=data_loss(members[0].model), batch_size=BATCH)
        for _ in range(EPOCHS):
            engine.train_epoch()
        return {key: progress.measures for key, progress in engine.progress.items()}

    together = train(build_members(builder, data, variants=variants, seeds=(0, 1)))
    alone = {}
    for member in build_members(builder, data, variants=variants, seeds=(0, 1)):
        alone |= train([member])
    for key, measures in together.items():
        for name, values in measures.items():
            np.testing.assert_allclose(values, alone[key][name], rtol=1e-4, atol=1e-5, err_msg=f"{key} {name}")
