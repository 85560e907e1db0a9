from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from regulab.data import Dataset, Split, Stream, check, stream
from regulab.errors import InputError

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10).reshape(10, 1) % 2


@pytest.fixture(scope="module")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def batches(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)


def test_a_stream_is_kept_as_it_is(batches: Any) -> None:
    data = stream(batches, batches.take(1), batches.skip(1), name="clicks")
    assert data.train.batches is batches
    assert [name for name, _ in data.splits()] == ["train", "validation", "test"]
    assert (data.name, data.validation_is_test) == ("clicks", False)
    check(data)


def test_the_size_is_known_only_where_every_batch_is_full(tf: Any, batches: Any) -> None:
    full = tf.data.Dataset.from_tensor_slices((X, Y)).batch(5, drop_remainder=True)
    data = stream(full, batches)
    assert (data.train.size, data.validation.size) == (10, None)


def test_the_test_stream_can_serve_as_validation(batches: Any) -> None:
    data = stream(batches, "test", batches)
    assert data.validation is data.test
    assert data.validation_is_test


def test_a_generator_larger_than_memory_is_taken_without_reading_it(tf: Any) -> None:
    read = []

    def endless_disk() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        read.append(1)
        for _ in range(1 << 40):  # 2^40 batches of 8 kB: 8 petabytes
            yield np.zeros((1000, 2), np.float32), np.zeros((1000, 1), np.float32)

    signature = (tf.TensorSpec((None, 2), tf.float32), tf.TensorSpec((None, 1), tf.float32))
    generated = tf.data.Dataset.from_generator(endless_disk, output_signature=signature)
    data = stream(generated, generated.take(2))
    check(data)
    assert data.train.size is None
    assert read == []


def test_streams_with_weights_several_inputs_or_unknown_shapes_are_accepted(tf: Any, batches: Any) -> None:
    weighted = tf.data.Dataset.from_tensor_slices((X, Y, np.ones(10))).batch(2)
    several = tf.data.Dataset.from_tensor_slices(({"a": X, "b": X}, Y)).batch(2)
    untold = tf.data.Dataset.from_generator(lambda: iter([(X, Y)]), output_types=(tf.float32, tf.float32))
    for taken in (weighted, several, untold):
        assert stream(taken, batches).train.batches is taken
    assert stream(Stream(several, 10), batches).train.size == 10


def test_streams_that_cannot_be_trained_on_are_refused(tf: Any, batches: Any) -> None:
    slices = tf.data.Dataset.from_tensor_slices
    cases = [
        (slices((X, Y)), r"Expected 'train' to be batched\. Received: \(shape \(2,\), shape \(1,\)\)\. Add \.batch"),
        (slices((X, Y[:, 0])), r"Expected 'train' to be batched"),
        (batches.repeat(), r"Expected 'train' to end\. Received: an endless stream\. Remove \.repeat\(\)"),
        (batches.take(0), r"Expected examples in 'train'\. Received: an empty stream"),
        (slices(X).batch(2), r"yield \(x, y\) or \(x, y, sample_weight\)\. Received: shape \(None, 2\)"),
        (slices({"x": X, "y": Y}).batch(2), r"Received: a dict"),
        (slices((X, Y, Y, Y)).batch(2), r"Expected 'train' to yield \(x, y\)"),
        (X, r"Expected a tf.data.Dataset for 'train'\. Received: ndarray\. rl\.data\.arrays"),
        (iter([(X, Y)]), r"Received: list_iterator.*from_generator"),
    ]
    for given, message in cases:
        with pytest.raises(InputError, match=message):
            stream(given, batches)


@pytest.mark.parametrize("validation", [0.2, None, "train", (X, Y)])
def test_validation_has_to_be_a_stream(batches: Any, validation: object) -> None:
    with pytest.raises(InputError, match=r"Expected a tf.data.Dataset for 'validation'"):
        stream(batches, validation)


def test_validation_on_test_needs_a_test_stream(batches: Any) -> None:
    with pytest.raises(InputError, match=r"Expected a test stream.*Received: test=None"):
        stream(batches, "test")


def test_the_check_still_looks_at_splits_beside_streams(batches: Any) -> None:
    bad = Split(np.array([[np.nan, 1.0]]), np.array([0]))
    with pytest.raises(InputError, match="finite features in 'validation'"):
        check(Dataset(name="mixed", train=Stream(batches), validation=bad))
