from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import NotApplicableError
from regulab.models.cloning import clone
from regulab.variants import BASELINE, dropout, l2, width


class Doubled(kl.Dense):
    def __init__(self, units, times=2, **kwargs):
        super().__init__(units, **kwargs)
        self.times = times

    def call(self, inputs):
        return self.times * super().call(inputs)

    def get_config(self):
        return super().get_config() | {"times": self.times}


def soft(x):
    return keras.ops.softsign(x)


def test_inputs_keep_name_dtype_and_sparse_flag():
    x = keras.Input((9,), sparse=True, name="bag", dtype="float16")
    functional = keras.Model(x, kl.Dense(1)(kl.Dense(2)(x)))
    entry = keras.Input((9,), sparse=True, name="bag", dtype="float16")
    for model in (functional, keras.Sequential([entry, kl.Dense(1)])):
        tensor = clone(model).inputs[0]
        assert (tensor.name, tensor.dtype, tensor.sparse) == ("bag", "float16", True)


def test_several_inputs_and_shared_layers_survive():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = kl.Dense(4, name="shared")
    joined = kl.Concatenate()([shared(a), shared(b)])
    model = keras.Model({"a": a, "b": b}, kl.Dense(1, name="out")(joined))
    model.compile("sgd", "mse")
    changed = (dropout(0.5) + l2(0.1)).apply(model)
    assert changed.count_params() == model.count_params()
    assert sum(isinstance(layer, kl.Dropout) for layer in changed.layers) == 1
    changed.set_weights(model.get_weights())
    x = {"a": np.ones((2, 3)), "b": np.zeros((2, 3))}
    np.testing.assert_allclose(changed(x), model(x), rtol=1e-6)


def test_custom_layers_and_functions_need_no_registration():
    layers = [
        Doubled(4, times=3, activation=soft, name="one"),
        kl.Lambda(lambda x: x + 1.0),
        kl.GRU(3, activation=soft),
    ]
    expand = kl.Reshape((4, 1))
    model = keras.Sequential(
        [keras.Input((5,)), *layers[:2], expand, layers[2], kl.Dense(1, activation=lambda x: x * 2.0)]
    )
    model.compile("sgd", "mse")
    changed = l2(0.01).apply(model)
    assert (changed.get_layer("one").times, type(changed.get_layer("one"))) == (3, Doubled)
    changed.set_weights(model.get_weights())
    x = np.ones((2, 5))
    np.testing.assert_allclose(changed(x), model(x), rtol=1e-6)


def test_a_layer_without_config_is_named():
    class Opaque(kl.Layer):
        def __init__(self, size):
            super().__init__(name="opaque")
            self.size = size

        def call(self, x):
            return x

        def get_config(self):
            return {"name": "opaque"}

    model = keras.Sequential([keras.Input((5,)), Opaque(3), kl.Dense(1)])
    with pytest.raises(NotApplicableError, match=r"Received: 'opaque' of the class Opaque, which cannot"):
        clone(model)


def test_frozen_and_adapted_layers_keep_their_weights():
    scale = kl.Normalization(name="scale")
    scale.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    frozen = kl.Dense(4, name="frozen", trainable=False)
    model = keras.Sequential([keras.Input((2,)), scale, frozen, kl.Dense(3, name="free"), kl.Dense(1)])
    again = clone(model)
    assert np.array_equal(again.get_layer("frozen").kernel, model.get_layer("frozen").kernel)
    assert not again.get_layer("frozen").trainable
    assert not np.array_equal(again.get_layer("free").kernel, model.get_layer("free").kernel)
    x = np.array([[1.0, 30.0]])
    np.testing.assert_allclose(again.get_layer("scale")(x), [[-1.0, 1.0]], rtol=1e-5)


def test_models_within_models_are_rewritten_under_their_names():
    inner = keras.Sequential([keras.Input((4,)), kl.Dense(6, name="a")], name="inner")
    x = keras.Input((4,))
    deep = keras.Model(x, inner(x), name="deep")
    model = keras.Sequential([keras.Input((4,)), deep, kl.Dense(1)], name="outer")
    model.compile("sgd", "mse")
    changed = dropout(0.5).apply(model)
    nested = changed.get_layer("deep").get_layer("inner")
    assert changed.name == "outer"
    assert [layer.name for layer in nested.layers] == ["a", "dropout_after_a"]
    assert width(2).apply(model).get_layer("deep").get_layer("inner").get_layer("a").units == 12


def test_layers_that_no_longer_fit_give_one_clear_error():
    x = keras.Input((6,))
    y = kl.Add()([x, kl.Dense(6, name="one")(x)])
    model = keras.Model(x, kl.Dense(1)(y))
    model.compile("sgd", "mse")
    with pytest.raises(NotApplicableError, match=r"Expected layers that fit together after the change") as caught:
        width(2).apply(model)
    assert "\n" not in str(caught.value)


def test_a_functional_subclass_stays_what_it_is():
    class Loud(keras.Model):
        def train_step(self, data):
            raise NotImplementedError

    x = keras.Input((3,))
    model = Loud(x, kl.Dense(1)(x))
    model.compile("sgd", "mse")
    assert isinstance(BASELINE.apply(model), Loud)
