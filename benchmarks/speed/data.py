"""The reviews that all contenders train on, in one file that each of them can read.

`python -m speed.data --out FILE ...` writes it; `read` needs nothing but NumPy, which is all that PyTorch's
environment has.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Rows(NamedTuple):
    """Reviews as a CSR matrix of ones, and their labels of shape `(n, 1)`."""

    indices: np.ndarray
    indptr: np.ndarray
    labels: np.ndarray
    words: int


def read(path: str | Path) -> tuple[Rows, Rows]:
    """Reviews to train on, and to validate on."""
    with np.load(path, allow_pickle=False) as held:
        train, test = (
            Rows(
                held[f"x_{split}_indices"],
                held[f"x_{split}_indptr"],
                held[f"y_{split}"],
                int(held[f"x_{split}_shape"][1]),
            )
            for split in ("train", "test")
        )
    return train, test


def matrix(rows: Rows) -> Any:
    """The rows as scipy's CSR matrix."""
    from scipy import sparse

    shape = (len(rows.labels), rows.words)
    return sparse.csr_array((np.ones(len(rows.indices), np.float32), rows.indices, rows.indptr), shape=shape)


def multi_hot(rows: Rows) -> np.ndarray:
    """The rows as the course makes them: dense, one review after the other."""
    dense = np.zeros((len(rows.labels), rows.words), np.float32)
    for row, (start, end) in enumerate(zip(rows.indptr[:-1], rows.indptr[1:], strict=True)):
        dense[row, rows.indices[start:end]] = 1.0
    return dense


def write(path: Path, *, source: str, rows: int, words: int) -> None:
    """Write IMDB's reviews or generated ones in the format that `regulab run DATA.npz` reads."""
    import regulab as rl

    if source == "imdb":
        data = rl.data.imdb(words=words, validation="test")
    else:
        data = rl.data.reviews(train=rows, validation="test", test=rows, words=words)
    arrays = {}
    for name, split in (("train", data.train), ("test", data.validation)):
        x = split.x
        arrays |= {
            f"x_{name}_data": x.data,
            f"x_{name}_indices": x.indices,
            f"x_{name}_indptr": x.indptr,
            f"x_{name}_shape": np.array(x.shape),
            f"y_{name}": split.y,
        }
    draft = path.with_suffix(".draft.npz")
    np.savez(draft, **arrays)
    draft.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--words", type=int, required=True)
    options = parser.parse_args()
    write(options.out, source=options.source, rows=options.rows, words=options.words)


if __name__ == "__main__":
    main()
