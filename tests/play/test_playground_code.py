from __future__ import annotations

import re

import keras
import numpy as np
import pytest
from scipy import sparse

import regulab as rl
from regulab.errors import NotApplicableError
from regulab.play.code import write
from regulab.play.settings import Settings
from regulab.play.trainer import Trainer

L = keras.layers
rng = np.random.default_rng(0)


def rows(count, *, classes=2, form=np.asarray, shape=(6,)):
    x = rng.random((count, *shape)).astype("float32")
    return form(x), np.arange(count) % classes


def dataset(**form):
    return rl.data.arrays(*rows(40, **form), validation=rows(12, **form), name="mine")


def compiled(model, loss="binary_crossentropy", optimizer="adam", **settings):
    model.compile(optimizer, loss, **settings)
    return model


def whole(x):
    return (20 * x).astype("int32")


def chain():
    layers = [keras.Input((6,)), L.Dense(4, activation="relu"), L.Dense(3, activation="relu"), L.Dense(1, "sigmoid")]
    return compiled(keras.Sequential(layers), metrics=["accuracy", "binary_crossentropy"])


def branches():
    inputs = keras.Input((6,))
    left = L.Dense(4, activation="tanh", name="left")(inputs)
    right = L.Dense(4, kernel_initializer="he_normal")(inputs)
    x = L.Concatenate()([L.Add()([left, right]), left])
    x = L.BatchNormalization(momentum=0.9)(x)
    return compiled(keras.Model(inputs, L.Dense(1, activation="sigmoid")(x)))


def shared():
    inputs, layer = keras.Input((6,)), L.Dense(6)
    return compiled(keras.Model(inputs, L.Dense(1, activation="sigmoid")(layer(layer(inputs)))))


def words():
    recurrent = L.Bidirectional(L.GRU(3, recurrent_dropout=0.1))
    layers = [keras.Input((5,), dtype="int32"), L.Embedding(20, 4), recurrent, L.Dense(1, activation="sigmoid")]
    return compiled(keras.Sequential(layers))


def classes():
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    layers = [keras.Input((6,)), L.Dense(4, use_bias=False, kernel_constraint="max_norm"), L.LeakyReLU(), L.Dense(3)]
    return compiled(
        keras.Sequential(layers),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        metrics=[keras.metrics.SparseTopKCategoricalAccuracy(2)],
    )


def run(text, data, **names):
    space = {"data": data, **names}
    exec(re.sub(r"epochs=\d+", "epochs=1", text), space)
    return space["model"], space["history"]


def same(model, other):
    """What makes two models the same but for names and the weights they were drawn with."""

    def plain(value):
        if isinstance(value, dict):
            inner = value.items() if "class_name" not in value else [("name", value["class_name"]), *value.items()]
            skipped = ("name", "build_config", "registered_name")
            return {key: plain(item) for key, item in inner if key not in skipped}
        return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    def parts(compared):
        settings = compared.get_compile_config()
        layers = [layer for layer in compared.layers if not isinstance(layer, L.InputLayer)]
        return [
            sorted((type(layer).__name__, str(plain(layer.get_config()))) for layer in layers),
            sorted(str(weight.shape) for weight in compared.weights),
            type(compared.optimizer).__name__,
            plain(compared.optimizer.get_config()),
            str(plain(settings["loss"])),
            str(plain(settings["metrics"])),
        ]

    assert parts(model) == parts(other)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(width=2, l2=0.001, dropout=0.5, epochs=7),
        Settings(l2=0.003, seed=4),
    ],
    ids=lambda settings: settings.label,
)
def test_the_code_gives_the_model_of_the_settings(settings):
    data = dataset()
    trainer = Trainer(chain, data, batch_size=8)
    text = write(trainer.model(settings), trainer.data, settings, batch_size=8, given=data)
    assert f"epochs={settings.epochs}," in text
    assert f"set_random_seed({settings.seed})" in text
    assert "regulab" not in text
    model, history = run(text, data)
    same(model, trainer.model(settings))
    assert set(history.history) > {"loss", "val_loss", "val_binary_crossentropy"}


@pytest.mark.parametrize(
    ("build", "form"),
    [
        (branches, {}),
        (shared, {}),
        (words, {"form": whole, "shape": (5,)}),
        (classes, {"classes": 3}),
    ],
    ids=["branches", "shared", "words", "classes"],
)
def test_models_of_other_kinds_are_written_as_well(build, form):
    data = dataset(**form)
    trainer, settings = Trainer(build, data), Settings(l2=0.01, dropout=0.2)
    text = write(trainer.model(settings), trainer.data, settings, batch_size=16, given=data)
    model, _ = run(text, data)
    same(model, trainer.model(settings))
    # Connected in the same way, too: equal weights give equal answers.
    expected = trainer.model(settings)
    pairs = zip(model.weights, expected.weights, strict=True)
    assert [mine.shape for mine, _ in pairs] == [weight.shape for weight in expected.weights]
    model.set_weights(expected.get_weights())
    x = data.validation.x
    np.testing.assert_allclose(model.predict(x, verbose=0), expected.predict(x, verbose=0), rtol=1e-5)


def test_sparse_rows_labels_without_a_column_and_weights_are_handed_over_as_keras_takes_them():
    x, y = rows(40, form=sparse.csr_array)
    data = rl.data.arrays(x, y, validation=rows(12, form=sparse.csr_array), sample_weight=np.linspace(1, 2, 40))
    trainer, settings = Trainer(chain, data, batch_size=8), Settings(share=0.3)
    text = write(trainer.model(settings), trainer.data, settings, batch_size=8, given=data, named="mine")
    assert "mine.train.x.toarray(), mine.train.y.reshape(-1, 1)" in text
    assert "[:12]" in text
    _, history = run(text, None, mine=data)
    assert history.params["steps"] == 2  # 12 examples, 8 at a time


def test_what_a_learner_defined_is_called_by_its_name(monkeypatch):
    import __main__

    class Halved(L.Layer):
        def call(self, x):
            return x / 2

    Halved.__qualname__, Halved.__module__ = "Halved", "__main__"
    monkeypatch.setattr(__main__, "Halved", Halved, raising=False)

    def build():
        layers = [keras.Input((6,)), L.Dense(4), Halved(), L.Dense(1, activation="sigmoid")]
        return compiled(keras.Sequential(layers))

    trainer = Trainer(build, dataset())
    assert "    Halved(),\n" in write(trainer.model(Settings()), trainer.data, Settings(), batch_size=8)


def nested():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(3)])
    return compiled(keras.Sequential([keras.Input((6,)), inner, L.Dense(1, activation="sigmoid")]))


def with_a_lambda():
    layers = [keras.Input((6,)), L.Dense(3), L.Lambda(lambda x: x / 2), L.Dense(1, activation="sigmoid")]
    return compiled(keras.Sequential(layers))


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = L.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.out(x)


@pytest.mark.parametrize("build", [nested, with_a_lambda, lambda: compiled(Own())])
def test_models_that_code_cannot_express_are_refused_with_the_reason(build):
    trainer = Trainer(build, dataset())
    with pytest.raises(NotApplicableError, match=r"Expected a .*model.* Received"):
        write(trainer.model(Settings()), trainer.data, Settings(), batch_size=8)
