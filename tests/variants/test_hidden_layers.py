from __future__ import annotations

import keras
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.models.graph import hidden_layers, output_layers, select_layers
from regulab.variants import dropout, l2


def names(layers):
    return [layer.name for layer in layers]


def test_two_heads_have_two_output_layers():
    x = keras.Input((4,))
    body = kl.Dense(3, name="body")(x)
    model = keras.Model(x, {"a": kl.Dense(1, name="a")(body), "b": kl.Softmax()(kl.Dense(2, name="b")(body))})
    assert names(hidden_layers(model)) == ["body"]
    assert sorted(names(output_layers(model))) == ["a", "b"]


def test_wide_and_deep_parts_that_are_added_are_both_output_layers():
    x = keras.Input((4,))
    deep = kl.Dense(1, name="deep")(kl.Dense(3, name="hidden")(x))
    model = keras.Model(x, keras.ops.sigmoid(deep + kl.Dense(1, name="wide")(x)))
    assert names(hidden_layers(model)) == ["hidden"]


def test_a_convolution_before_global_pooling_is_the_output_layer():
    model = keras.Sequential(
        [keras.Input((4, 1)), kl.Conv1D(3, 2, name="a"), kl.Conv1D(2, 2, name="b"), kl.GlobalAveragePooling1D()]
    )
    assert names(hidden_layers(model)) == ["a"]


def test_hidden_layers_in_a_model_within_a_model_are_found():
    inner = keras.Sequential([keras.Input((4,)), kl.Dense(3, name="a"), kl.Dense(2, name="b")], name="inner")
    model = keras.Sequential([keras.Input((4,)), inner, kl.Dense(1, name="c")])
    assert names(hidden_layers(model)) == ["a", "b"]
    last = keras.Sequential([keras.Input((4,)), kl.Dense(4, name="d"), inner])
    assert names(hidden_layers(last)) == ["d", "a"]


def test_a_shared_activation_does_not_make_all_layers_output_layers():
    act = kl.Activation("relu")
    x = keras.Input((4,))
    y = act(kl.Dense(3, name="a")(x))
    model = keras.Model(x, act(kl.Dense(1, name="b")(y)))
    assert names(hidden_layers(model)) == ["a"]


def test_a_custom_layer_with_weights_ends_the_way_out():
    class Scores(kl.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 1))

        def call(self, x):
            return x @ self.w

    model = keras.Sequential([keras.Input((4,)), kl.Dense(3, name="a"), Scores(name="scores")])
    assert names(hidden_layers(model)) == ["a"]


def test_a_sequential_model_without_input_shape_has_hidden_layers_too():
    model = keras.Sequential([kl.Dense(3, name="a"), kl.Dense(1, name="b")])
    model.compile("sgd", "mse")
    assert names(hidden_layers(model)) == ["a"]
    changed = (l2(0.1) + dropout(0.5)).apply(model)
    assert names(changed.layers) == ["a", "dropout_after_a", "b"]
    assert not changed.built


def test_layers_are_chosen_by_name_index_and_predicate(dense):
    assert names(select_layers(dense, ("two",))) == ["two"]
    assert names(select_layers(dense, (0, -1))) == ["one", "out"]
    assert names(select_layers(dense, lambda layer: layer.units > 8)) == ["one"]


def test_an_unknown_layer_lists_the_known(dense):
    with pytest.raises(InputError, match=r"No layer 'three'\. Available: one, two, out\."):
        l2(0.1, layers=["three"]).apply(dense)
    with pytest.raises(InputError, match=r"Expected indices in `layers` from 0 to 2. Received: 7"):
        l2(0.1, layers=7).apply(dense)


def test_a_model_without_hidden_layers_says_so():
    model = keras.Sequential([keras.Input((4,)), kl.Dense(1, name="only")])
    model.compile("sgd", "mse")
    with pytest.raises(NotApplicableError, match=r"Expected a model with hidden layers with a kernel. Received:.*only"):
        l2(0.1).apply(model)


@pytest.mark.parametrize("layers", [[], 1.5, [True], [None]])
def test_layers_must_be_names_indices_or_a_function(layers):
    with pytest.raises(InputError, match=r"Expected `layers` as names or indices"):
        dropout(0.5, layers=layers)


def test_a_model_may_be_deeper_than_pythons_recursion_limit():
    x = start = keras.Input((4,))
    for _ in range(600):
        x = kl.Activation("relu")(x)
    model = keras.Model(start, kl.Dense(1, name="last")(x))
    assert names(output_layers(model)) == ["last"]
