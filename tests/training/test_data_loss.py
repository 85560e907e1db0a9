from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import InputError
from regulab.training.data_loss import data_loss, loss_name

P = np.array([[0.9], [0.2], [0.6]], "float32")
Y = np.array([[1.0], [0.0], [0.0]], "float32")
CROSS_ENTROPY = -np.log([0.9, 0.8, 0.4])


def compiled(loss, *, layers=(), shape=(3,)):
    model = keras.Sequential([keras.Input(shape), *layers, kl.Dense(1)])
    model.compile("sgd", loss)
    return model


def losses(loss, y=Y, p=P):
    return np.asarray(data_loss(compiled(loss))(y, p))


def mean_distance(y, p):
    return keras.ops.mean(keras.ops.abs(y - p), axis=-1)


@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        keras.losses.binary_crossentropy,
        keras.losses.BinaryCrossentropy(),
        keras.losses.BinaryCrossentropy(reduction="sum"),
        keras.losses.BinaryCrossentropy(label_smoothing=0.2),
    ],
    ids=["name", "function", "object", "another reduction", "smoothed"],
)
def test_each_example_has_its_loss_however_the_loss_was_given(loss):
    np.testing.assert_allclose(losses(loss), CROSS_ENTROPY, rtol=1e-5)


def test_the_loss_that_was_compiled_stays_smoothed():
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.2)
    losses(loss)
    assert (loss.label_smoothing, loss.reduction) == (0.2, "sum_over_batch_size")


def test_penalties_are_left_out():
    model = compiled("mse", layers=[kl.Dense(2, kernel_regularizer="l2")])
    assert len(model.losses) == 1
    np.testing.assert_allclose(data_loss(model)(Y, P), [0.01, 0.04, 0.36], rtol=1e-5)


@pytest.mark.parametrize("labels", [Y, Y[:, 0]], ids=["a column", "a row"])
def test_a_custom_function_takes_labels_with_and_without_a_column(labels):
    np.testing.assert_allclose(losses(mean_distance, labels), [0.1, 0.2, 0.6], rtol=1e-5)


def test_a_custom_loss_class_needs_no_config():
    class Distance(keras.losses.Loss):
        def __init__(self, times):
            super().__init__()
            self.times = times

        def call(self, y_true, y_pred):
            return self.times * mean_distance(y_true, y_pred)

    np.testing.assert_allclose(losses(Distance(10)), [1, 2, 6], rtol=1e-5)


def test_several_values_of_an_example_are_averaged():
    y, p = np.zeros((2, 3, 1), "float32"), np.array([[[0], [0], [3]], [[1], [1], [1]]], "float32")
    np.testing.assert_allclose(losses("mean_absolute_error", y, p), [1, 1], rtol=1e-5)


def test_masked_steps_of_a_sequence_are_left_out():
    model = keras.Sequential([keras.Input((3,)), kl.Embedding(5, 2, mask_zero=True), kl.Dense(1)])
    model.compile("sgd", "mae")
    words = np.array([[1, 2, 0], [1, 0, 0], [0, 0, 0]])
    predictions = model(words)
    of_each_step = np.abs(np.asarray(predictions))[:, :, 0]
    expected = [of_each_step[0, :2].mean(), of_each_step[1, 0], 0]
    np.testing.assert_allclose(data_loss(model)(np.zeros((3, 3, 1), "float32"), predictions), expected, atol=1e-6)


def test_half_precision_is_measured_in_full():
    measured = data_loss(compiled("mse"))(Y.astype("float16"), P.astype("float16"))
    assert keras.backend.standardize_dtype(measured.dtype) == "float32"


def test_a_loss_of_the_whole_batch_is_refused():
    def whole(y, p):
        return keras.ops.mean(keras.ops.abs(y - p))

    with pytest.raises(InputError, match=r"a loss that gives a value for each example.*'whole'.*axis=-1"):
        losses(whole)


@pytest.mark.parametrize("loss", [None, ["mse"], {"out": "mse"}])
def test_a_model_needs_a_single_loss(loss):
    model = compiled("mse")
    model.loss = loss
    with pytest.raises(InputError, match=r"Expected a model compiled with one loss for one output"):
        data_loss(model)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("bce", "binary_crossentropy"),
        (keras.losses.mean_squared_error, "mean_squared_error"),
        (keras.losses.Huber(), "huber_loss"),
        (mean_distance, "mean_distance"),
    ],
)
def test_a_loss_has_a_name(loss, name):
    assert loss_name(loss) == name
