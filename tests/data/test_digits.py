from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from regulab.data import Dataset, check, digits, shared_rows
from regulab.errors import InputError, MissingDependencyError


@pytest.fixture(scope="module")
def data() -> Dataset:
    pytest.importorskip("sklearn")
    return digits()


def test_every_image_is_in_one_split(data: Dataset) -> None:
    assert [len(split) for _, split in data.splits()] == [1079, 359, 359]
    images = np.concatenate([split.x for _, split in data.splits()])
    assert images.shape == (1797, 64)
    assert shared_rows(data.train.x, np.concatenate([data.validation.x, data.test.x])) == 0
    check(data)


def test_pixels_are_shares_and_labels_the_ten_digits(data: Dataset) -> None:
    x, y = data.train.x, data.train.y
    assert (x.dtype, float(x.min()), float(x.max())) == (np.float32, 0.0, 1.0)
    assert (y.dtype, np.unique(y).tolist()) == (np.int64, list(range(10)))
    for split in (data.validation, data.test):
        assert np.bincount(split.y).min() >= 34


def test_images_keep_their_rows_and_columns_for_convolutions(data: Dataset) -> None:
    image = digits(flat=False).train.x
    assert image.shape == (1079, 8, 8, 1)
    assert image.reshape(-1, 64).tolist() == data.train.x.tolist()


def test_a_seed_decides_the_split(data: Dataset) -> None:
    assert digits().test.y.tolist() == data.test.y.tolist()
    assert digits(seed=1).test.x.tolist() != data.test.x.tolist()


def test_the_digits_are_real_and_say_where_they_come_from(data: Dataset) -> None:
    assert (data.title, data.synthetic, data.source) == ("digits", False, "scikit-learn's load_digits")


def test_validation_on_test_trains_on_the_same_images(data: Dataset) -> None:
    course = digits(validation="test")
    assert course.validation is course.test
    assert course.validation_is_test
    assert course.train.x.tolist() == data.train.x.tolist()


@pytest.mark.parametrize("validation", [0.2, "train", True])
def test_another_validation_is_refused(validation: Any) -> None:
    with pytest.raises(InputError, match=r"None \(20% of the images\) or 'test'"):
        digits(validation=validation)


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        MissingDependencyError, match=r"needs sklearn\. Install it with: pip install 'regulab\[digits\]'"
    ):
        digits()
