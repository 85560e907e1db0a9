from __future__ import annotations

import keras
import numpy as np
import pytest

import regulab as rl
from regulab.play.settings import Settings, knobs


def chain(*layers):
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "mse")
    return model


@pytest.fixture
def data():
    return rl.data.arrays(np.zeros((100, 4)), np.zeros(100), validation=(np.zeros((5, 4)), np.zeros(5)))


def test_settings_are_the_variants_of_a_study():
    settings = Settings(width=4, l2=0.001, dropout=0.5, share=0.3)
    assert settings.variant.label == "width(4)+l2(0.001)+dropout(0.5)+train_size(0.3)"
    assert Settings().variant.changes == ()


def test_a_label_says_what_differs_from_the_model_as_it_was_built():
    assert Settings(l2=0.00003, share=0.3, seed=2).label == "L2 0.00003, 30% of the examples, seed 2"
    assert Settings(width=0.25, seed=0).label == "1/4× width"
    assert Settings(seed=1).label == "as built, seed 1"


def test_widths_are_named_by_the_units_that_they_give(data):
    model = chain(keras.layers.Dense(16), keras.layers.Dense(8), keras.layers.Dense(1))
    knob = knobs(model, data)["width"]
    assert knob.choices[0] == ("1/8×: 2, 1", 0.125)
    assert knob.choices[-1] == ("32×: 512, 256", 32.0)
    assert dict(knob.choices)["1×: 16, 8"] == knob.start == 1.0


def test_a_model_that_has_a_penalty_and_dropout_begins_with_what_it_was_built_with(data):
    layers = keras.layers
    knob = knobs(chain(layers.Dense(8, kernel_regularizer="l2"), layers.Dropout(0.1), layers.Dense(1)), data)
    assert knob["l2"].choices[0] == ("as built", None)
    assert knob["dropout"].choices[0] == ("as built", None)
    plain = knobs(chain(layers.Dense(8), layers.Dense(1)), data)
    assert plain["l2"].choices[:3] == (("0", None), ("0.00001", 0.00001), ("0.00003", 0.00003))
    assert plain["dropout"].choices[0] == ("0", None)


def test_a_slider_that_does_not_apply_offers_nothing_and_says_why(data):
    for knob in (knobs(chain(keras.layers.Dense(1)), data)[name] for name in ("width", "l2", "dropout")):
        assert [value for _, value in knob.choices] == [knob.start]
        assert "Expected a model with hidden layers" in knob.missing


def test_shares_of_a_few_examples_are_left_out(data):
    shares = knobs(chain(keras.layers.Dense(1)), data)["share"].choices
    assert shares[0] == ("10", 0.1)
    assert shares[-1] == ("all 100", 1.0)


def test_a_stream_offers_no_share_of_its_examples():
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((np.zeros((8, 4)), np.zeros((8, 1)))).batch(4)
    knob = knobs(chain(keras.layers.Dense(1)), rl.data.stream(batches, batches))["share"]
    assert knob.choices == (("all", 1.0),)
    assert "stream" in knob.missing
