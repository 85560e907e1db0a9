from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import regulab as rl
from regulab.errors import InputError

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


def data():
    return rl.data.arrays(X, Y)


def build(**options):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", **{"loss": "binary_crossentropy", **options})
    return model


def refusal(build_model=build, on=None, **options):
    with pytest.raises(InputError) as caught:
        rl.Study(build_model, data() if on is None else on, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"epochs": 0}, "Expected `epochs` to be a whole number of at least 1. Received: epochs=0."),
        ({"epochs": 2.5}, "Received: epochs=2.5."),
        ({"batch_size": True}, "Expected `batch_size` to be a whole number"),
        ({"seeds": 0}, "Expected `seeds` to be a whole number of at least 1. Received: seeds=0."),
        ({"seeds": []}, "Expected `seeds` to be a number of seeds, or distinct whole numbers from 0 to 4294967295."),
        ({"seeds": [1, 1]}, "Received: seeds=[1, 1]."),
        ({"seeds": [0.5]}, "Received: seeds=[0.5]."),
        ({"seeds": None}, "Received: seeds=None."),
        ({"seeds": [2**32]}, "Received: seeds=[4294967296]."),
        ({"variants": ["l2"]}, "Expected `variants` as a list of variants, such as [rl.l2(0.001), rl.dropout(0.5)]."),
        ({"variants": "l2"}, "Received: variants='l2'."),
        ({"variants": rl.l2(0.1)}, "Expected `variants` as a list of variants"),
        ({"variants": [rl.l2(0.1).named(3)]}, "Expected variant names that can be file names. Received: 3."),
        ({"variants": [rl.l2(0.1).named("a/b")]}, "Expected variant names that can be file names. Received: 'a/b'."),
        (
            {"variants": [rl.l2(0.1, layers=["a" * 99, "b" * 99]), rl.l2(0.2, layers=["a" * 99, "b" * 99])]},
            "Expected variant names that can be file names. Received: 'l2(0.1, layers=aaa",
        ),
        ({"variants": [rl.l2(0.1).named("baseline")]}, "Received: a variant named 'baseline'."),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(options, expected):
    assert expected in refusal(**options)


def test_a_function_that_needs_arguments_is_refused():
    def with_units(units, *rest, rate=0.1, **more):
        return build()

    message = refusal(with_units)
    assert "Expected a function that needs no arguments. Received: one that needs units. Give it defaults" in message


def test_arguments_in_the_wrong_order_are_refused():
    assert "Expected a function that returns a compiled keras.Model, or such a model." in refusal("model.py")
    assert "Expected data as regulab.data makes it, for example regulab.data.arrays(x, y)" in refusal(on=(X, Y))


def test_what_a_builder_returns_has_to_be_a_compiled_model():
    assert "Expected <lambda>() to return a compiled keras.Model. Received: NoneType." in refusal(lambda: None)
    bare = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    assert "Received: one that was never compiled." in refusal(lambda: bare)
    assert "Expected a compiled model from the model passed to Study." in refusal(bare)


def test_models_without_a_single_usable_loss_are_refused():
    assert "Expected a model compiled with one loss for one output" in refusal(lambda: build(loss=None))
    assert "Could not interpret loss identifier: nonsense" in refusal(lambda: build(loss="nonsense"))


def test_an_unknown_metric_is_refused_before_anything_is_written(tmp_path):
    study = rl.Study(lambda: build(metrics=["nonsense"]), data(), variants=[], seeds=1)
    with pytest.raises(InputError, match=r"Trying the model on one batch failed. Received from Keras: .*nonsense"):
        study.run(tmp_path / "runs" / "run", progress=False)
    assert list(tmp_path.iterdir()) == []


class Failing(keras.layers.Layer):
    """Fails on the batches that hold a certain row, which the first one does not."""

    def call(self, x):
        with tf.control_dependencies([tf.debugging.assert_less(x, 9.0, "a value that is too large")]):
            return tf.identity(x)


@pytest.mark.slow
def test_a_run_that_fails_in_its_first_epoch_leaves_nothing_behind(tmp_path):
    def build_failing():
        model = keras.Sequential([keras.Input((4,)), Failing(), keras.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    x = X.copy()
    x[-1, 0] = 10.0
    given = rl.data.arrays(x, Y, validation=(X[:10] + 1, Y[:10]))
    study = rl.Study(build_failing, given, variants=[], epochs=1, seeds=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"a value that is too large") as caught:
        study.run(tmp_path / "runs" / "run", progress=False)
    with pytest.raises(InputError):
        study.run(tmp_path / "empty", progress=False)
    assert isinstance(caught.value.__cause__, tf.errors.InvalidArgumentError)
    expected = "Training failed. Received from Keras: InvalidArgumentError: assertion failed: [a value that is"
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]


@pytest.mark.slow
def test_tensorflows_retracing_warnings_are_silenced(caplog):
    def build_unknown():
        layers = [keras.Input((4,)), keras.layers.LayerNormalization(), keras.layers.Dense(1, activation="sigmoid")]
        model = keras.Sequential(layers)
        model.compile("adam", "binary_crossentropy")
        return model

    # Enough of what Keras's own steps have to train that TensorFlow would warn.
    for _ in range(4):
        rl.Study(build_unknown, data(), variants=[rl.train_size(0.5)], epochs=1, seeds=1).run(progress=False)
    assert "retracing" not in caplog.text


def test_a_loss_of_the_whole_batch_is_refused_in_words():
    study = rl.Study(lambda: build(loss=lambda y, p: keras.ops.mean((y - p) ** 2)), data(), variants=[], epochs=1)
    with pytest.raises(InputError, match=r"a value for each example.*'<lambda>'.*axis=-1"):
        study.run(progress=False)
