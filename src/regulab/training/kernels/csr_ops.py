"""Sparse features times the first kernels, straight from CSR: products, their gradients, and CSR to CSC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from regulab.training.kernels.codes import MEDIUM, NARROW, WIDE
from regulab.training.kernels.jit import Array, compiled
from regulab.training.kernels.layout import Examples
from regulab.training.kernels.simd import Number, load, prefetch, splat, store

# Cost of updating one kernel row, relative to adding one example to its gradient. Threads split the features by this
# cost. Measured; it need not be exact.
_UPDATE_COST = 16.0
# How many rows ahead a CSR row is prefetched: a batch visits rows in random order, which no hardware predicts.
_PREFETCH_DISTANCE = 3
#: Four-byte numbers in a cache line.
PER_CACHE_LINE = 16


@compiled
def _prefetch_row(
    examples: Examples,
    row: int,
) -> None:
    for entry in range(examples.indptr[row], examples.indptr[row + 1], PER_CACHE_LINE):
        prefetch(examples.indices, entry)
        if examples.values.size:
            prefetch(examples.values, entry)


@compiled
def feature_of(
    examples: Examples,
    entry: int,
) -> np.int64:
    """The feature of a CSR entry."""
    # Unsigned, so that no check for negative indices is compiled in.
    return np.int64(examples.indices[np.uint64(entry)])


@compiled
def scaled(vector: Number, values: Array, entry: int) -> Number:
    """A vector times the value of an entry; without `values`, where all are one, the vector itself."""
    return values[entry] * vector if values.size else vector


def _make_multiply(width: int) -> Callable[..., None]:
    @compiled
    def multiply(
        examples: Examples, kernel: Array, rows: Array, start: int, stop: int, out: Array, prefetching: bool
    ) -> None:
        for r in range(start, stop):
            if prefetching and r + _PREFETCH_DISTANCE < stop:
                _prefetch_row(examples, rows[r + _PREFETCH_DISTANCE])
            # Two accumulators, so that one addition need not wait for the other.
            even, odd = splat(np.float32(0), width), splat(np.float32(0), width)
            entry, end = examples.indptr[rows[r]], examples.indptr[rows[r] + 1]
            while entry + 2 <= end:
                even += scaled(load(kernel, feature_of(examples, entry) * width, width), examples.values, entry)
                odd += scaled(load(kernel, feature_of(examples, entry + 1) * width, width), examples.values, entry + 1)
                entry += 2
            if entry < end:
                even += scaled(load(kernel, feature_of(examples, entry) * width, width), examples.values, entry)
            store(out, r * width, even + odd)

    return multiply


def _make_scatter_add(width: int) -> Callable[..., None]:
    @compiled
    def scatter_add(examples: Examples, deltas: Array, rows: Array, start: int, stop: int, out: Array) -> None:
        for r in range(start, stop):
            delta = load(deltas, r * width, width)
            for entry in range(examples.indptr[rows[r]], examples.indptr[rows[r] + 1]):
                offset = feature_of(examples, entry) * width
                store(out, offset, load(out, offset, width) + scaled(delta, examples.values, entry))

    return scatter_add


_multiply_narrow, _multiply_medium, _multiply_wide = (_make_multiply(width) for width in (NARROW, MEDIUM, WIDE))
_scatter_add_narrow, _scatter_add_medium, _scatter_add_wide = (
    _make_scatter_add(width) for width in (NARROW, MEDIUM, WIDE)
)


@compiled
def multiply(
    examples: Examples, kernels: Array, blocks: tuple[int, int], rows: Array, start: int, stop: int, out: Array
) -> None:
    """`out[:, start:stop] = X[rows[start:stop]] @ kernels`, with X sparse: sums of kernel rows.

    Args:
        examples: X.
        kernels: First kernels, shape `(blocks, features, width)`.
        blocks: The blocks to multiply by, a half-open range.
        rows: Rows of the batch.
        start: The first example, as an index into the batch.
        stop: The example after the last.
        out: Written to, shape `(blocks, batch, width)`.
    """
    width = kernels.shape[2]
    for block in range(blocks[0], blocks[1]):
        kernel, products, prefetching = kernels[block].reshape(-1), out[block].reshape(-1), block == blocks[0]
        if width == NARROW:
            _multiply_narrow(examples, kernel, rows, start, stop, products, prefetching)
        elif width == MEDIUM:
            _multiply_medium(examples, kernel, rows, start, stop, products, prefetching)
        else:
            _multiply_wide(examples, kernel, rows, start, stop, products, prefetching)


@compiled
def scatter_add(examples: Examples, deltas: Array, rows: Array, start: int, stop: int, out: Array) -> None:
    """`out += X[rows[start:stop]].T @ deltas[0, start:stop]`, with X sparse and a single block.

    Args:
        examples: X.
        deltas: Gradient with respect to the first layer's preactivations, shape `(1, batch, width)`.
        rows: Rows of the batch.
        start: The first example, as an index into the batch.
        stop: The example after the last.
        out: Added to, shape `(features, width)`.
    """
    width, flat_deltas, flat_out = deltas.shape[2], deltas[0].reshape(-1), out.reshape(-1)
    if width == NARROW:
        _scatter_add_narrow(examples, flat_deltas, rows, start, stop, flat_out)
    elif width == MEDIUM:
        _scatter_add_medium(examples, flat_deltas, rows, start, stop, flat_out)
    else:
        _scatter_add_wide(examples, flat_deltas, rows, start, stop, flat_out)


def split_features(examples: Examples, features: int, batch_size: int, threads: int) -> np.ndarray:
    """Split the features into ranges that take about equally long to update; the bounds, shape `(threads + 1,)`."""
    entries = np.bincount(examples.indices, minlength=features) * (batch_size / max(1, len(examples.labels)))
    cost = np.cumsum(entries + _UPDATE_COST)
    inner = np.searchsorted(cost, cost[-1] * np.arange(1, threads) / threads)
    return np.array([0, *inner, features])


@compiled
def _lower_bound(
    indices: Array,
    start: int,
    stop: int,
    feature: int,
) -> int:
    """The first entry from `start` to `stop` whose index is at least `feature`, by binary search."""
    while start < stop:
        middle = (start + stop) // 2
        if indices[middle] < feature:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def batch_to_csc(
    examples: Examples,
    rows: Array,
    first: int,
    end: int,
) -> tuple[Array, Array, Array]:
    """Convert a batch from CSR to CSC (compressed columns), for the features from `first` to `end`.

    Returns:
        Column pointers, shape `(end - first + 1,)`; and of each entry the example, as an index into the batch, and the
        value.
    """
    row_starts = np.empty(rows.size, np.int64)
    # Counted two indices further on, so that once the entries are filled in, each index holds its column's start.
    # int32, so that those of a usual vocabulary stay in the L1 cache.
    indptr = np.zeros(end - first + 2, np.int32)
    for r in range(rows.size):
        if r + _PREFETCH_DISTANCE < rows.size:
            _prefetch_row(examples, rows[r + _PREFETCH_DISTANCE])
        entry, row_end = examples.indptr[rows[r]], examples.indptr[rows[r] + 1]
        entry = _lower_bound(examples.indices, entry, row_end, first)
        row_starts[r] = entry
        while entry < row_end and feature_of(examples, entry) < end:
            indptr[np.uint64(feature_of(examples, entry) - first + 2)] += 1
            entry += 1
    for i in range(2, end - first + 2):
        indptr[i] += indptr[i - 1]
    csc_examples = np.empty(indptr[-1], np.int32)
    values = np.empty(indptr[-1] if examples.values.size else 0, np.float32)
    for r in range(rows.size):
        entry, row_end = row_starts[r], examples.indptr[rows[r] + 1]
        while entry < row_end and feature_of(examples, entry) < end:
            column = np.uint64(feature_of(examples, entry) - first + 1)
            target = np.uint64(indptr[column])
            csc_examples[target] = r
            if values.size:
                values[target] = examples.values[entry]
            indptr[column] += 1
            entry += 1
    return indptr[:-1], csc_examples, values
