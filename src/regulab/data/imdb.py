"""The IMDB reviews of Maas et al. (2011), multi-hot, as Keras encodes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from regulab.data.dataset import Dataset, Split, validate_on_test
from regulab.data.imdb_source import Tokens, find, read_tokens
from regulab.data.multihot import multi_hot
from regulab.data.splitting import split_off
from regulab.errors import InputError

#: As in `keras.datasets.imdb.load_data`: the first id of every review, and the id of words left out.
START, UNKNOWN = 1, 2


def imdb(
    *,
    words: int = 10_000,
    validation: str | None = None,
    data_file: str | Path | None = None,
    index_from: int = 3,
    seed: int = 0,
) -> Dataset:
    """Load the 50,000 IMDB reviews as multi-hot rows, 25,000 for training and 25,000 for testing.

    The columns are those that `keras.datasets.imdb.load_data(num_words=words)` gives: column 1 marks
    the start and is one in every row, column 2 represents all words beyond `words`, and the word of
    rank `r` (1 = most frequent) has column `r + index_from`.

    The data is searched for in `data_file` (and then nowhere else), in the folder that the environment
    variable `REGULAB_DATA_DIR` names (`imdb-tokens.npz`, then `imdb.npz`), in Keras's cache, and
    finally in Keras's download. `Dataset.source` says where it was found. Keras's file is a pickle: it is
    read only after its published SHA-256 has been verified.

    Args:
        words: Size of the vocabulary, columns 0 to 2 included.
        validation: None splits the test reviews by `seed` into 12,500 to validate and 12,500 to test
            on; `"test"` validates on all 25,000 of them, as the course does.
        data_file: The file to read, in either format.
        index_from: What is added to a word's rank.
        seed: Decides which test reviews become validation reviews; both halves are balanced.

    Returns:
        Features are CSR float32 of shape `(n, words)`, labels float32 of shape `(n, 1)`, 1 = positive.
        Keras 3 accepts the metric `"binary_crossentropy"` only for labels of that shape.

    Raises:
        InputError: If the data cannot be found, is damaged or does not match its hash, or an
            option cannot be used.
    """
    if validation not in (None, "test"):
        raise InputError(
            f"Expected `validation` to be None (half of the test reviews) or 'test'. Received: {validation!r}."
        )
    if words <= max(UNKNOWN, index_from):
        raise InputError(
            f"Expected `words` above {max(UNKNOWN, index_from)}, the columns kept for markers. "
            f"Received: words={words}. The course uses 10,000."
        )
    if index_from < 0:
        raise InputError(f"Expected `index_from` of 0 or more. Received: {index_from}. Keras uses 3.")
    path, source = find(None if data_file is None else Path(data_file))
    tokens = read_tokens(path)
    train, rest = (encode(tokens[name], words=words, index_from=index_from) for name in ("train", "test"))
    if validation == "test":
        return validate_on_test(Dataset(name="imdb", train=train, validation=rest, test=rest, source=source))
    held_out, chosen = split_off(rest.y, 0.5, seed=seed)
    return Dataset(
        name="imdb",
        train=train,
        validation=rest.rows(chosen),
        test=rest.rows(held_out),
        source=f"{source}; validation: half of the test reviews, seed {seed}",
    )


def encode(tokens: Tokens, *, words: int = 10_000, index_from: int = 3) -> Split:
    """Turn word ranks into multi-hot rows in Keras's encoding.

    Args:
        tokens: Ranks of one split's reviews, 1 = most frequent.
        words: Size of the vocabulary.
        index_from: What is added to a rank.

    Example:
        >>> tokens = Tokens(ranks=np.array([1, 9, 1]), splits=np.array([0, 2, 3]), labels=np.array([1, 0]))
        >>> encode(tokens, words=6).x.toarray().astype(int).tolist()
        [[0, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 0]]
    """
    # int64 only here: unsigned ranks plus an offset must not wrap around.
    ids = tokens.ranks.astype(np.int64) + index_from
    ids = np.where(ids < words, ids, UNKNOWN).astype(np.int32)
    # Keras puts the start id before every review, so each row grows by one id.
    ids = np.insert(ids, tokens.splits[:-1].astype(np.int64), START)
    splits = tokens.splits.astype(np.int64) + np.arange(len(tokens.splits))
    return Split(multi_hot(ids, splits, words=words), tokens.labels.astype(np.float32).reshape(-1, 1))
