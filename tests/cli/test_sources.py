from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from regulab.cli.sources import as_data, read_source

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
