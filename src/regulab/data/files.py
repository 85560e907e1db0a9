"""A user's own data in an `.npz` file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from regulab.data import npz
from regulab.data.arrays import assemble, make_split
from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError

#: What the split of a name is called in the file.
_SUFFIXES = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
_CSR = ("data", "indices", "indptr", "shape")
_EXPECTED = (
    "x_train and y_train (and x_val, y_val, x_test, y_test, sample_weight_train, ... if you have them), or x and y. "
    "A sparse x_train is four arrays: x_train_data, x_train_indices, x_train_indptr, x_train_shape"
)


def load(path: str | Path, *, validation: str | None = None, seed: int = 0) -> Dataset:
    """Load a data set from an `.npz` file, never unpickling anything.

    With only `x` and `y` the rows are split 60/20/20 (less where the file has validation or test rows of its
    own); with `x_train` and no validation rows, 20% of the training rows become validation rows. Both go by
    `seed`, class by class for labels that are classes. `Dataset.source` says so.

    Args:
        path: A file written by `numpy.savez` or `numpy.savez_compressed` with the arrays `x_train`, `y_train`,
            and as far as there are any `x_val` (or `x_validation`), `x_test` with their labels and
            `sample_weight_train` and so on; or with `x`, `y` and `sample_weight`. A CSR matrix NAME is
            stored as `NAME_data`, `NAME_indices`, `NAME_indptr`, `NAME_shape`.
        validation: `"test"` to validate on the test rows.
        seed: Decides which row goes into which split.

    Returns:
        A data set named after the file.

    Raises:
        InputError: If the file is missing, truncated, pickled, or lacks arrays.
    """
    path = Path(path)
    if validation not in (None, "test"):
        raise InputError(f"Expected `validation` to be None or 'test'. Received: {validation!r}.")
    arrays = npz.read(path)
    given = {split: _read_split(path, arrays, suffixes) for split, suffixes in _SUFFIXES.items()}
    chosen: Any = given["validation"] if given["validation"] is not None else 0.2
    test: Any = given["test"]
    if given["train"] is not None:
        whole = given["train"]
    else:
        whole = _part(path, arrays, "x", "y", "sample_weight")
        test = 0.2 if test is None else test
    if validation == "test" and test is None:
        raise InputError(f"Expected the arrays x_test and y_test for validation='test'. Received: {path} without them.")
    return assemble(whole, validation=validation or chosen, test=test, name=path.stem, seed=seed, source=f"file {path}")


def _read_split(path: Path, arrays: dict[str, np.ndarray], suffixes: tuple[str, ...]) -> Split | None:
    for suffix in suffixes:
        x, y = f"x_{suffix}", f"y_{suffix}"
        if any(key in (x, y) or key.startswith(f"{x}_") for key in arrays):
            return _part(path, arrays, x, y, f"sample_weight_{suffix}")
    return None


def _part(path: Path, arrays: dict[str, np.ndarray], x: str, y: str, weight: str) -> Split:
    sparse_names = [f"{x}_{part}" for part in _CSR]
    is_sparse = all(name in arrays for name in sparse_names)
    missing = [name for name in (x, y) if name not in arrays and not (name == x and is_sparse)]
    if missing:
        raise InputError(
            f"Expected the arrays {_EXPECTED}. Received: {path} without {' and '.join(missing)}; "
            f"it holds {', '.join(arrays) or 'nothing'}."
        )
    features = _matrix(path, *(arrays[name] for name in sparse_names), name=x) if is_sparse else arrays[x]
    name = path.name if x == "x" else x.removeprefix("x_")
    return make_split(features, arrays[y], arrays.get(weight), name=name)


def _matrix(
    path: Path, data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, shape: np.ndarray, *, name: str
) -> sparse.csr_array:
    try:
        if not all(part.dtype.kind in "iu" for part in (indices, indptr, shape)):
            raise TypeError("indices, indptr and shape have to be whole numbers")
        matrix = sparse.csr_array((data, indices, indptr), shape=tuple(int(size) for size in shape))
        # Out-of-range columns would read foreign memory in compiled kernels.
        matrix.check_format(full_check=True)
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(
            f"Expected a CSR matrix '{name}' in {path}. Received: arrays that do not fit: {error}."
        ) from error
    return matrix
