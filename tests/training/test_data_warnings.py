from __future__ import annotations

import numpy as np
import pytest

from regulab.data.arrays import arrays
from regulab.data.streams import stream
from regulab.training.data_warnings import warn_of_changing_order, warn_of_one_label


@pytest.mark.parametrize(
    ("train", "validation", "said"),
    [([1, 1, 1], [0, 1], "3 labels of 'train' are 1"), ([0, 1, 1], [[0], [0]], "2 labels of 'validation' are 0")],
)
def test_a_split_with_one_label_brings_a_warning(train, validation, said):
    data = arrays(np.arange(3.0).reshape(3, 1), train, validation=([[7.0], [8.0]], validation))
    with pytest.warns(UserWarning, match=f"All {said}, so a model .* need shuffling"):
        warn_of_one_label(data)


@pytest.mark.filterwarnings("error")
def test_labels_that_differ_and_a_single_example_are_no_reason_to_warn():
    x = np.arange(3.0).reshape(3, 1)
    warn_of_one_label(arrays(x, [0, 1, 1], validation=(x + 7, [0, 0, 1]), test=([[12.0]], [1])))
    warn_of_one_label(arrays(x, np.eye(3), validation=(x + 7, np.eye(3))))


def batches(*, again: bool | None = None):
    import tensorflow as tf

    examples = tf.data.Dataset.from_tensor_slices(({"a": np.arange(64.0), "b": np.arange(64)}, np.arange(64) % 2))
    return (examples if again is None else examples.shuffle(64, reshuffle_each_iteration=again)).batch(64)


def test_a_validation_stream_in_another_order_each_time_brings_a_warning():
    with pytest.warns(UserWarning, match=r"yields different batches each time.*reshuffle_each_iteration=False"):
        warn_of_changing_order(stream(batches(again=True), batches(again=True)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("again", [None, False])
def test_a_training_stream_may_change_its_order(again):
    warn_of_changing_order(stream(batches(again=True), batches(again=again)))
