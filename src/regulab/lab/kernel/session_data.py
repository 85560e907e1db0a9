"""The reviews of a guided session: real ones if they are on this machine, else synthetic ones, and always few."""

from __future__ import annotations

import numpy as np

from regulab.data.dataset import Dataset, Split
from regulab.data.imdb import imdb
from regulab.data.imdb_source import at_hand
from regulab.data.reviews import reviews
from regulab.errors import InputError


def reviews_at_hand(*, train: int, validation: int, test: int, words: int = 10_000) -> Dataset:
    """Some reviews to learn on, without a network: IMDB's if this machine has them, else synthetic ones.

    IMDB is looked for in the folder that `REGULAB_DATA_DIR` names and in Keras's cache; nothing is downloaded. The
    `title` of the data says whether it is synthetic, and its `source` where it comes from.

    Args:
        train: Number of training reviews.
        validation: Number of validation reviews.
        test: Number of test reviews.
        words: Size of the vocabulary.

    Raises:
        InputError: If there are fewer reviews, or IMDB's file cannot be read.

    Example:
        >>> data = reviews_at_hand(train=6, validation=2, test=2, words=50)
        >>> data.train.x.shape
        (6, 50)
    """
    source_file, _ = at_hand()
    if source_file is None:
        return reviews(train=train, validation=validation, test=test, words=words)
    file, _ = source_file
    data = imdb(words=words, data_file=file)
    sizes = {"train": train, "validation": validation, "test": test}
    splits = {}
    for name, split in data.splits():
        if not isinstance(split, Split) or not 1 <= sizes[name] <= len(split):
            raise InputError(f"Expected `{name}` from 1 to the number of IMDB's reviews. Received: {sizes[name]}.")
        splits[name] = _balanced(split, sizes[name])
    source = f"{sum(sizes.values()):,} of IMDB's reviews ({file})"
    return Dataset(
        name="imdb", train=splits["train"], validation=splits["validation"], test=splits["test"], source=source
    )


def word_ids(split: Split) -> list[list[int]]:
    """Each review as the ids of its words in rising order, each word once.

    Example:
        >>> word_ids(reviews(train=2, validation=2, test=2, words=5).train)
        [[...], [...]]
    """
    matrix = split.x
    return [
        matrix.indices[start:end].tolist() for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    ]


def _balanced(split: Split, size: int) -> Split:
    """As many positive as negative reviews, shuffled, and the same ones every time."""
    rng = np.random.default_rng(0)
    labels = split.y.reshape(-1) > 0
    positive, negative = (rng.permutation(np.flatnonzero(side)) for side in (labels, ~labels))
    return split.rows(rng.permutation(np.concatenate([positive[: -(-size // 2)], negative[: size // 2]])))
