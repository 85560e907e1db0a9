"""Embeddings, whose gradient comes as a row for each token read, train as in `fit`, under penalties too."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import pytest
from keras import layers as kl
from keras import ops

import regulab as rl
from regulab.comparison.paired import Verdict
from regulab.data.dataset import Dataset, Split
from regulab.diagnosis.run_checks import diagnose_study
from regulab.histories.history import Histories
from regulab.study import Study
from regulab.training.data_loss import data_loss
from regulab.training.engine import Engine
from regulab.training.members import Member, build_members
from regulab.training.row_penalties import RowPenalties
from regulab.variants.variant import Variant

TOKENS, LENGTH, ROWS, BATCH, EPOCHS = 6, 12, 48, 16, 1
OPTIMIZERS = {
    **{
        kind.__name__: lambda kind=kind: kind(0.01)
        for kind in (
            keras.optimizers.SGD, keras.optimizers.Adam, keras.optimizers.AdamW, keras.optimizers.RMSprop,
            keras.optimizers.Nadam, keras.optimizers.Adamax, keras.optimizers.Adagrad, keras.optimizers.Adadelta,
            keras.optimizers.Ftrl, keras.optimizers.Lion, keras.optimizers.Lamb, keras.optimizers.Adafactor,
        )
    },
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "clipped norm": lambda: keras.optimizers.Adam(0.01, clipnorm=0.05),
    "clipped values": lambda: keras.optimizers.SGD(0.1, clipvalue=0.001),
    "clipped together": lambda: keras.optimizers.RMSprop(0.01, global_clipnorm=0.1),
    "amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
    "accumulating": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
    "momentum of rows": lambda: keras.optimizers.RMSprop(0.01, momentum=0.5),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
}  # fmt: skip
#: What gives one step, however small a gradient is.
STEPS_OF_ANY_GRADIENT = ("Lion", "Adafactor")
VARIANTS = {
    "dropout": rl.dropout(0.4),
    "gaussian_noise": rl.gaussian_noise(0.1),
    "max_norm": rl.max_norm(0.1),
    "width": rl.width(2),
    "label_smoothing": rl.label_smoothing(0.1),
    "weight_decay": rl.weight_decay(0.1),
    "l2 on a dense layer": rl.l2(0.1, layers=["dense"]),
}
PENALTIES = {"l1": rl.l1(0.01), "l2": rl.l2(0.1), "l1_l2": rl.l1_l2(0.01, 0.1)}


def tokens() -> Dataset:
    """Rows in which every token comes several times in each batch."""
    rng = np.random.default_rng(0)

    def split() -> Split:
        x = rng.integers(0, TOKENS, (ROWS, LENGTH)).astype("int32")
        return Split(x, (x.mean(axis=1) > (TOKENS - 1) / 2).astype("int64"))

    return Dataset(name="tokens", train=split(), validation=split())


def network(
    optimizer: str = "Adam", embedding: type[kl.Layer] = kl.Embedding, *, traced: bool = False, **options
) -> keras.Model:
    parts = [
        keras.Input((LENGTH,), dtype="int32"),
        embedding(TOKENS, 4, name="words", **options),
        kl.GlobalAveragePooling1D(),
        kl.Dense(3, activation="tanh", name="dense"),
        kl.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(parts)
    # Tracing takes longer than these few steps.
    model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", run_eagerly=not traced)
    return model


def members_of(build, variants: Sequence[Variant]) -> list[Member]:
    return build_members(build, tokens(), variants=variants, seeds=(0,))


def trained(members: Sequence[Member]) -> dict[str, tuple[dict[str, list[float]], list[np.ndarray]]]:
    """Measures and final weights of each variant, trained in lockstep."""
    engine = Engine(members, tokens(), measure=data_loss(members[0].model), batch_size=BATCH, shuffle_seed=0)
    for _ in range(EPOCHS):
        engine.train_epoch()
    (runner,) = engine.runners
    return {
        member.variant.name: (engine.progress[member.key].measures, runner.weights(index))
        for index, member in enumerate(runner.members)
    }


def fitted(model: keras.Model) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    """The same from `fit`, on the order of rows that the engine draws."""
    train, validation = tokens().train, tokens().validation
    history: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for epoch in range(EPOCHS):
        order = np.random.default_rng((0, epoch)).permutation(ROWS)
        epoch_history = model.fit(
            train.x[order], train.y[order], validation_data=(validation.x, validation.y), batch_size=BATCH,
            shuffle=False, verbose=0,
        ).history  # fmt: skip
        for name, values in epoch_history.items():
            history[name] += values
    return history, model.get_weights()


def assert_equal_trainings(ours, theirs, *, rtol: float = 1e-5) -> None:
    (measures, weights), (history, expected_weights) = ours, theirs
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(measures[name], history[name], rtol=rtol, atol=1e-6, err_msg=name)
    for weight, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=100 * rtol, atol=1e-5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_embedding_trains_as_in_fit_and_a_null_penalty_changes_nothing(optimizer: str) -> None:
    build = lambda: network(optimizer)  # noqa: E731
    trainings = trained(members_of(build, (rl.l2(1e-12),)))
    assert_equal_trainings(trainings["baseline"], fitted(members_of(build, ())[0].model))
    assert_equal_trainings(trainings["l2"], trainings["baseline"])


def test_an_embedding_trains_the_same_in_graphs() -> None:
    eager, in_graphs = (
        trained(members_of(lambda traced=traced: network(traced=traced), (rl.l2(0.1),))) for traced in (False, True)
    )
    for name, training in eager.items():
        assert_equal_trainings(in_graphs[name], training)


def test_an_embedding_trains_as_in_fit_under_every_variant() -> None:
    variants = [variant.named(name) for name, variant in VARIANTS.items()]
    trainings = trained(members_of(network, variants))
    for member in members_of(network, variants):
        assert_equal_trainings(trainings[member.variant.name], fitted(member.model))


class OwnPenalty(kl.Embedding):
    """An embedding that adds its penalty row by row, so that `fit` keeps the rows of the gradient."""

    l1, l2 = 0.0, 0.0

    def call(self, inputs):
        rows = ops.take(self.embeddings, np.arange(TOKENS), axis=0)
        self.add_loss(self.l1 * ops.sum(ops.abs(rows)) + self.l2 * ops.sum(ops.square(rows)))
        return super().call(inputs)


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop", "SGD"])
def test_a_penalty_on_an_embedding_adds_rows_to_its_gradient(optimizer: str) -> None:
    variants = [variant.named(name) for name, variant in PENALTIES.items()]
    members = members_of(lambda: network(optimizer), variants)
    initial = members[0].model.get_weights()
    trainings = trained(members)
    for name, strengths in {"l1": (0.01, 0), "l2": (0, 0.1), "l1_l2": (0.01, 0.1)}.items():
        model = network(optimizer, OwnPenalty)
        model.get_layer("words").l1, model.get_layer("words").l2 = strengths
        model.get_layer("dense").kernel.regularizer = keras.regularizers.L1L2(*strengths)
        model.set_weights(initial)
        assert_equal_trainings(trainings[name], fitted(model))


def test_a_null_penalty_changes_nothing_in_mixed_precision() -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        trainings = trained(members_of(network, (rl.l2(1e-12),)))
    finally:
        keras.config.set_dtype_policy(policy)
    assert_equal_trainings(trainings["l2"], trainings["baseline"], rtol=1e-3)


def test_where_the_baseline_has_a_penalty_all_variants_train_with_dense_gradients_as_in_fit() -> None:
    build = lambda: network(embeddings_regularizer=keras.regularizers.L2(0.01))  # noqa: E731
    trainings = trained(members_of(build, (rl.l2(0.1),)))
    for member in members_of(build, (rl.l2(0.1),)):
        assert member.row_penalties == RowPenalties()
        assert_equal_trainings(trainings[member.variant.name], fitted(member.model))


def test_models_keep_their_own_penalties_after_training() -> None:
    members = members_of(network, (rl.l2(0.1),))
    trained(members)
    assert type(members[1].model.get_layer("words").embeddings.regularizer) is keras.regularizers.L2


@keras.saving.register_keras_serializable("tests")
class Table(kl.Layer):
    """Reads rows of a table and adds the penalty on all of it, in its own code."""

    def __init__(self, tokens: int, units: int, *, embeddings_regularizer=None, **options) -> None:
        super().__init__(**options)
        self.tokens, self.units = tokens, units
        self.embeddings_regularizer = keras.regularizers.get(embeddings_regularizer)

    def build(self, shape) -> None:
        self.table = self.add_weight(shape=(self.tokens, self.units), name="table")

    def call(self, inputs):
        if self.embeddings_regularizer is not None:
            self.add_loss(self.embeddings_regularizer(self.table))
        return ops.take(self.table, inputs, axis=0)

    def get_config(self):
        penalty = keras.regularizers.serialize(self.embeddings_regularizer)
        return super().get_config() | {
            "tokens": self.tokens, "units": self.units, "embeddings_regularizer": penalty,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("optimizer", "embedding", "expected"),
    [
        ("Adam", Table, {"dense_gradient": ["words"]}),
        ("Adam", kl.Embedding, {"penalty_by_row": ["words"]}),
        # It sums the rows before all else.
        ("SGD", kl.Embedding, {}),
        ("SGD", Table, {}),
    ],
)
def test_a_study_says_where_a_penalty_changes_the_gradient(
    optimizer: str, embedding, expected: dict[str, list[str]]
) -> None:
    study = Study(lambda: network(optimizer, embedding), tokens(), variants=[rl.l2(0.1)], seeds=1, epochs=1)
    members = study._preparation.members(variants=study.variants, seeds=(0,))
    document = study.document(members)
    baseline, variant = document["variants"]
    assert variant == {key: variant[key] for key in baseline} | expected
    assert ("words" in variant["description"]) == bool(expected)
    codes = [finding.code for finding in diagnose_study(document, Histories(()))]
    assert codes == ["PENALTY-CHANGES-GRADIENT"] * bool(expected)


LAYERS = {
    "dense": [kl.Dense(4, activation="tanh")],
    "convolution": [kl.Reshape((LENGTH, 1)), kl.Conv1D(3, 3, activation="tanh"), kl.GlobalAveragePooling1D()],
    "separable": [kl.Reshape((LENGTH, 1)), kl.SeparableConv1D(3, 3, activation="tanh"), kl.GlobalAveragePooling1D()],
    "recurrent": [kl.Reshape((3, LENGTH // 3)), kl.SimpleRNN(3)],
    "embedding": [kl.Embedding(TOKENS, 4), kl.GlobalAveragePooling1D()],
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop"])
def test_a_null_penalty_on_any_layer_makes_no_detectable_difference(kind: str, optimizer: str) -> None:
    def build() -> keras.Model:
        layers = [layer.from_config(layer.get_config()) for layer in LAYERS[kind]]
        model = keras.Sequential([keras.Input((LENGTH,)), *layers, kl.Dense(1, activation="sigmoid")])
        model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", run_eagerly=True)
        return model

    results = Study(build, tokens(), variants=[rl.l2(1e-12)], seeds=2, epochs=1, batch_size=BATCH).run(progress=False)
    for seed in (0, 1):
        baseline, null = (results.histories.member(name, seed) for name in ("baseline", "l2"))
        np.testing.assert_allclose(null.measures["val_data_loss"], baseline.measures["val_data_loss"], rtol=1e-6)
    (comparison,) = results.compare()
    assert comparison.verdict == Verdict.NO_DIFFERENCE
