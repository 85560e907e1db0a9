from __future__ import annotations

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.variants import train_size


def select(fraction, labels, seed=0):
    return train_size(fraction).changes[0].select(np.asarray(labels), np.random.default_rng(seed))


def test_each_class_keeps_its_share():
    labels = np.array([0] * 80 + [1] * 20)
    for y in (labels, labels.astype(float)[:, None], np.eye(2)[labels]):
        rows = select(0.25, y)
        assert np.bincount(labels[rows]).tolist() == [20, 5]
        assert (np.diff(rows) > 0).all()


def test_parts_of_rows_are_shared_out_so_that_the_total_fits():
    rows = select(0.5, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert len(rows) == 4
    assert set(rows) <= set(range(9))


def test_numbers_that_are_not_classes_are_drawn_at_random():
    assert len(select(0.5, np.linspace(0, 1, 10))) == 5
    assert len(select(0.5, np.arange(10))) == 5
    assert len(select(0.5, np.ones((10, 3)))) == 5


def test_the_seed_decides_the_rows():
    labels = [0, 1] * 50
    assert select(0.1, labels, seed=1).tolist() == select(0.1, labels, seed=1).tolist()
    assert select(0.1, labels, seed=1).tolist() != select(0.1, labels, seed=2).tolist()


def test_at_least_one_row_is_left():
    assert len(select(0.01, [0, 1, 0])) == 1


@pytest.mark.parametrize("fraction", [0, 1, 1.5, float("nan"), "half", True])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(InputError, match=r"Expected `fraction` above 0 and below 1"):
        train_size(fraction)
