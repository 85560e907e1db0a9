"""The first layer's sums, straight from CSR: kernel rows added up, and gradients handed back to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from regulab.training.kernels.jit import compiled
from regulab.training.kernels.layout import MIDDLE, NARROW, WIDE, Array, Examples
from regulab.training.kernels.simd import Number, load, prefetch, splat, store

# What updating a kernel row costs beside adding up one example's part of its gradient, in such parts: the
# vocabulary is shared out between threads by it. Measured; it need not be exact.
_UPDATE_COST = 16.0
# So many rows ahead, a row's words are fetched: rows are visited in random order, which no cache foresees.
_AHEAD = 3
#: Four-byte numbers that come into a cache at once.
FETCHED = 16


@compiled
def _fetch(
    examples: Examples,
    row: int,
) -> None:
    for at in range(examples.offsets[row], examples.offsets[row + 1], FETCHED):
        prefetch(examples.indices, at)
        if examples.values.size:
            prefetch(examples.values, at)


@compiled
def feature_of(
    examples: Examples,
    at: int,
) -> np.int64:
    """The feature of the entry at a place."""
    # Unsigned: whether a place is counted from the end would be asked for each entry.
    return np.int64(examples.indices[np.uint64(at)])


@compiled
def times(row: Number, values: Array, at: int) -> Number:
    """A row times the value at a place. Without values it is the row: they are all one."""
    return values[at] * row if values.size else row


def _summing(width: int) -> Callable[..., None]:
    @compiled
    def add_up(examples: Examples, kernel: Array, rows: Array, lo: int, hi: int, out: Array, fetch: bool) -> None:
        for r in range(lo, hi):
            if fetch and r + _AHEAD < hi:
                _fetch(examples, rows[r + _AHEAD])
            even, odd = splat(np.float32(0), width), splat(np.float32(0), width)
            at, stop = examples.offsets[rows[r]], examples.offsets[rows[r] + 1]
            # Two sums, so that one addition need not wait for the other.
            while at + 2 <= stop:
                even += times(load(kernel, feature_of(examples, at) * width, width), examples.values, at)
                odd += times(load(kernel, feature_of(examples, at + 1) * width, width), examples.values, at + 1)
                at += 2
            if at < stop:
                even += times(load(kernel, feature_of(examples, at) * width, width), examples.values, at)
            store(out, r * width, even + odd)

    return add_up


def _scattering(width: int) -> Callable[..., None]:
    @compiled
    def scatter(examples: Examples, upstream: Array, rows: Array, lo: int, hi: int, out: Array) -> None:
        for r in range(lo, hi):
            d = load(upstream, r * width, width)
            for at in range(examples.offsets[rows[r]], examples.offsets[rows[r] + 1]):
                place = feature_of(examples, at) * width
                store(out, place, load(out, place, width) + times(d, examples.values, at))

    return scatter


_sum_narrow, _sum_middle, _sum_wide = _summing(NARROW), _summing(MIDDLE), _summing(WIDE)
_scatter_narrow, _scatter_middle, _scatter_wide = _scattering(NARROW), _scattering(MIDDLE), _scattering(WIDE)


@compiled
def sum_rows(
    examples: Examples, first: Array, blocks: tuple[int, int], rows: Array, lo: int, hi: int, out: Array
) -> None:
    """`out[:, lo:hi] = X[rows[lo:hi]] @ first`, with X sparse, in some blocks.

    Args:
        examples: X.
        first: First kernels, shape `(blocks, features, width)`.
        blocks: The first of them to take, and the one after the last.
        rows: Rows of the batch.
        lo: Place in the batch of the first example.
        hi: Place after the last.
        out: Written to, shape `(blocks, batch, width)`.
    """
    width = first.shape[2]
    for block in range(blocks[0], blocks[1]):
        kernel, sums, fetch = first[block].reshape(-1), out[block].reshape(-1), block == blocks[0]
        if width == NARROW:
            _sum_narrow(examples, kernel, rows, lo, hi, sums, fetch)
        elif width == MIDDLE:
            _sum_middle(examples, kernel, rows, lo, hi, sums, fetch)
        else:
            _sum_wide(examples, kernel, rows, lo, hi, sums, fetch)


@compiled
def scatter_rows(examples: Examples, upstream: Array, rows: Array, lo: int, hi: int, out: Array) -> None:
    """`out += X[rows[lo:hi]].T @ upstream[0, lo:hi]`, with X sparse and one block.

    Args:
        examples: X.
        upstream: Shape `(1, batch, width)`.
        rows: Rows of the batch.
        lo: Place in the batch of the first example.
        hi: Place after the last.
        out: Added to, shape `(features, width)`.
    """
    width, flat, sums = upstream.shape[2], upstream[0].reshape(-1), out.reshape(-1)
    if width == NARROW:
        _scatter_narrow(examples, flat, rows, lo, hi, sums)
    elif width == MIDDLE:
        _scatter_middle(examples, flat, rows, lo, hi, sums)
    else:
        _scatter_wide(examples, flat, rows, lo, hi, sums)


def share_features(examples: Examples, features: int, batch: int, shares: int) -> np.ndarray:
    """Cut the features into stretches that take about equally long to update; shape `(shares + 1,)`."""
    held = np.bincount(examples.indices, minlength=features) * (batch / max(1, len(examples.labels)))
    cost = np.cumsum(held + _UPDATE_COST)
    inner = np.searchsorted(cost, cost[-1] * np.arange(1, shares) / shares)
    return np.array([0, *inner, features])


@compiled
def _first_from(
    indices: Array,
    start: int,
    stop: int,
    feature: int,
) -> int:
    """The first place from `start` to `stop` whose index is at least `feature`."""
    while start < stop:
        middle = (start + stop) // 2
        if indices[middle] < feature:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def by_feature(
    examples: Examples,
    rows: Array,
    lo: int,
    hi: int,
) -> tuple[Array, Array, Array]:
    """List, for each feature from `lo` to `hi`, the batch's examples that have it.

    Returns:
        The place of each feature's first entry, shape `(hi - lo + 1,)`; of each entry the example's place in the
        batch and the value.
    """
    begins = np.empty(rows.size, np.int64)
    # Counted two places further on, so that once they are filled each place holds where its feature begins. Four
    # bytes each: those of a usual vocabulary stay in the nearest cache.
    starts = np.zeros(hi - lo + 2, np.int32)
    for r in range(rows.size):
        if r + _AHEAD < rows.size:
            _fetch(examples, rows[r + _AHEAD])
        at, stop = examples.offsets[rows[r]], examples.offsets[rows[r] + 1]
        at = _first_from(examples.indices, at, stop, lo)
        begins[r] = at
        while at < stop and feature_of(examples, at) < hi:
            starts[np.uint64(feature_of(examples, at) - lo + 2)] += 1
            at += 1
    for i in range(2, hi - lo + 2):
        starts[i] += starts[i - 1]
    owners = np.empty(starts[-1], np.int32)
    values = np.empty(starts[-1] if examples.values.size else 0, np.float32)
    for r in range(rows.size):
        at, stop = begins[r], examples.offsets[rows[r] + 1]
        while at < stop and feature_of(examples, at) < hi:
            following = np.uint64(feature_of(examples, at) - lo + 1)
            place = np.uint64(starts[following])
            owners[place] = r
            if values.size:
                values[place] = examples.values[at]
            starts[following] += 1
            at += 1
    return starts[:-1], owners, values
