from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from regulab.data import check, load
from regulab.errors import InputError

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2
CSR = sparse.csr_array(X)
PARTS = {"x_data": CSR.data, "x_indices": CSR.indices, "x_indptr": CSR.indptr, "x_shape": np.array(CSR.shape)}


def write(folder: Path, **content: Any) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **content)
    return path


def sizes(path: Path, **options: Any) -> list[tuple[str, int]]:
    data = load(path, **options)
    check(data)
    return [(name, len(split)) for name, split in data.splits()]


def test_rows_without_a_split_are_divided_60_20_20(tmp_path: Path) -> None:
    path = write(tmp_path, x=X, y=Y)
    assert sizes(path) == [("train", 12), ("validation", 4), ("test", 4)]
    data = load(path)
    assert data.name == "mine"
    assert data.source == f"file {path}; validation: 20% of the rows, seed 0; test: 20% of the rows, seed 0"
    assert load(path, seed=1).test.x.tolist() != data.test.x.tolist() == load(path).test.x.tolist()


@pytest.mark.parametrize("word", ["val", "validation"])
def test_splits_of_the_file_are_taken_as_they_are(tmp_path: Path, word: str) -> None:
    path = write(
        tmp_path,
        **{"x_train": X, "y_train": Y, f"x_{word}": X[:5] + 100, f"y_{word}": Y[:5], "x_test": X + 200, "y_test": Y},
        **{"sample_weight_train": np.ones(20), f"sample_weight_{word}": np.full(5, 2.0)},
    )
    data = load(path)
    assert data.train.x.tolist() == X.tolist()
    assert data.validation.sample_weight.tolist() == [2.0] * 5
    assert data.test.x[0].tolist() == [200, 201]
    assert data.source == f"file {path}"


def test_splits_missing_from_the_file_are_split_off(tmp_path: Path) -> None:
    assert sizes(write(tmp_path, x_train=X, y_train=Y)) == [("train", 16), ("validation", 4)]
    tested = {"x_test": X[:3] + 100, "y_test": Y[:3]}
    assert sizes(write(tmp_path, x_train=X, y_train=Y, **tested)) == [("train", 16), ("validation", 4), ("test", 3)]
    assert sizes(write(tmp_path, x=X, y=Y, **tested)) == [("train", 16), ("validation", 4), ("test", 3)]


def test_validation_on_test_leaves_more_to_train_on(tmp_path: Path) -> None:
    path = write(tmp_path, x=X, y=Y)
    assert sizes(path, validation="test") == [("train", 16), ("validation", 4), ("test", 4)]
    assert load(path, validation="test").validation_is_test
    with pytest.raises(InputError, match=r"arrays x_test and y_test for validation='test'\. Received: .*mine\.npz"):
        load(write(tmp_path, x_train=X, y_train=Y), validation="test")
    with pytest.raises(InputError, match=r"None or 'test'\. Received: 'train'"):
        load(path, validation="train")


def test_a_sparse_matrix_is_four_arrays(tmp_path: Path) -> None:
    data = load(write(tmp_path, y=Y, **PARTS))
    assert isinstance(data.train.x, sparse.csr_array)
    rows = np.concatenate([split.x.toarray() for _, split in data.splits()])
    assert sorted(rows.tolist()) == X.tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_indices": CSR.indices + 5}, "indices must be < 2"),
        ({"x_indices": CSR.indices - 5}, "indices must be >= 0"),
        ({"x_indices": CSR.indices + 0.5}, "have to be whole numbers"),
        ({"x_indptr": CSR.indptr[:-1]}, "index pointer size 20 should be 21"),
        ({"x_indptr": CSR.indptr[::-1]}, "index pointer should start with 0"),
        ({"x_indptr": np.append(CSR.indptr[:-1], 999)}, "index pointer"),
        ({"x_data": np.ones(3)}, "same size"),
        ({"x_data": X}, "1-D"),
        ({"x_shape": np.array([20])}, "index pointer"),
        ({"x_shape": np.array(20)}, "0-d"),
        ({"x_shape": np.array([-20, 2])}, "negative"),
        ({"x_shape": np.array([20, np.inf])}, "whole numbers"),
    ],
)
def test_parts_of_a_sparse_matrix_that_do_not_fit_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(
        InputError, match=rf"CSR matrix 'x' in .*mine\.npz\. Received: arrays that do not fit: .*{message}"
    ):
        load(write(tmp_path, y=Y, **{**PARTS, **changes}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"x": X}, r"mine\.npz without y; it holds x\."),
        ({"y": Y}, r"without x; it holds y\."),
        ({"images": X}, r"without x and y; it holds images\."),
        ({}, r"without x and y; it holds nothing\."),
        ({"x_train": X}, r"without y_train; it holds x_train\."),
        ({"x_train": X, "y_train": Y, "x_test": X}, r"without y_test; it holds"),
        ({"x_train": X, "y_train": Y, "y_val": Y}, r"without x_val; it holds"),
        ({"x_data": X[:, 0], "y": Y}, r"A sparse x_train is four arrays: .* without x; it holds x_data, y\."),
    ],
)
def test_arrays_that_are_missing_are_named(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"Expected the arrays x_train and y_train.*{message}"):
        load(write(tmp_path, **content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"x": X, "y": Y[:3]}, r"labels as features in 'mine.npz'\. Received: 20 rows of features, 3 of labels"),
        ({"x": np.where(X == 6, np.nan, X), "y": Y}, r"finite features in 'mine.npz'\. Received: 1 NaN .* row 3"),
        ({"x": X.astype(str), "y": Y}, r"numbers as features in 'mine.npz'"),
        ({"x": X, "y": Y, "sample_weight": Y[:2]}, r"as many sample weights as features"),
        ({"x": X[:2], "y": Y[:2]}, r"enough rows to split off a share of 0\.2"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(write(tmp_path, **content))


def test_nothing_is_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpickle(*_: Any, **__: Any) -> None:
        raise AssertionError("unpickled")

    ragged = np.array([[1], [2, 3]], dtype=object)
    archive = write(tmp_path, x=ragged, y=Y[:2])
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"x": X}))
    monkeypatch.setattr(pickle, "load", unpickle)
    with pytest.raises(InputError, match=r"'x', an object array, which would have to be unpickled and could run code"):
        load(archive)
    with pytest.raises(InputError, match=r"pickle\.npz, which is truncated or of another kind"):
        load(tmp_path / "pickle.npz")


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, x=X, y=Y)
    whole = path.read_bytes()
    for end in (0, 10, 300, len(whole) // 2, len(whole) - 60, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=r"complete \.npz archive .*mine\.npz, which is truncated"):
            load(path)


def test_a_file_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, x=X, y=Y)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(X.tobytes()) + 8] ^= 255
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"mine\.npz, damaged at 'x'"):
        load(path)


def test_a_damaged_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, x=X, y=Y)
    damaged = bytearray(path.read_bytes())
    # The data follow 30 bytes, the name and an extra field, whose lengths are at 26 and 28; no block begins with 0xFF.
    name, extra = struct.unpack_from("<HH", damaged, 26)
    damaged[30 + name + extra] = 0xFF
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"mine\.npz, damaged at 'x'"):
        load(path)


def test_other_kinds_of_files_are_named(tmp_path: Path) -> None:
    text = tmp_path / "text.npz"
    text.write_text("x,y\n1,0\n")
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, X)
    for path in (text, tmp_path / "single.npz"):
        with pytest.raises(InputError, match=rf"Received: .*{path.name}, which is truncated or of another kind"):
            load(path)
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(
        InputError, match=r"\.npy arrays in .*zip\.npz\. Received: 'readme\.txt', which is something else"
    ):
        load(tmp_path / "zip.npz")
    with pytest.raises(InputError, match=r"none\.npz, which does not exist"):
        load(tmp_path / "none.npz")
    with pytest.raises(InputError, match="which is not a file"):
        load(tmp_path)
