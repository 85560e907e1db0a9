from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array
from scipy import sparse

from regulab.data import Dataset, Split, arrays, check, shared_rows
from regulab.data.validate import row_hashes
from regulab.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(100, 3))
Y = np.arange(100) % 2
LAST = X[4, 2]
OTHER = RNG.normal(size=(50, 3))


def dataset(train: Any, validation: Any, test: Any = None, **options: Any) -> Dataset:
    splits = [None if x is None else Split(x, np.arange(x.shape[0]) % 2) for x in (train, validation, test)]
    return Dataset(name="data", train=splits[0], validation=splits[1], test=splits[2], **options)


def test_healthy_data_passes() -> None:
    check(arrays(X, Y, test=0.2))
    check(arrays(sparse.csr_array(X), Y, test=0.2, sample_weight=np.ones(100)))


def test_an_empty_split_is_named() -> None:
    with pytest.raises(InputError, match=r"at least one example in 'validation'\. Received: an empty split"):
        check(dataset(X, X[:0]))


def test_rows_without_features_are_refused() -> None:
    with pytest.raises(InputError, match=r"at least one feature in 'train'\. Received: rows of shape \(0,\)"):
        check(dataset(X[:, :0], OTHER[:, :0]))


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (Split(X, Y[:7]), r"as many labels as features in 'train'\. Received: 100 rows of features, 7 of labels"),
        (Split(X, Y, np.ones(3)), r"as many sample weights as features in 'train'.* 3 of sample weights"),
        (Split(X, np.array(["a"] * 100)), r"numbers as labels in 'train'\. Received: dtype <U1"),
        (Split(np.where(X == LAST, np.nan, X), Y), r"finite features in 'train'\. Received: 1 NaN .* in row 4"),
        (Split(sparse.csr_array(np.where(X == LAST, np.inf, X)), Y), r"1 NaN or infinite value, the first in row 4"),
        (
            Split(X, np.where(Y, -np.inf, 0)),
            r"finite labels in 'train'\. Received: 50 NaN or infinite values, .* row 1",
        ),
        (Split(X, Y, np.full(100, np.nan)), r"finite sample weights in 'train'"),
        (Split(X, Y, np.zeros(100)), r"some sample weight above 0 in 'train'.*0 for every example"),
    ],
)
def test_a_split_made_by_hand_is_checked_too(split: Split, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(Dataset(name="data", train=split, validation=Split(OTHER, Y[:50])))


def test_splits_of_other_shapes_are_refused() -> None:
    with pytest.raises(InputError, match=r"one shape in all splits\. Received: \(3,\) in 'train', \(2,\) in 'test'"):
        check(dataset(X, OTHER, RNG.normal(size=(5, 2))))


def test_one_array_in_two_splits_is_refused() -> None:
    for x in (X, sparse.csr_array(X), np.zeros((4, 1))):
        with pytest.raises(InputError, match=r"'validation' to hold examples that 'train' does not.*a share such as 0"):
            check(dataset(x, x))


def test_validation_rows_in_the_test_split_lead_to_the_option_for_it() -> None:
    with pytest.raises(InputError, match=r"50 of the 50 rows of 'test' also occur in 'validation'.*validation='test'"):
        check(dataset(X, OTHER, OTHER))
    check(dataset(X, OTHER, OTHER, validation_is_test=True))


def test_training_rows_leak_into_no_other_split_even_where_validation_is_test() -> None:
    leaky = np.concatenate([OTHER, X[:20]])
    with pytest.raises(InputError, match=r"20 of the 70 rows of 'validation'"):
        check(dataset(X, leaky, leaky, validation_is_test=True))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_a_few_rows_that_occur_twice_pass_and_a_third_does_not(kind: Any) -> None:
    few, many = (np.concatenate([OTHER, X[:count]]) for count in (5, 22))
    assert shared_rows(kind(X), kind(few)) == 5  # 9% of 55
    check(dataset(kind(X), kind(few)))
    with pytest.raises(InputError, match=r"Received: 22 of the 72 rows of 'validation' also occur in 'train'"):
        check(dataset(kind(X), kind(many)))


@pytest.mark.parametrize("sizes", [(100, 100), (1000, 50), (50, 1000)])
def test_rows_of_few_possible_values_repeat_by_chance(sizes: tuple[int, int]) -> None:
    for columns in (2, 4):  # 4 or 16 possible rows, as in XOR
        train, validation = (RNG.integers(0, 2, size=(size, columns)) for size in sizes)
        assert shared_rows(train, validation) > 0.5 * sizes[1]
        check(dataset(train, validation))


def test_shared_rows_are_counted_in_the_second() -> None:
    a, b = np.array([[1, 2], [3, 4], [3, 4]]), np.array([[3, 4], [9, 9], [3, 4], [3, 4]])
    assert (shared_rows(a, b), shared_rows(b, a)) == (3, 2)
    assert shared_rows(a[:0], b) == shared_rows(b, a[:0]) == 0


def test_a_hash_depends_on_values_alone() -> None:
    rows = np.array([[0, 1, 0], [2, 0, 3], [0, 0, 0], [-1, 5, 0]])
    expected = row_hashes(rows).tolist()
    assert len(set(expected)) == 4
    for same in (
        rows.astype(np.float32),
        np.where(rows == 0, -0.0, rows),
        rows.reshape(4, 3, 1),
        sparse.csr_array(rows),
        sparse.coo_array(rows),
    ):
        assert row_hashes(same).tolist() == expected


def test_many_rows_are_hashed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = row_hashes(X).tolist()
    monkeypatch.setattr("regulab.data.validate._VALUES_AT_ONCE", 7)
    assert row_hashes(X).tolist() == whole


@settings(max_examples=50, deadline=None)
@given(any_array(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(0, 2)))
def test_equal_hashes_mean_equal_rows(rows: np.ndarray) -> None:
    hashes = row_hashes(rows).tolist()
    assert len(set(hashes)) == len({tuple(row) for row in rows.tolist()})
    assert row_hashes(sparse.csr_array(rows)).tolist() == hashes


def test_splits_of_a_few_answers_have_no_duplicates_beyond_chance() -> None:
    from regulab.data.describe import describe

    rng = np.random.default_rng(0)
    for _ in range(100):
        answers = rng.integers(0, 3, (int(rng.integers(100, 500)), 4)).astype(float)
        data = arrays(answers, np.arange(len(answers)) % 2, validation=0.2, test=0.2)
        assert describe(data)["duplicates"] == {"validation": 0, "test": 0}


def test_a_sparse_split_whose_parts_do_not_fit_is_refused() -> None:
    good = sparse.csr_array(np.eye(3, dtype=np.float32))
    bad = good.copy()
    bad.indices[0] = 7
    with pytest.raises(InputError, match=r"Expected a well-formed sparse matrix as features in 'train'"):
        check(dataset(bad, good))
