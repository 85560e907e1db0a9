from __future__ import annotations

import keras
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.variants import depth, width


def test_width_scales_units_filters_and_embeddings(models):
    assert [layer.units for layer in width(1 / 4).apply(models["dense"]).layers] == [4, 2, 1]
    assert width(2).apply(models["conv"]).get_layer("one").filters == 16
    lstm = width(0.5).apply(models["lstm"])
    sizes = [lstm.get_layer("words").output_dim, lstm.get_layer("one").units, lstm.get_layer("two").units]
    assert sizes == [2, 3, 2]


def test_at_least_one_unit_is_left(dense):
    assert [layer.units for layer in width(0.001).apply(dense).layers] == [1, 1, 1]


def test_width_reaches_into_wrappers():
    body = [
        kl.Bidirectional(kl.LSTM(4, return_sequences=True), name="both"),
        kl.TimeDistributed(kl.Dense(2), name="each"),
    ]
    model = keras.Sequential([keras.Input((3, 2)), *body, kl.Flatten(), kl.Dense(1)])
    model.compile("sgd", "mse")
    changed = width(2).apply(model)
    assert changed.get_layer("both").forward_layer.units == changed.get_layer("both").backward_layer.units == 8
    assert changed.get_layer("each").layer.units == 4


def test_filters_stay_a_multiple_of_the_groups():
    model = keras.Sequential([keras.Input((5, 6)), kl.Conv1D(6, 2, groups=3, name="one"), kl.Flatten(), kl.Dense(1)])
    model.compile("sgd", "mse")
    assert width(0.25).apply(model).get_layer("one").filters == 3


def test_width_of_named_layers_only(dense):
    assert [layer.units for layer in width(2, layers="two").apply(dense).layers] == [16, 16, 1]


def test_width_of_the_output_layer_is_refused(dense):
    with pytest.raises(
        NotApplicableError, match=r"for width\(2, layers=out\). Received: 'out', which produces the output"
    ):
        width(2, layers="out").apply(dense)


def test_deeper_copies_the_last_hidden_layer(dense, layer_names):
    changed = depth(2).apply(dense)
    assert layer_names(changed) == ["one", "two", "two_copy", "two_copy_2", "out"]
    assert changed.get_layer("two_copy").activation is keras.activations.relu


def test_deeper_copies_normalization_and_activation_with_the_layer(models, layer_names):
    expected = ["one", "norm", "relu", "one_copy", "norm_copy", "relu_copy", "out", "out_norm", "last"]
    assert layer_names(depth(1).apply(models["batch_norm"])) == expected


def test_deeper_stacks_recurrent_layers(models, layer_names):
    changed = depth(1).apply(models["lstm"])
    assert layer_names(changed) == ["words", "one", "two", "two_copy", "out"]
    assert [changed.get_layer(name).return_sequences for name in ("two", "two_copy")] == [True, False]


def test_copies_of_convolutions_keep_the_size(models):
    changed = depth(3, layers="one").apply(models["conv"])
    assert changed.get_layer("one_copy_3").output.shape == changed.get_layer("one").output.shape


def test_shallower_leaves_the_last_hidden_layers_out(dense, models, layer_names):
    assert layer_names(depth(-1).apply(dense)) == ["one", "out"]
    assert layer_names(depth(-2).apply(dense)) == ["out"]
    assert layer_names(depth(-1).apply(models["batch_norm"])) == ["out", "out_norm", "last"]
    # The last LSTM makes one vector of a sequence, which the output layer needs.
    assert layer_names(depth(-1).apply(models["lstm"])) == ["words", "two", "out"]


def test_more_layers_than_there_are_cannot_be_left_out(dense):
    with pytest.raises(NotApplicableError, match=r"at least 3 hidden layers to remove for depth\(-3\)"):
        depth(-3).apply(dense)


@pytest.mark.parametrize("factor", [0, 1, -2, float("nan"), float("inf"), True, "2", None])
def test_a_useless_factor_is_refused(factor):
    with pytest.raises(InputError, match=r"Expected `factor` above 0 and not 1. Received: factor="):
        width(factor)


@pytest.mark.parametrize("by", [0, 1.5, True, "1"])
def test_a_useless_number_of_layers_is_refused(by):
    with pytest.raises(InputError, match=r"Expected `by` as a whole number other than 0. Received: by="):
        depth(by)
