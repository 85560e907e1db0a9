from __future__ import annotations

import numpy as np
import pytest

import regulab as rl
from regulab.data.dataset import Dataset, Split, Stream
from regulab.errors import InputError
from regulab.models.default_model import default_head


def data_with(labels, *, shape=(4,)):
    split = Split(np.zeros((len(labels), *shape), "float32"), np.asarray(labels))
    return Dataset(name="data", train=split, validation=split)


def head(labels):
    model = rl.default_model(data_with(labels))()
    return model.layers[-1].units, model.layers[-1].activation.__name__, model.loss


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 1], (1, "sigmoid", "binary_crossentropy")),
        ([0.0, 1.0], (1, "sigmoid", "binary_crossentropy")),
        ([True, False], (1, "sigmoid", "binary_crossentropy")),
        ([[0], [1]], (1, "sigmoid", "binary_crossentropy")),
        ([0, 2, 5], (6, "softmax", "sparse_categorical_crossentropy")),
        ([[0, 1, 0], [1, 0, 0]], (3, "softmax", "categorical_crossentropy")),
        ([0.5, 1.5], (1, "linear", "mean_squared_error")),
        ([-1, 0, 1], (1, "linear", "mean_squared_error")),
        ([0, 250_000], (1, "linear", "mean_squared_error")),
        ([[0.5, 2.0], [1.0, 1.0]], (2, "linear", "mean_squared_error")),
    ],
)
def test_the_output_suits_the_labels(labels, expected):
    assert head(labels) == expected


@pytest.mark.parametrize(
    ("labels", "description"),
    [
        ([0.0, 1.0], "2 classes, 0 and 1: 1 sigmoid output, binary_crossentropy"),
        ([0, 1, 2], "3 classes, 0 to 2: 3 softmax outputs, sparse_categorical_crossentropy"),
        ([1, 2], "3 classes, 0 to 2, 1 of them without examples: 3 softmax outputs, sparse_categorical_crossentropy"),
        ([[0, 1], [1, 0]], "2 classes in one-hot rows: 2 softmax outputs, categorical_crossentropy"),
        ([0.5, 1.5], "numbers: 1 linear output, mean_squared_error"),
    ],
)
def test_the_head_describes_how_the_labels_are_interpreted(labels, description):
    assert default_head(data_with(labels)).describe() == description


@pytest.mark.parametrize("labels", [[1, 1], [0.5, 0.5], [[0, 1], [0, 1]]])
def test_labels_that_are_all_the_same_are_refused(labels):
    with pytest.raises(InputError, match=r"training labels that differ. Received: .* in each of the 2 rows"):
        rl.default_model(data_with(labels))


@pytest.mark.parametrize("labels", [[-1, 1, 1], [-1.0, 1.0], [[1], [-1]]])
def test_classes_coded_as_minus_one_and_one_are_refused(labels):
    with pytest.raises(
        InputError, match=r"two classes as 0 and 1. Received: training labels -1 and 1. Recode .*\(y > 0\)"
    ):
        rl.default_model(data_with(labels))


def test_it_is_the_courses_network():
    model = rl.default_model(data_with([0, 1]))()
    assert [layer.units for layer in model.layers] == [16, 16, 1]
    assert type(model.optimizer).__name__ == "Adam"
    assert model.optimizer.learning_rate.numpy() == pytest.approx(0.001)
    assert model.input_shape == (None, 4)


def test_images_are_made_flat_first():
    model = rl.default_model(data_with([0, 1], shape=(2, 3)), units=2)()
    assert [type(layer).__name__ for layer in model.layers] == ["Flatten", "Dense", "Dense", "Dense"]
    assert model.layers[1].kernel.shape == (6, 2)


@pytest.mark.parametrize(("rows", "shape"), [(0, (4,)), (3, ())])
def test_data_without_rows_or_columns_is_refused(rows, shape):
    with pytest.raises(InputError, match=r"a row for each example and a column for each feature.*x.reshape\(-1, 1\)"):
        rl.default_model(data_with([0, 1, 1][:rows], shape=shape))


def test_a_stream_needs_a_model_of_its_own():
    stream = Stream(None)
    with pytest.raises(InputError, match=r"Expected a model for a stream of batches.*--model module:function"):
        rl.default_model(Dataset(name="data", train=stream, validation=stream))
