from __future__ import annotations

import numpy as np
import pytest

from regulab.data.arrays import arrays
from regulab.errors import InputError
from regulab.training.class_weight import check_weighted, class_weights


def test_class_weights_become_plain_numbers():
    assert class_weights({np.int64(0): 1, True: np.float32(2.5)}) == {0: 1.0, 1: 2.5}
    assert class_weights(None) is None


@pytest.mark.parametrize(
    "given",
    [
        {"a": 1},
        {0: "1"},
        {0: -1.0},
        {-1: 1.0},
        {0.5: 1.0},
        {0: float("nan")},
        {0: float("inf")},
        {},
        "balanced",
        [1, 2],
    ],
)
def test_invalid_class_weights_are_refused(given):
    with pytest.raises(
        InputError, match=r"from class numbers to weights of at least 0. Received: class_weight=.*\{0: 1"
    ):
        class_weights(given)


def test_class_weights_need_labels_that_are_classes():
    x = np.arange(20.0).reshape(20, 1)
    check_weighted(arrays(x, np.arange(20) % 2, validation=0.5), {0: 2.0})
    check_weighted(arrays(x, x[:, 0] / 3, validation=0.5), None)
    with pytest.raises(InputError, match=r"class numbers as labels.*Received: labels such as 0\.333333.*sample_weight"):
        check_weighted(arrays(x, np.full(20, 1 / 3), validation=0.5), {0: 2.0})


@pytest.mark.parametrize(
    ("labels", "received"),
    [
        (np.array([[1, 1, 0], [0, 1, 0]] * 10), r"rows such as \[1, 1, 0\]"),
        (np.array([[0.5, -1.5], [2.0, -1.0]] * 10), r"rows such as \[0\.5, -1\.5\]"),
        (np.eye(3)[np.arange(120).reshape(20, 6) % 3], "18 labels per example"),
    ],
)
def test_class_weights_need_one_class_per_example(labels, received):
    data = arrays(np.arange(20.0).reshape(20, 1), labels, validation=(np.full((2, 1), 30.0), labels[:2]))
    with pytest.raises(InputError, match=rf"one class per example.*Received: {received}.*sample_weight"):
        check_weighted(data, {0: 2.0})


def test_class_weights_of_one_hot_rows_and_shares_are_taken():
    x = np.arange(20.0).reshape(20, 1)
    check_weighted(arrays(x, np.eye(2)[np.arange(20) % 2], validation=0.5), {0: 2.0, 1: 1.0})
    check_weighted(arrays(x, np.tile([0.3, 0.7], (20, 1)), validation=0.5), {1: 2.0})


@pytest.mark.parametrize(
    ("labels", "weights", "received"),
    [
        (np.arange(20) % 2, {1: 1.0, 2: 5.0}, "from 0 to 1. Received: a weight for class 2"),
        (np.arange(20) % 2 * 2 - 1, {0: 1.0, 1: 5.0}, "from -1 to 1. Received: a weight for class 0"),
        (np.eye(2)[np.arange(20) % 2], {2: 5.0}, "from 0 to 1. Received: a weight for class 2"),
    ],
)
def test_weights_of_classes_that_no_label_has_are_refused(labels, weights, received):
    with pytest.raises(InputError, match=received):
        check_weighted(arrays(np.arange(20.0).reshape(20, 1), labels, validation=0.5), weights)


def test_a_class_that_only_the_validation_has_may_have_a_weight():
    x = np.arange(4.0).reshape(4, 1)
    check_weighted(arrays(x, [0, 1, 0, 1], validation=(x + 10, [0, 1, 2, 2])), {2: 5.0})


@pytest.mark.parametrize(("weights", "examples"), [({0: 0.0, 1: 0.0}, None), ({1: 0.0}, [0, 1, 0, 1])])
def test_class_weights_with_which_no_example_counts_are_refused(weights, examples):
    x = np.arange(4.0).reshape(4, 1)
    data = arrays(x, [0, 1, 0, 1], sample_weight=examples, validation=(x + 10, [0, 1, 0, 1]))
    with pytest.raises(InputError, match=r"at least one training example with a weight above 0.*1: 0\.0"):
        check_weighted(data, weights)
