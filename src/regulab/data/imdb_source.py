"""Where the IMDB reviews are searched for, and the two formats that are read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regulab.data import npz
from regulab.errors import InputError

#: Published by Keras in `keras.datasets.imdb`, together with the address.
KERAS_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
KERAS_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz"
#: Names in `REGULAB_DATA_DIR`; the first that exists is read.
FILE_NAMES = ("imdb-tokens.npz", "imdb.npz")
SECONDS_TO_WAIT = 10.0


@dataclass(frozen=True, eq=False)
class Tokens:
    """The reviews of one split as word ranks.

    Attributes:
        ranks: Word ranks, 1 = most frequent, all reviews one after the other.
        splits: Row offsets into `ranks`, shape `(n + 1,)`.
        labels: 1 = positive, shape `(n,)`.
    """

    ranks: np.ndarray
    splits: np.ndarray
    labels: np.ndarray


def find(data_file: Path | None) -> tuple[Path, str]:
    """The file to read and where it was found, as a phrase for people.

    Raises:
        InputError: If there is none; the message names each place that was searched.
    """
    if data_file is not None:
        if not data_file.is_file():
            raise InputError(
                f"Expected the IMDB reviews in the data file. Received: {data_file}, which is not a file. "
                "Leave it out to look in REGULAB_DATA_DIR and Keras's cache."
            )
        return data_file, f"data file {data_file}"
    file, looked = at_hand()
    if file is not None:
        return file
    try:
        path = download()
    except (Exception, SystemExit) as error:  # Keras raises bare Exception for every network failure.
        looked.append(f"Keras's download: {error}")
    else:
        return path, f"Keras's download: {path}"
    locations = "\n".join(f"  - {location}" for location in ("data file: none given", *looked))
    raise InputError(
        f"Expected the IMDB reviews in one of these places, and found them in none:\n{locations}\n"
        "Name the file with --data-file (data_file= in Python), or use the bundled synthetic reviews: "
        "`regulab run reviews`, rl.data.reviews()."
    )


def at_hand() -> tuple[tuple[Path, str] | None, list[str]]:
    """The file on this machine and where it was found, and the places that were searched without success."""
    looked: list[str] = []
    folder = os.environ.get("REGULAB_DATA_DIR")
    if folder:
        for name in FILE_NAMES:
            if (path := Path(folder).expanduser() / name).is_file():
                return (path, f"REGULAB_DATA_DIR: {path}"), looked
        looked.append(f"REGULAB_DATA_DIR: {folder} holds neither {' nor '.join(FILE_NAMES)}")
    else:
        looked.append("REGULAB_DATA_DIR: not set")
    cached = keras_cache()
    if cached.is_file():
        return (cached, f"Keras's cache: {cached}"), looked
    looked.append(f"Keras's cache: no {cached}")
    return None, looked


def keras_cache() -> Path:
    """Where Keras keeps the file, without importing Keras."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        # Keras falls back to /tmp where the home folder cannot be written.
        user = Path("~").expanduser()
        home = str((user if os.access(user, os.W_OK) else Path("/tmp")) / ".keras")
    return Path(home).expanduser() / "datasets" / "imdb.npz"


def download() -> Path:
    """Let Keras download its file, which checks the hash as well.

    Raises:
        Exception: Whatever Keras raises; there is no common type.
    """
    import keras

    before = socket.getdefaulttimeout()
    # Keras sets no limit of its own: behind a silent firewall it would wait for minutes.
    socket.setdefaulttimeout(SECONDS_TO_WAIT)
    try:
        # Keras draws its progress on stdout, which belongs to results.
        with contextlib.redirect_stdout(sys.stderr):
            return Path(keras.utils.get_file("imdb.npz", origin=KERAS_ORIGIN, file_hash=KERAS_SHA256))
    finally:
        socket.setdefaulttimeout(before)


def read_tokens(path: Path) -> dict[str, Tokens]:
    """Read the splits `train` and `test` from either format.

    Raises:
        InputError: If the file is damaged, of another format, or a pickle whose hash is not Keras's.
    """
    names = npz.keys(path)
    expected = [f"{part}_{split}{end}" for split in ("train", "test") for part, end in _PLAIN_PARTS]
    if set(expected) <= set(names):
        arrays = npz.read(path)
        tokens_of = {
            split: Tokens(arrays[f"x_{split}_tokens"], arrays[f"x_{split}_splits"], arrays[f"y_{split}"].reshape(-1))
            for split in ("train", "test")
        }
    elif set(_KERAS_NAMES) <= set(names):
        tokens_of = _read_keras(path)
    else:
        raise InputError(
            f"Expected the arrays {', '.join(expected)}, or Keras's {', '.join(_KERAS_NAMES)}. "
            f"Received: {path} with {', '.join(names) or 'no array'}."
        )
    for split, tokens in tokens_of.items():
        _check(path, split, tokens)
    return tokens_of


_PLAIN_PARTS = (("x", "_tokens"), ("x", "_splits"), ("y", ""))
_KERAS_NAMES = ("x_train", "y_train", "x_test", "y_test")


def _read_keras(path: Path) -> dict[str, Tokens]:
    with path.open("rb") as file:
        received = hashlib.file_digest(file, "sha256").hexdigest()
    if received != KERAS_SHA256:
        raise InputError(
            f"Expected Keras's own imdb.npz, SHA-256 {KERAS_SHA256}. Received: {path} with {received}. "
            "The file is a pickle and is not opened unless it is that very file; delete it and download it again."
        )
    # Unpickled only because these are the very bytes that Keras published.
    with np.load(path, allow_pickle=True) as archive:
        arrays = {name: archive[name] for name in _KERAS_NAMES}
    return {split: _flatten(arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "test")}


def _flatten(reviews: np.ndarray, labels: np.ndarray) -> Tokens:
    splits = np.concatenate([[0], np.cumsum([len(review) for review in reviews])]).astype(np.int64)
    ranks = np.fromiter((rank for review in reviews for rank in review), np.int32, int(splits[-1]))
    return Tokens(ranks, splits, np.asarray(labels).reshape(-1))


def _check(path: Path, split: str, tokens: Tokens) -> None:
    if len(tokens.splits) != len(tokens.labels) + 1 or len(tokens.labels) == 0:
        raise InputError(
            f"Expected one row offset more than labels. Received: {path}, split {split}, with "
            f"{len(tokens.splits)} offsets and {len(tokens.labels)} labels."
        )
    if not np.isin(tokens.labels, (0, 1)).all():
        raise InputError(f"Expected labels of 0 and 1. Received: {path}, split {split}, with other values.")
    if not np.issubdtype(tokens.ranks.dtype, np.integer):
        raise InputError(f"Expected word ranks as integers. Received: {path}, split {split}: {tokens.ranks.dtype}.")
    # Here and not only in multi_hot, which sees the offsets with a start id added to every row.
    splits = tokens.splits
    if not np.issubdtype(splits.dtype, np.integer) or splits[-1] != len(tokens.ranks):
        raise InputError(
            f"Expected row offsets up to the number of words, {len(tokens.ranks)}. Received: {path}, split {split}, "
            f"up to {splits[-1]}."
        )
    # Compared, not subtracted: unsigned offsets would wrap around.
    if splits[0] != 0 or (splits[1:] < splits[:-1]).any():
        raise InputError(f"Expected row offsets that rise from 0. Received: {path}, split {split}, with others.")
