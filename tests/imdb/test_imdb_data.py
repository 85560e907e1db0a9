from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from regulab.data import Dataset, check, imdb, shared_rows

pytestmark = pytest.mark.imdb


@pytest.fixture(scope="module")
def data() -> Dataset:
    return imdb(data_file=Path(os.environ["REGULAB_TEST_DATA"]) / "imdb-tokens.npz")


def test_the_real_reviews_have_the_published_sizes(data: Dataset) -> None:
    assert [len(split) for _, split in data.splits()] == [25_000, 12_500, 12_500]
    assert [float(split.y.mean()) for _, split in data.splits()] == [0.5, 0.5, 0.5]


def test_a_review_has_131_distinct_words_among_the_10000(data: Dataset) -> None:
    x = data.train.x
    # 3.27 million words and start marks, and column 2 wherever a rarer word occurs.
    assert x.nnz == 3_292_576
    assert x.nnz - x[:, [2]].nnz == 3_268_252
    assert round((x.nnz - x[:, [2]].nnz) / 25_000) == 131


def test_the_matrix_takes_26_megabytes(data: Dataset) -> None:
    x = data.train.x
    assert (x.data.nbytes + x.indices.nbytes + x.indptr.nbytes) / 1e6 < 27
    assert set(np.unique(x.data)) == {1.0}


def test_the_start_mark_is_in_every_review(data: Dataset) -> None:
    assert data.train.x[:, [1]].nnz == 25_000
    assert data.train.x[:, [0]].nnz == 0


def test_the_real_reviews_pass_the_check_though_a_few_occur_twice(data: Dataset) -> None:
    check(data)
    assert 0 < shared_rows(data.train.x, data.validation.x) < 200


def test_the_course_protocol_validates_on_all_test_reviews() -> None:
    course = imdb(data_file=Path(os.environ["REGULAB_TEST_DATA"]) / "imdb-tokens.npz", validation="test")
    assert course.validation is course.test
    assert len(course.validation) == 25_000
