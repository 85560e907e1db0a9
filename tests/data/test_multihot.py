from __future__ import annotations

import numpy as np
import pytest

from regulab.data import multihot
from regulab.data.multihot import distinct, multi_hot
from regulab.errors import InputError


def test_a_word_that_occurs_twice_is_a_one() -> None:
    assert multi_hot([[2, 2, 0]], words=3).toarray().tolist() == [[1, 0, 1]]


def test_words_beyond_the_vocabulary_are_dropped() -> None:
    assert multi_hot([[1, 3], [5]], words=3).toarray().tolist() == [[0, 1, 0], [0, 0, 0]]


def test_flat_ids_and_lists_give_the_same_matrix() -> None:
    lists = multi_hot([[1, 2], [], [0]], words=4)
    flat = multi_hot(np.array([1, 2, 0], np.uint32), np.array([0, 2, 2, 3], np.uint64), words=4)
    assert lists.toarray().tolist() == flat.toarray().tolist() == [[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]]


def test_memory_is_four_bytes_an_index_and_four_a_one() -> None:
    matrix = multi_hot([[1, 2], [3]], words=4)
    assert (matrix.indices.dtype, matrix.indptr.dtype, matrix.data.dtype) == (np.int32, np.int32, np.float32)


def test_indices_are_sorted_within_each_row() -> None:
    matrix = multi_hot([[9, 1, 5], [4, 0]], words=10)
    assert matrix.indices.tolist() == [1, 5, 9, 0, 4]


def test_no_reviews_are_an_empty_matrix() -> None:
    assert multi_hot([], words=4).shape == (0, 4)


def test_the_matrix_does_not_depend_on_how_many_ids_are_sorted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    reviews = [rng.integers(30, size=size).tolist() for size in rng.integers(0, 9, size=50)]
    whole = multi_hot(reviews, words=20)
    for at_once in (1, 5, 17):
        monkeypatch.setattr(multihot, "_IDS_AT_ONCE", at_once)
        pieces = multi_hot(reviews, words=20)
        assert pieces.indptr.tolist() == whole.indptr.tolist()
        assert pieces.indices.tolist() == whole.indices.tolist()


@pytest.mark.parametrize(
    ("ids", "splits", "message"),
    [
        ([[1, -2]], None, "Received: -2 at position 1"),
        ([[0.5]], None, "integers"),
        (np.array([1, 2]), np.array([0, 3]), "rise from 0 to the number of ids, 2"),
        (np.array([1, 2]), np.array([1, 2]), "rise from 0"),
        (np.array([1, 2, 3]), np.array([0, 2, 1, 3]), "rise from 0"),
        (np.array([1, 2, 3]), np.array([0, 2, 1, 3], np.uint64), "rise from 0"),
        (np.array([1]), np.array([0.0, 1.0]), "rise from 0"),
        (np.array([1]), np.array(0), "Received: 0 offsets"),
    ],
)
def test_ids_that_make_no_sense_are_refused(ids: object, splits: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        multi_hot(ids, splits, words=5)


def test_a_vocabulary_needs_a_word() -> None:
    with pytest.raises(InputError, match="words=0"):
        multi_hot([[1]], words=0)


def test_distinct_agrees_with_numpy() -> None:
    values = np.array([5, -1, 5, 0, 0])
    assert distinct(values).tolist() == np.unique(values).tolist()
    assert distinct(np.array([], np.int64)).tolist() == []
