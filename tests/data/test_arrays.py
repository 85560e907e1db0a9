from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from regulab.data import Split, arrays, check, validate_on_test
from regulab.data.dataset import Dataset, Stream
from regulab.errors import InputError

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2


def test_shares_are_shares_of_all_rows() -> None:
    data = arrays(X, Y, validation=0.2, test=0.3)
    assert [(name, len(split)) for name, split in data.splits()] == [("train", 10), ("validation", 4), ("test", 6)]
    assert data.source == "arrays in memory; validation: 20% of the rows, seed 0; test: 30% of the rows, seed 0"


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, [12, 4, 4]),
        ({"validation": "test"}, [16, 4, 4]),
        ({"validation": (X + 100, Y)}, [20, 20]),
        ({"test": (X + 100, Y)}, [16, 4, 20]),
        ({"test": None}, [16, 4]),
    ],
)
def test_by_default_a_fifth_of_the_rows_is_for_testing_unless_validation_rows_are_given(options, sizes) -> None:
    assert [len(split) for _, split in arrays(X, Y, **options).splits()] == sizes


def test_every_row_lands_in_one_split_with_its_label_and_weight() -> None:
    data = arrays(X, Y, test=0.25, sample_weight=np.arange(20.0))
    rows = np.concatenate([split.x[:, 0] for _, split in data.splits()])
    assert sorted(rows) == X[:, 0].tolist()
    for _, split in data.splits():
        number = (split.x[:, 0] / 2).astype(int)
        assert split.y.tolist() == Y[number].tolist()
        assert split.sample_weight.tolist() == number.tolist()


def test_classes_keep_their_proportions() -> None:
    data = arrays(X, np.repeat([0, 1], [15, 5]), validation=0.2, test=0.2)
    assert [int(split.y.sum()) for _, split in data.splits()] == [3, 1, 1]


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    first, again, other = (arrays(X, Y, seed=seed).validation.x.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_rows_of_ones_own_are_taken_as_they_are() -> None:
    data = arrays(X, Y, validation=(X + 100, Y), test=[X + 200, Y, np.ones(20)])
    assert data.train.x.tolist() == X.tolist()
    assert data.validation.x[0].tolist() == [100, 101]
    assert data.test.sample_weight.tolist() == [1.0] * 20
    assert arrays(X, Y, validation=data.test).validation is data.test


def test_validation_can_be_the_test_split() -> None:
    data = arrays(X, Y, validation="test", test=0.25)
    assert data.validation is data.test
    assert data.validation_is_test
    assert len(data.train) == 15
    check(data)


def test_lists_and_numpy_shares_are_accepted() -> None:
    data = arrays(X.tolist(), Y.tolist(), validation=np.float32(0.25), test=np.float32(0.25))
    assert [len(split) for _, split in data.splits()] == [10, 5, 5]


def test_every_sparse_format_becomes_csr_of_float32() -> None:
    for make in (sparse.coo_array, sparse.csc_matrix, sparse.csr_matrix, sparse.csr_array):
        train = arrays(make(X.astype(int)), Y, validation=(X + 100, Y)).train
        assert isinstance(train.x, sparse.csr_array)
        assert train.x.dtype == np.float32
        assert train.x.toarray().tolist() == X.tolist()


def test_entries_of_a_sparse_matrix_that_occur_twice_are_added_up() -> None:
    twice = sparse.coo_array(([1.0, 2.0, 5.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    train = arrays(twice, [0, 1], validation=(twice, [0, 1])).train
    assert train.x.data.tolist() == [3.0, 5.0]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, Y[:5], r"as many labels as features in 'data'\. Received: 20 rows of features, 5 of labels"),
        (sparse.csr_array(X), Y[:5], r"20 rows of features, 5 of labels"),
        ([], [], r"enough rows .* Received: 0 rows"),
        (X[:2], Y[:2], r"enough rows to split off a share of 0\.2\. Received: 2 rows"),
        (3, 4, r"features of 'data' with one row per example\. Received: a single value"),
        (
            [[1, 2], [3]],
            [0, 1],
            r"features in 'data' as rows of equal length\. Received: rows of different lengths\. Pad",
        ),
        (
            [["a"], ["b"]],
            [0, 1],
            r"numbers as features in 'data'\. Received: dtype <U1\. Fill missing values, and turn",
        ),
        ([[1], [None]], [0, 1], r"Received: dtype object\. Fill missing values"),
        (
            X,
            ["a", "b"] * 10,
            r"numbers as labels in 'data'\. Received: dtype <U1\. Number the classes from 0, .*unique",
        ),
        (X, np.array(["a", "b"] * 10, object), r"labels in 'data'\. Received: dtype object\. Number the classes"),
        ({"a": X, "b": X}, Y, r"features of 'data' as one array\. Received: a dict \(a, b\)\. .* rl\.data\.stream\("),
        (X, {"a": Y, "b": Y}, r"labels of 'data' as one array\. Received: a dict \(a, b\)\. .* one output"),
        (X * 1j, Y, r"Received: dtype complex128"),
        (
            X,
            sparse.csr_array(Y[:, None]),
            r"dense array of labels in 'data'\. Received: a sparse matrix\. Use \.toarray",
        ),
        (sparse.coo_array(X[:, 0]), Y, r"sparse matrix of numbers .* Received: shape \(20,\), dtype float64"),
        (sparse.csr_array(X * 1j), Y, r"Received: shape \(20, 2\), dtype complex128"),
    ],
)
def test_features_and_labels_that_do_not_fit_are_refused(x: object, y: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        arrays(x, y)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_row_in_the_users_data(value: float) -> None:
    dense = X.copy()
    dense[7, 1] = dense[9, 0] = value
    message = (
        r"Expected finite features in 'data'\. Received: 2 NaN or infinite values, the first in row 7\. Fill or drop"
    )
    for x in (dense, dense.reshape(20, 2, 1), sparse.csr_array(dense), sparse.csc_array(dense)):
        with pytest.raises(InputError, match=message):
            arrays(x, Y)
    with pytest.raises(InputError, match=r"finite labels in 'data'\. Received: 1 NaN or infinite value, .* row 3"):
        arrays(X, np.where(np.arange(20) == 3, value, Y))
    with pytest.raises(InputError, match=r"finite sample weights in 'data'"):
        arrays(X, Y, sample_weight=np.full(20, value))
    with pytest.raises(InputError, match=r"finite features in 'validation'"):
        arrays(X, Y, validation=(dense, Y))


def test_a_sparse_matrix_with_a_column_that_it_does_not_have_is_refused() -> None:
    broken = sparse.csr_array(X.astype(np.float32))
    broken.indices[3] = 99
    with pytest.raises(InputError, match=r"well-formed sparse matrix as features in 'data'.*indices must be < 2"):
        arrays(broken, Y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation": 0.0}, r"`validation` as a share in \(0, 1\)\. Received: 0\.0"),
        ({"validation": 1.5}, r"Received: 1\.5"),
        ({"test": float("nan")}, r"`test` as a share in \(0, 1\)\. Received: nan"),
        ({"validation": 21}, r"Received: 21, a whole number\. To split off a number of rows, divide it by"),
        ({"test": 1}, r"`test` as a share in \(0, 1\)\. Received: 1, a whole number"),
        ({"validation": 0.9}, r"validation=0\.9, test=0\.2\. Use smaller shares, or test=None"),
        ({"validation": 0.6, "test": 0.4}, r"leave rows to train on\. Received: validation=0\.6, test=0\.4"),
        ({"validation": None}, r"`validation` as a share such as 0\.2, .* or 'test'\. Received: None"),
        ({"validation": True}, r"Received: True"),
        ({"validation": "tset"}, r"Received: 'tset'"),
        ({"test": "test"}, r"triple \(x, y, sample_weight\)\. Received: 'test'"),
        ({"validation": (X,)}, r"Received: a tuple of length 1\.$"),
        ({"validation": X}, r"Received: ndarray\.$"),
        ({"validation": {"x": X}}, r"Received: dict\.$"),
        ({"validation": (X, Y[:3])}, r"labels as features in 'validation'\. Received: 20 rows of features, 3"),
        (
            {"validation": "test", "test": None},
            r"a test split for validation='test'\. Received: test=None\. Use test=0\.2",
        ),
        ({"sample_weight": [1, 2]}, r"as many sample weights as features in 'data'\. Received: 20 rows of features, 2"),
        ({"sample_weight": 1.0}, r"sample weights of 'data' with one row per example"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        arrays(X, Y, **options)


def test_a_negative_weight_is_refused_with_its_row() -> None:
    weight = np.where(np.arange(20) < 6, 0.0, -2.0)
    message = r"sample weights of at least 0 in 'data'\. Received: -2, the first below 0 in row 6\. Use 0"
    with pytest.raises(InputError, match=message):
        arrays(X, Y, sample_weight=weight)
    with pytest.raises(InputError, match=r"at least 0 in 'validation'"):
        arrays(X, Y, validation=(X + 100, Y, weight))
    with pytest.raises(InputError, match=r"at least 0 in 'train'"):
        check(Dataset(name="data", train=Split(X, Y, weight), validation=Split(X + 100, Y)))


def test_several_weights_per_example_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"one sample weight per example in 'data'\. Received: shape \(20, 3\)\. Use one weight"
    ):
        arrays(X, Y, sample_weight=np.ones((20, 3)))
    assert arrays(X, Y, sample_weight=np.ones((20, 1))).train.sample_weight.shape == (12,)


def test_validation_on_test_needs_a_test_split() -> None:
    data = Dataset(name="mine", train=Split(X, Y), validation=Split(X, Y))
    with pytest.raises(InputError, match=r"Received: 'mine', which has none"):
        validate_on_test(data)


def test_a_synthetic_data_set_says_so_in_its_title() -> None:
    split = Split(X, Y)
    assert Dataset(name="made", train=split, validation=split, synthetic=True).title == "made (synthetic)"
    assert Dataset(name="real", train=split, validation=split).title == "real"


def test_rows_are_taken_in_the_order_asked_for() -> None:
    taken = Split(sparse.csr_array(X), Y, np.arange(20)).rows(np.array([5, 0]))
    assert taken.x.toarray().tolist() == [[10, 11], [0, 1]]
    assert (taken.y.tolist(), taken.sample_weight.tolist()) == ([1, 0], [5, 0])


def test_a_data_set_has_a_repr_of_one_line() -> None:
    x, y = np.zeros((1500, 3), "float32"), np.arange(1500) % 2
    data = Dataset(name="made", synthetic=True, train=Split(x, y), validation=Split(x[:9], y[:9]), test=Stream(None))
    assert repr(data) == "<Dataset made (synthetic): train 1,500, validation 9, test a stream>"
    assert repr(data.train) == "<Split: x (1500, 3), y (1500,)>"
