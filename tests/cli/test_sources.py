from __future__ import annotations

from inspect import signature
from pathlib import Path

import numpy as np
import pytest

import regulab as rl
from regulab.cli.sources import as_data, batch_size, read_source

X = np.random.default_rng(0).normal(size=(100, 3)).astype("float32")
Y = np.arange(100) % 2
X_TEST, Y_TEST = X[:30] + 10, Y[:30]


def sizes(data) -> tuple[int, int, int, bool]:
    return len(data.train), len(data.validation), len(data.test), data.validation_is_test


@pytest.mark.parametrize(("validation", "expected"), [("test", (100, 30, 30, True)), (None, (80, 20, 30, False))])
def test_rows_are_given_away_for_validation_only_where_they_are_needed(tmp_path: Path, validation, expected) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y, x_test=X_TEST, y_test=Y_TEST)
    read = read_source(str(tmp_path / "data.npz"), data_file=None, validation=validation)
    assert sizes(read) == expected
    assert sizes(as_data(((X, Y), (X_TEST, Y_TEST)), name="mine:data", validation=validation)) == expected


def test_a_file_arrays_a_frame_and_a_function_are_split_alike(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    np.savez(tmp_path / "rows.npz", x=X, y=Y)
    table = pandas.DataFrame(X, columns=["a", "b", "c"]).assign(y=Y)
    file, *others = (
        rl.data.load(tmp_path / "rows.npz"),
        rl.data.arrays(X, Y),
        rl.data.frame(table, target="y"),
        as_data((X, Y), name="mine:data"),
    )
    for data in others:
        for (name, split), (_, of_file) in zip(data.splits(), file.splits(), strict=True):
            np.testing.assert_array_equal(split.x, of_file.x, err_msg=name)
    on_test = [
        rl.data.load(tmp_path / "rows.npz", validation="test"),
        as_data((X, Y), name="", validation="test"),
    ]
    assert [[len(split) for _, split in data.splits()] for data in on_test] == [[80, 20, 20]] * 2


def test_the_batch_size_is_that_of_fit_unless_the_course_says_otherwise() -> None:
    for function in (rl.Study, rl.playground):
        assert signature(function).parameters["batch_size"].default == batch_size("digits") == 32
    assert batch_size("imdb") == batch_size("reviews") == 512
