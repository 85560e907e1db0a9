from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.lab.kernel.session_data import reviews_at_hand, word_ids


@pytest.fixture
def imdb_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with IMDB's format: twelve reviews a split, alternately positive and negative, of two words."""
    parts = {}
    for split in ("train", "test"):
        parts[f"x_{split}_tokens"] = np.tile(np.array([1, 2], "uint16"), 12)
        parts[f"x_{split}_splits"] = np.arange(0, 26, 2)
        parts[f"y_{split}"] = np.tile(np.array([1, 0], "uint8"), 6)
    np.savez(tmp_path / "imdb-tokens.npz", **parts)
    monkeypatch.setenv("REGULAB_DATA_DIR", str(tmp_path))


@pytest.mark.usefixtures("imdb_at_hand")
def test_real_reviews_on_this_machine_are_used_balanced_and_the_same_every_time() -> None:
    data = reviews_at_hand(train=6, validation=4, test=2, words=10)
    assert (data.title, data.synthetic) == ("imdb", False)
    assert [(len(split), float(split.y.sum())) for _, split in data.splits()] == [(6, 3.0), (4, 2.0), (2, 1.0)]
    # Column 1 marks the start, and ranks are shifted by 3: what Keras's own data has.
    assert word_ids(data.train) == [[1, 4, 5]] * 6
    again = reviews_at_hand(train=6, validation=4, test=2, words=10)
    assert np.array_equal(data.train.y, again.train.y)


@pytest.mark.usefixtures("imdb_at_hand")
def test_more_reviews_than_there_are_is_an_error() -> None:
    with pytest.raises(InputError, match="Expected `train` from 1 to"):
        reviews_at_hand(train=13, validation=4, test=2, words=10)


def test_without_real_reviews_they_are_synthetic_and_say_so() -> None:
    data = reviews_at_hand(train=4, validation=2, test=2, words=10)
    assert data.title == "reviews (synthetic)"
    assert word_ids(data.train)[0] == sorted(set(word_ids(data.train)[0]))
