"""Checking a data set before a model has seen it."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
from scipy import sparse

from regulab.data.dataset import Dataset, Split
from regulab.data.multihot import distinct
from regulab.errors import InputError

#: Above this share of rows that another split also has, the splits overlap; below, it is a matter for a finding.
OVERLAP = 0.1
_VALUES_AT_ONCE = 1 << 21
# From this share of rows with a twin in their own split on, they are rows of few possible values.
_MANY_TWINS = 0.2


def check(dataset: Dataset) -> None:
    """Refuse data that no model can learn from honestly; streams are not checked.

    Raises:
        InputError: If a split is empty, its features and labels differ in length, something is NaN or
            infinite, a weight is negative or all are 0, or more than a tenth of the rows of one split occur in
            another as well (beyond what rows of few possible values do by chance).
            `validation_is_test` excuses validation and test from the last.

    Example:
        >>> train = Split(np.array([[0.0], [np.nan]]), np.array([0, 1]))
        >>> check(Dataset(name="data", train=train, validation=train))
        Traceback (most recent call last):
        ...
        regulab.errors.InputError: Expected finite features in 'train'. Received: 1 NaN or infinite value, \
the first in row 1. Fill or drop these rows.
    """
    held = {name: split for name, split in dataset.splits() if isinstance(split, Split)}
    for name, split in held.items():
        _check_split(name, split)
    shapes = {name: split.x.shape[1:] for name, split in held.items()}
    for name, shape in shapes.items():
        if shape != shapes.get("train", shape):
            raise InputError(
                f"Expected rows of one shape in all splits. Received: {shapes['train']} in 'train', "
                f"{shape} in '{name}'."
            )
    hashes = {name: row_hashes(split.x) for name, split in held.items()}
    for first, second in combinations(held, 2):
        if not (dataset.validation_is_test and (first, second) == ("validation", "test")):
            same = held[first].x is held[second].x
            _check_apart(first, hashes[first], second, hashes[second], same=same)


def shared_rows(a: Any, b: Any) -> int:
    """Count the rows of `b` that `a` also has, value for value.

    Args:
        a: Features, shape `(n, ...)`, dense or sparse.
        b: Features with rows of the same shape.

    Returns:
        The number of rows of `b`; rows are compared by a 64-bit hash.

    Example:
        >>> shared_rows(np.array([[1, 2], [3, 4]]), np.array([[3, 4], [3, 4], [5, 6]]))
        2
    """
    return count_known(row_hashes(b), row_hashes(a))


def row_hashes(x: Any) -> np.ndarray:
    """A 64-bit hash of each row, equal for equal rows whether dense or sparse, whatever the dtype.

    Multilinear hashing modulo 2^64 (Lemire and Kaser, 2014): the sum of each value's bits times a
    random number of its column. Zeros add nothing, so sparse rows cost only what they hold.

    Args:
        x: Features, shape `(n, ...)`.

    Returns:
        Shape `(n,)`, uint64.
    """
    rng = np.random.default_rng(0)
    if sparse.issparse(x):
        x = sparse.csr_array(x)
        factors = rng.integers(1 << 64, size=x.shape[1], dtype=np.uint64)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_bits(x.data) * factors[x.indices], dtype=np.uint64)])
        return np.asarray(sums[x.indptr[1:]] - sums[x.indptr[:-1]])
    # Not -1, which is undecided where there is no row.
    flat = np.asarray(x).reshape(len(x), math.prod(x.shape[1:]))
    factors = rng.integers(1 << 64, size=flat.shape[1], dtype=np.uint64)
    step = max(1, _VALUES_AT_ONCE // max(1, flat.shape[1]))
    parts = [_bits(flat[at : at + step]) @ factors for at in range(0, len(flat), step)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def repeats_by_chance(known: np.ndarray, hashes: np.ndarray) -> float:
    """How many of the rows may be among the known ones by chance: rows of few possible values (XOR has four).

    They repeat in another split about as often as within their own, the more often the larger that split is. Where
    many of the known rows have a twin there, a new row is among them as often as one of their own has a twin (Good,
    1953); three standard errors are added.
    """
    rows = len(hashes)
    repeated = rows - len(distinct(hashes))
    usual = 2 * repeated * max(1.0, len(known) / max(1, rows))
    twins = 1 - _single(known) / max(1, len(known))
    if twins < _MANY_TWINS:
        return usual
    error = math.sqrt(twins * (1 - twins) * (rows + rows**2 / len(known)))
    return max(usual, rows * twins + 3 * error)


def _single(hashes: np.ndarray) -> int:
    """How many rows have no twin."""
    ordered = np.sort(hashes)
    changes = np.concatenate([[True], ordered[1:] != ordered[:-1], [True]])
    return int((changes[1:] & changes[:-1]).sum())


def count_known(hashes: np.ndarray, known: np.ndarray) -> int:
    """Count the hashes that are among the known ones."""
    if len(known) == 0:
        return 0
    # Not np.isin: it calls np.unique, which is slow on integers.
    known = np.sort(known)
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return int((known[at] == hashes).sum())


def _bits(values: np.ndarray) -> np.ndarray:
    # As float64, so that 1, 1.0 and float32 1.0 agree; adding 0 turns -0.0 into 0.0.
    bits = (np.ascontiguousarray(values, np.float64) + 0.0).view(np.uint64)
    # Small whole numbers differ in the upper bits only, which a product modulo 2^64 would lose.
    return np.asarray(bits ^ (bits >> np.uint64(32)))


def _check_split(name: str, split: Split) -> None:
    if sparse.issparse(split.x):
        check_csr(name, sparse.csr_array(split.x))
    if len(split) == 0:
        raise InputError(f"Expected at least one example in '{name}'. Received: an empty split.")
    for what, values in (("features", split.x), ("labels", split.y), ("sample weights", split.sample_weight)):
        if values is None:
            continue
        if values.shape[0] != len(split):
            raise InputError(
                f"Expected as many {what} as features in '{name}'. "
                f"Received: {len(split)} rows of features, {values.shape[0]} of {what}."
            )
        check_values(name, what, values)
    if split.sample_weight is not None and not split.sample_weight.any():
        raise InputError(
            f"Expected some sample weight above 0 in '{name}'. Received: 0 for every example, so none counts."
        )
    if 0 in split.x.shape[1:]:
        raise InputError(f"Expected at least one feature in '{name}'. Received: rows of shape {split.x.shape[1:]}.")


def check_csr(name: str, matrix: sparse.csr_array) -> None:
    """Refuse a sparse matrix whose parts do not fit: compiled kernels would read foreign memory.

    Raises:
        InputError: If they do not.
    """
    try:
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise InputError(
            f"Expected a well-formed sparse matrix as features in '{name}'. Received: {error}. Build it again, "
            "for example from its rows, columns and values with scipy.sparse.coo_array."
        ) from error


def check_values(name: str, what: str, values: Any) -> None:
    """Refuse what is no number, NaN or infinite, and sample weights that are negative or more than one per example.

    Raises:
        InputError: If there is such a value.
    """
    _check_finite(name, what, values)
    if what == "sample weights" and math.prod(values.shape[1:]) != 1:
        raise InputError(
            f"Expected one sample weight per example in '{name}'. Received: shape {values.shape}. "
            "Use one weight for each example; the model can mask steps of a sequence that should not count."
        )
    if what == "sample weights" and (negative := values < 0).any():
        # An example of negative weight would be fitted as badly as possible.
        row = int(negative.reshape(len(values), -1).any(axis=1).argmax())
        raise InputError(
            f"Expected sample weights of at least 0 in '{name}'. Received: {values.min():g}, the first below 0 in row "
            f"{row}. Use 0 for rows that should not count."
        )


def _check_finite(name: str, what: str, values: Any) -> None:
    stored = values.data if sparse.issparse(values) else np.asarray(values)
    if stored.dtype.kind not in "biuf":
        raise InputError(f"Expected numbers as {what} in '{name}'. Received: dtype {stored.dtype}.")
    # The extremes show NaN and infinity without a mask as large as the data.
    if stored.dtype.kind != "f" or stored.size == 0 or np.isfinite([stored.min(), stored.max()]).all():
        return
    bad = ~np.isfinite(stored)
    at = int(bad.reshape(-1).argmax())
    if sparse.issparse(values):
        row = int(np.searchsorted(sparse.csr_array(values).indptr, at, side="right")) - 1
    else:
        row = at // (stored.size // len(stored))
    count = int(bad.sum())
    raise InputError(
        f"Expected finite {what} in '{name}'. Received: {count} NaN or infinite value{'s' if count > 1 else ''}, "
        f"the first in row {row}. Fill or drop these rows."
    )


def _check_apart(first: str, known: np.ndarray, second: str, hashes: np.ndarray, *, same: bool) -> None:
    """Refuse two splits that share too many rows, by the hashes of these; the same array shares all of them."""
    shared = count_known(hashes, known)
    if same or shared > max(OVERLAP * len(hashes), repeats_by_chance(known, hashes)):
        remedy = (
            "Split the rows, or use validation='test' to validate on the test split."
            if first == "validation"
            else "Take these rows out of one of the two, or let a share such as 0.2 split the rows."
        )
        raise InputError(
            f"Expected '{second}' to hold examples that '{first}' does not. Received: {shared} of the {len(hashes)} "
            f"rows of '{second}' also occur in '{first}'. {remedy}"
        )
