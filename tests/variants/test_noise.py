from __future__ import annotations

import keras
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.models.keras_internals import producer
from regulab.variants import dropout, gaussian_noise


def test_dropout_follows_each_hidden_layer(dense, layer_names):
    changed = dropout(0.3).apply(dense)
    assert layer_names(changed) == ["one", "dropout_after_one", "two", "dropout_after_two", "out"]
    assert changed.get_layer("dropout_after_one").rate == 0.3


def test_dropout_stands_after_normalization_and_activation(models, layer_names):
    expected = ["one", "norm", "relu", "dropout_after_one", "out", "out_norm", "last"]
    assert layer_names(dropout(0.3).apply(models["batch_norm"])) == expected


def test_dropout_stands_before_a_branch(models):
    changed = dropout(0.3).apply(models["skip"])
    add = changed.get_layer("add")
    assert {producer(tensor).name for tensor in add.input} == {"dropout_after_one", "dropout_after_two"}


def test_only_the_output_of_a_recurrent_layer_with_states_is_noisy():
    x = keras.Input((4, 2))
    output, state = kl.GRU(3, return_state=True, name="gru")(x)
    model = keras.Model(x, kl.Dense(1)(kl.Concatenate(name="join")([output, state])))
    model.compile("sgd", "mse")
    join = gaussian_noise(0.1).apply(model).get_layer("join")
    assert [producer(tensor).name for tensor in join.input] == ["gaussian_noise_after_gru", "gru"]


def test_layers_without_weights_can_be_named(models, layer_names):
    assert "dropout_after_pool" in layer_names(dropout(0.2, layers="pool").apply(models["conv"]))


@pytest.mark.parametrize(("kind", "name"), [("dense", "out"), ("batch_norm", "last"), ("batch_norm", "out_norm")])
def test_noise_after_the_output_is_refused(models, kind, name):
    with pytest.raises(NotApplicableError, match=rf"Received: '{name}', which produces the output"):
        dropout(0.5, layers=name).apply(models[kind])


@pytest.mark.parametrize("rate", [0, 1, 1.5, -0.1, float("nan"), True, "0.5", None])
def test_a_rate_out_of_range_is_refused(rate):
    with pytest.raises(
        InputError, match=r"Expected `rate` above 0 and below 1. Received: rate=.*Use 0.5 to drop half the units"
    ):
        dropout(rate)


def test_a_deviation_of_zero_is_refused():
    with pytest.raises(InputError, match=r"Expected `stddev` above 0. Received: stddev=0. Use 0.1"):
        gaussian_noise(0)


def test_descriptions():
    assert gaussian_noise(0.1).describe() == (
        "adds noise with standard deviation 0.1 to the outputs of each hidden layer during training"
    )


def test_a_second_dropout_gets_a_name_of_its_own(dense, layer_names):
    changed = (dropout(0.1) + dropout(0.2)).apply(dense)
    assert layer_names(changed)[:3] == ["one", "dropout_after_one_2", "dropout_after_one"]
