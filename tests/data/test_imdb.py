from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from regulab.data import check, imdb, imdb_source, shared_rows
from regulab.errors import InputError

#: Word ranks of four training and four test reviews.
TRAIN = [[1, 5, 5], [2], [9_996, 9_997], [3, 1]]
TEST = [[1], [2, 3], [4], [9_999, 1]]
LABELS = [0, 1, 1, 0]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data folder, an empty Keras cache, and no download."""

    def refuse() -> Path:
        raise Exception("URL fetch failure: no route to host")

    monkeypatch.delenv("REGULAB_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(imdb_source, "download", refuse)


def write_tokens(path: Path, **changes: Any) -> Path:
    content: dict[str, Any] = {}
    for split, reviews in (("train", TRAIN), ("test", TEST)):
        content[f"x_{split}_tokens"] = np.array([rank for review in reviews for rank in review], np.uint32)
        content[f"x_{split}_splits"] = np.cumsum([0, *map(len, reviews)])
        content[f"y_{split}"] = np.array(LABELS, np.uint8)
    content.update(changes)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: value for name, value in content.items() if value is not None})
    return path


def write_keras(path: Path) -> Path:
    def ragged(reviews: list[list[int]]) -> np.ndarray:
        rows = np.empty(len(reviews), object)
        rows[:] = reviews
        return rows

    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, x_train=ragged(TRAIN), y_train=np.array(LABELS), x_test=ragged(TEST), y_test=np.array(LABELS))
    return path


def bless(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(imdb_source, "KERAS_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())


def test_columns_are_those_of_keras(tmp_path: Path) -> None:
    x = imdb(data_file=write_tokens(tmp_path / "tokens.npz")).train.x
    # 1 = start, 2 = every word beyond 10,000, a rank r has column r + 3.
    assert [x[[row]].indices.tolist() for row in range(4)] == [[1, 4, 8], [1, 5], [1, 2, 9_999], [1, 4, 6]]
    assert x.shape == (4, 10_000)


def test_both_formats_give_the_same_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = write_keras(tmp_path / "imdb.npz")
    bless(monkeypatch, pickled)
    plain, keras_own = imdb(data_file=write_tokens(tmp_path / "tokens.npz")), imdb(data_file=pickled)
    for (_, ours), (_, theirs) in zip(plain.splits(), keras_own.splits(), strict=True):
        assert ours.x.toarray().tolist() == theirs.x.toarray().tolist()
        assert ours.y.tolist() == theirs.y.tolist()


def test_columns_agree_with_keras_load_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_keras(tmp_path / "imdb.npz")
    bless(monkeypatch, path)
    from keras.datasets import imdb as keras_imdb

    module = sys.modules[keras_imdb.load_data.__module__]
    monkeypatch.setattr(module, "get_file", lambda **_: str(path))
    (theirs, _), _ = keras_imdb.load_data(num_words=10_000)
    ours = imdb(data_file=path, words=10_000).train.x
    # Keras shuffles the rows.
    assert sorted(sorted(set(review)) for review in theirs) == sorted(ours[[row]].indices.tolist() for row in range(4))


def test_labels_are_a_column_as_keras_3_wants_them(tmp_path: Path) -> None:
    y = imdb(data_file=write_tokens(tmp_path / "tokens.npz")).train.y
    assert y.tolist() == [[0.0], [1.0], [1.0], [0.0]]
    assert y.dtype == np.float32


def test_the_test_reviews_are_halved_and_both_halves_balanced(tmp_path: Path) -> None:
    data = imdb(data_file=write_tokens(tmp_path / "tokens.npz"))
    assert sorted(data.validation.y.ravel()) == sorted(data.test.y.ravel()) == [0, 1]
    assert shared_rows(data.validation.x, data.test.x) == 0
    assert not data.validation_is_test
    assert data.source.endswith("validation: half of the test reviews, seed 0")


def test_the_course_validates_on_all_test_reviews(tmp_path: Path) -> None:
    data = imdb(data_file=write_tokens(tmp_path / "tokens.npz"), validation="test")
    assert data.validation is data.test
    assert len(data.test) == 4
    assert data.validation_is_test
    check(data)


def test_the_data_folder_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tokens(tmp_path / "keras" / "datasets" / "imdb.npz")
    assert imdb().source.startswith("Keras's cache: ")
    folder = tmp_path / "folder"
    monkeypatch.setenv("REGULAB_DATA_DIR", str(folder))
    assert imdb().source.startswith("Keras's cache: ")
    path = write_tokens(folder / "imdb-tokens.npz")
    assert imdb().source.startswith(f"REGULAB_DATA_DIR: {path}")


def test_the_download_comes_last_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tokens(tmp_path / "downloaded.npz")
    monkeypatch.setattr(imdb_source, "download", lambda: path)
    assert imdb().source.startswith("Keras's download: ")


def test_a_named_file_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    write_tokens(tmp_path / "keras" / "datasets" / "imdb.npz")
    with pytest.raises(InputError, match=r"missing\.npz, which is not a file"):
        imdb(data_file=tmp_path / "missing.npz")


def test_without_data_the_message_names_every_place_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULAB_DATA_DIR", str(tmp_path / "folder"))
    with pytest.raises(InputError) as error:
        imdb()
    message = str(error.value)
    for part in ("data file: none given", str(tmp_path / "folder"), str(tmp_path / "keras"), "no route to host"):
        assert part in message
    assert "regulab run reviews" in message
    assert "rl.data.reviews()" in message


def test_the_download_keeps_stdout_clean_and_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import socket

    seen: dict[str, Any] = {}

    def get_file(name: str, *, origin: str, file_hash: str) -> str:
        print("Downloading data")
        seen.update(name=name, file_hash=file_hash, seconds=socket.getdefaulttimeout())
        return os.devnull

    before = socket.getdefaulttimeout()
    monkeypatch.undo()  # The real download, with another Keras.
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(utils=SimpleNamespace(get_file=get_file)))
    imdb_source.download()
    assert seen == {"name": "imdb.npz", "file_hash": imdb_source.KERAS_SHA256, "seconds": 10.0}
    assert socket.getdefaulttimeout() == before
    assert capsys.readouterr().out == ""


def test_a_pickle_with_another_hash_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_keras(tmp_path / "imdb.npz")

    def unpickle(*_: Any, **__: Any) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(np, "load", unpickle)
    with pytest.raises(InputError, match="not opened unless it is that very file"):
        imdb(data_file=path)


def test_the_hash_is_the_one_that_keras_checks() -> None:
    import inspect

    from keras.datasets import imdb as keras_imdb

    source = inspect.getsource(keras_imdb.load_data)
    assert imdb_source.KERAS_SHA256 in source
    assert imdb_source.KERAS_ORIGIN.removesuffix("imdb.npz") in source


def test_a_truncated_file_is_named_as_such(tmp_path: Path) -> None:
    path = write_tokens(tmp_path / "tokens.npz")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(InputError, match=r"tokens\.npz, which is truncated"):
        imdb(data_file=path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "Received: .* with x_train_tokens"),
        ({"y_train": np.array([0, 1])}, "5 offsets and 2 labels"),
        ({"y_train": np.array([0, 1, 2, 0])}, "labels of 0 and 1"),
        ({"x_train_tokens": np.array([0.5, 1])}, "ranks as integers"),
        ({"x_train_splits": np.array([0, 1, 2, 3, 99])}, "offsets up to the number of words, 8"),
        ({"x_train_splits": np.array([0, 3, 2, 6, 8])}, "rise from 0"),
        ({"x_train_tokens": np.array([[1, 2], [3]], dtype=object)}, "object array"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        imdb(data_file=write_tokens(tmp_path / "tokens.npz", **changes))


@pytest.mark.parametrize("options", [{"validation": "train"}, {"validation": 0.2}, {"words": 3}, {"index_from": -1}])
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        imdb(**options)
