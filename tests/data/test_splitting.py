from __future__ import annotations

import numpy as np
import pytest

from regulab.data.reviews import reviews
from regulab.data.splitting import classes, split_off
from regulab.errors import InputError


def test_each_class_is_divided_in_the_same_proportion() -> None:
    y = np.array([0] * 50 + [1] * 30 + [2] * 20)
    _, taken = split_off(y, 0.2, seed=3)
    assert np.bincount(y[taken]).tolist() == [10, 6, 4]


def test_the_two_parts_are_all_rows_each_once() -> None:
    stay, taken = split_off(np.arange(11) % 2, 0.4, seed=0)
    assert sorted([*stay, *taken]) == list(range(11))
    assert stay.tolist() == sorted(stay)


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    y = np.zeros(100, int)
    first, again, other = (split_off(y, 0.5, seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_labels_that_are_no_classes_are_split_at_random() -> None:
    _, taken = split_off(np.linspace(0, 1, 10), 0.3, seed=0)
    assert len(taken) == 3


def test_a_part_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="leaves a part empty"):
        split_off(np.array([0, 1]), 0.2, seed=0)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([3, 5, 5, 3]), [0, 1, 1, 0]),
        (np.array([[1.0], [0.0], [1.0], [1.0]]), [1, 0, 1, 1]),
        (np.array([[0, 0, 1], [1, 0, 0]]), [2, 0]),
        (np.array([True, False, True, False]), [1, 0, 1, 0]),
        (np.array([1, 2, 3, 4]), None),  # each once: a count, not a class
        (np.array([0.5, 0.5]), None),
        (np.array([np.nan, 1.0]), None),
        (np.array([[0, 1], [1, 1]]), None),
    ],
)
def test_classes_are_distinguished_from_quantities(labels: np.ndarray, expected: list[int] | None) -> None:
    codes = classes(labels)
    assert (codes if codes is None else codes.tolist()) == expected


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, None, True])
def test_values_that_are_not_seeds_are_refused(seed) -> None:
    for use in (lambda: split_off(np.arange(10), 0.5, seed=seed), lambda: reviews(train=2, test=2, seed=seed)):
        with pytest.raises(InputError, match=rf"`seed` to be a whole number from 0 to 4294967295.*seed={seed}"):
            use()
