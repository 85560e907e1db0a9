from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from regulab.data import Dataset, check, reviews, shared_rows
from regulab.data.reviews import BLOCK
from regulab.errors import InputError


@pytest.fixture(scope="module")
def data() -> Dataset:
    return reviews(train=BLOCK + 200, validation=300, test=200)


def test_sizes_are_those_asked_for(data: Dataset) -> None:
    assert [(name, len(split)) for name, split in data.splits()] == [
        ("train", BLOCK + 200),
        ("validation", 300),
        ("test", 200),
    ]
    assert all(split.y.shape == (len(split), 1) for _, split in data.splits())


def test_every_even_number_of_reviews_is_balanced(data: Dataset) -> None:
    for _, split in data.splits():
        assert split.y.dtype == np.float32
        for size in (2, 10, len(split)):
            assert split.y[:size].sum() == size / 2


def test_features_are_a_well_formed_csr_matrix_of_ones(data: Dataset) -> None:
    for _, split in data.splits():
        x = split.x
        assert isinstance(x, sparse.csr_array)
        assert x.shape == (len(split), 10_000)
        assert (x.data.dtype, x.indices.dtype, x.indptr.dtype) == (np.float32, np.int32, np.int32)
        assert set(x.data.tolist()) == {1.0}
        x.check_format(full_check=True)
        fresh = sparse.csr_array((x.data, x.indices, x.indptr), shape=x.shape)
        assert fresh.has_canonical_format  # sorted, each word once


def test_the_seed_decides_which_reviews_are_written(data: Dataset) -> None:
    again, other = (reviews(train=100, validation=2, test=2, seed=seed) for seed in (0, 1))
    assert (again.train.x != data.train.x[:100]).nnz == 0
    assert shared_rows(data.train.x, other.train.x) == 0


def test_the_first_reviews_do_not_depend_on_how_many_are_asked_for(data: Dataset) -> None:
    for size in (1, 7, BLOCK, BLOCK + 1):
        fewer = reviews(train=size, validation=5, test=3)
        for part, whole in ((fewer.train, data.train), (fewer.validation, data.validation), (fewer.test, data.test)):
            assert (part.x != whole.x[: len(part)]).nnz == 0
            assert part.y.tolist() == whole.y[: len(part)].tolist()


def test_a_smaller_vocabulary_keeps_the_most_frequent_words(data: Dataset) -> None:
    small = reviews(train=100, validation=2, test=2, words=50)
    assert small.train.x.shape == (100, 50)
    assert (small.train.x != data.train.x[:100, :50]).nnz == 0
    assert reviews(train=2, validation=2, test=2, words=1).train.x.shape == (2, 1)
    occurrences = np.bincount(data.train.x.indices, minlength=10_000)
    assert occurrences[:100].sum() > occurrences[100:200].sum() > occurrences[-100:].sum()


def test_splits_hold_reviews_of_their_own(data: Dataset) -> None:
    check(data)
    assert shared_rows(data.train.x, data.validation.x) == 0
    assert shared_rows(data.train.x, data.test.x) == 0
    assert shared_rows(data.validation.x, data.test.x) == 0


def test_reviews_are_as_long_as_on_imdb(data: Dataset) -> None:
    assert 115 < data.train.x.nnz / len(data.train) < 147  # 131 distinct words on IMDB


def test_words_tell_the_sentiment(data: Dataset) -> None:
    # The words' log-odds, counted on the training reviews: better than chance on others, but not always right.
    positive = data.train.y[:, 0] == 1
    counts = [data.train.x[rows].sum(axis=0) + 1.0 for rows in (positive, ~positive)]
    score = data.validation.x @ np.log(counts[0] / counts[1])
    assert 0.65 < np.mean((score > 0) == (data.validation.y[:, 0] == 1)) < 0.99


def test_the_reviews_say_that_they_are_synthetic(data: Dataset) -> None:
    assert (data.title, data.synthetic) == ("reviews (synthetic)", True)
    assert data.source == "regulab's own generator, seed 0"


def test_validation_can_be_the_test_reviews(data: Dataset) -> None:
    course = reviews(train=4, validation="test", test=200)
    assert course.validation is course.test
    assert course.validation_is_test
    assert (course.test.x != data.test.x).nnz == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": 0}, r"`train` of at least 1 review\. Received: 0"),
        ({"test": -5}, r"`test` of at least 1 review\. Received: -5"),
        ({"validation": 0}, r"`validation` of at least 1 review\. Received: 0"),
        ({"validation": "train"}, r"a number of reviews or 'test'\. Received: 'train'"),
        ({"words": 0}, r"`words` from 1 to 10,000\. Received: 0"),
        ({"words": 10_001}, r"Received: 10001"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        reviews(**options)
