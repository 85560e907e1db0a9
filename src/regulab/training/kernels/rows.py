"""The first layer: kernel rows summed straight from CSR, and the way back."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.compiled import compiled
from regulab.training.kernels.layout import Array, Examples

# What updating a kernel row costs beside adding up one example's part of its gradient, in such parts: the
# vocabulary is shared out between threads by it. Measured; it need not be exact.
_UPDATE_COST = 6.0


@compiled
def sum_rows(
    examples: Examples,
    kernel: Array,
    columns: int,
    rows: Array,
    lo: int,
    hi: int,
    out: Array,
) -> None:
    """`out[lo:hi] = X[rows[lo:hi]] @ kernel`, with X sparse and the first columns of both alone."""
    for r in range(lo, hi):
        total = out[r]
        for j in range(columns):
            total[j] = np.float32(0)
        start, stop = examples.offsets[rows[r]], examples.offsets[rows[r] + 1]
        at = start
        # Four at a time: the sums are loaded and stored once for four kernel rows.
        while at + 4 <= stop:
            x0, x1, x2, x3 = (
                examples.values[at],
                examples.values[at + 1],
                examples.values[at + 2],
                examples.values[at + 3],
            )
            w0, w1 = kernel[examples.indices[at]], kernel[examples.indices[at + 1]]
            w2, w3 = kernel[examples.indices[at + 2]], kernel[examples.indices[at + 3]]
            for j in range(columns):
                total[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j]
            at += 4
        while at < stop:
            x, w = examples.values[at], kernel[examples.indices[at]]
            for j in range(columns):
                total[j] += x * w[j]
            at += 1


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
    starts = np.zeros(hi - lo + 1, np.int64)
    for r in range(rows.size):
        start, stop = examples.offsets[rows[r]], examples.offsets[rows[r] + 1]
        at = _first_from(examples.indices, start, stop, lo)
        begins[r] = at
        while at < stop and examples.indices[at] < hi:
            starts[examples.indices[at] - lo + 1] += 1
            at += 1
    for i in range(hi - lo):
        starts[i + 1] += starts[i]
    fill = np.empty(hi - lo, np.int64)
    for i in range(hi - lo):
        fill[i] = starts[i]
    owners, values = np.empty(starts[hi - lo], np.int32), np.empty(starts[hi - lo], np.float32)
    for r in range(rows.size):
        at, stop = begins[r], examples.offsets[rows[r] + 1]
        while at < stop and examples.indices[at] < hi:
            feature = examples.indices[at] - lo
            owners[fill[feature]] = r
            values[fill[feature]] = examples.values[at]
            fill[feature] += 1
            at += 1
    return starts, owners, values


@compiled
def row_gradient(
    upstream: Array,
    owners: Array,
    values: Array,
    start: int,
    stop: int,
    out: Array,
) -> None:
    """Gradient of one kernel row: the sum of the upstream rows of the examples that have the feature."""
    columns = out.size
    for j in range(columns):
        out[j] = np.float32(0)
    at = start
    while at + 4 <= stop:
        x0, x1, x2, x3 = values[at], values[at + 1], values[at + 2], values[at + 3]
        d0, d1 = upstream[owners[at]], upstream[owners[at + 1]]
        d2, d3 = upstream[owners[at + 2]], upstream[owners[at + 3]]
        for j in range(columns):
            out[j] += x0 * d0[j] + x1 * d1[j] + x2 * d2[j] + x3 * d3[j]
        at += 4
    while at < stop:
        x, d = values[at], upstream[owners[at]]
        for j in range(columns):
            out[j] += x * d[j]
        at += 1


@compiled
def scatter_rows(examples: Examples, upstream: Array, rows: Array, lo: int, hi: int, out: Array) -> None:
    """`out += X[rows[lo:hi]].T @ upstream[lo:hi]`, with X sparse: quickest where rows of `out` are short."""
    columns = out.shape[1]
    for r in range(lo, hi):
        d = upstream[r]
        for at in range(examples.offsets[rows[r]], examples.offsets[rows[r] + 1]):
            x, total = examples.values[at], out[examples.indices[at]]
            for j in range(columns):
                total[j] += x * d[j]


@compiled
def gather_scattered(scattered: Array, lo: int, hi: int, out: Array) -> None:
    """Add up what the threads scattered to the features from `lo` to `hi`, and set it to zero."""
    columns = out.shape[1]
    for feature in range(lo, hi):
        for j in range(columns):
            out[feature - lo, j] = np.float32(0)
        for thread in range(scattered.shape[0]):
            for j in range(columns):
                out[feature - lo, j] += scattered[thread, feature, j]
                scattered[thread, feature, j] = np.float32(0)
