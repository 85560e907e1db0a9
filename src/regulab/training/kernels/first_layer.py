"""The first layer of all models at once: its products, and the update of its kernels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from regulab.training.kernels.csr_ops import FETCHED, by_feature, sum_rows, times
from regulab.training.kernels.jit import compiled
from regulab.training.kernels.layout import (
    ADAM,
    FIRST_COLUMN,
    MIDDLE,
    NARROW,
    WIDE,
    Array,
    Examples,
    Layout,
    Rule,
    Share,
    State,
)
from regulab.training.kernels.simd import absolute, load, prefetch, splat, store
from regulab.training.kernels.update import adam, penalized, update

# Penalties of so many rows are added up in float32, and these sums in float64.
_ROWS_PER_SUM = 64
# So many rows ahead, weights and moments are fetched: a stream for each of the three is more than the processor
# foresees by itself while it collects gradients from all over the batch. Measured.
_AHEAD = 8


@compiled
def products(
    examples: Examples, first: Array, blocks: tuple[int, int], rows: Array, lo: int, hi: int, out: Array
) -> None:
    """The first layer's products for a stretch of a batch, in some blocks.

    Args:
        examples: The split.
        first: First kernels, shape `(blocks, features, width)`.
        blocks: The first of them that is needed, and the one after the last.
        rows: Rows of the batch.
        lo: Place in the batch of the first example.
        hi: Place after the last.
        out: Written to, shape `(blocks, batch, width)`.
    """
    if examples.dense.size:
        features = examples.dense.shape[1]
        x = np.empty((hi - lo, features), np.float32)
        for r in range(lo, hi):
            for j in range(features):
                x[r - lo, j] = examples.dense[rows[r], j]
        np.dot(x, first[0], out[0, lo:hi])
    else:
        sum_rows(examples, first, blocks, rows, lo, hi, out)


@compiled
def _any(
    values: Array,
) -> bool:
    found = False
    for value in values:
        found |= value != np.float32(0)
    return found


def _updating(width: int) -> Callable[..., None]:
    @compiled
    def update_block(
        rule: Rule,
        block: int,
        lo: int,
        hi: int,
        weights: Array,
        memory_1: Array,
        memory_2: Array,
        entries: tuple[Array, Array, Array],
        upstream: Array,
        scattered: Array,
        rates: Array,
        steps: Array,
        penalties: Array,
    ) -> None:
        """One block's rows from `lo` to `hi`; see `update_first`. Arrays are flat but for `scattered`."""
        starts, owners, values = entries
        column, end, zero = block * width, (block + 1) * width, splat(np.float32(0), width)
        a, b, epsilon = np.float32(rule.a), np.float32(rule.b), np.float32(rule.epsilon)
        l1, l2 = load(rule.first_l1, column, width), load(rule.first_l2, column, width)
        decayed, step = load(rule.first_decay, column, width) * load(rates, column, width), load(steps, column, width)
        is_penalized = _any(rule.first_l1[column:end]) or _any(rule.first_l2[column:end])
        held, sums, gradient = zero, np.empty(width, np.float32), np.empty(width, np.float32)
        for feature in range(lo, hi):
            at, g = feature * width, zero
            # Beyond the end of the array it does nothing.
            for line in range(0, width, FETCHED):
                ahead = at + _AHEAD * width + line
                prefetch(weights, ahead)
                prefetch(memory_1, ahead)
                prefetch(memory_2, ahead)
            for thread in range(scattered.shape[0]):
                g += load(scattered[thread], at, width)
                store(scattered[thread], at, zero)
            if owners.size:
                for entry in range(starts[feature - lo], starts[feature - lo + 1]):
                    g += times(load(upstream, np.int64(owners[np.uint64(entry)]) * width, width), values, entry)
            if rule.kind == ADAM:
                w = load(weights, at, width)
                if is_penalized:
                    g = penalized(w, g, l1, l2)
                w, m, v = adam(
                    w - w * decayed, load(memory_1, at, width), load(memory_2, at, width), g, step, a, b, epsilon
                )
                store(weights, at, w)
                store(memory_1, at, m)
                store(memory_2, at, v)
            else:
                store(gradient, 0, g)
                update(
                    rule, weights[at : at + width], memory_1[at : at + width], memory_2[at : at + width], gradient,
                    rule.first_l1[column:end], rule.first_l2[column:end], rule.first_decay[column:end],
                    rates[column:end], steps[column:end],
                )  # fmt: skip
                w = load(weights, at, width)
            if is_penalized:
                held += l1 * absolute(w) + l2 * w * w
                if (feature - lo + 1) % _ROWS_PER_SUM == 0 or feature == hi - 1:
                    store(sums, 0, held)
                    held = zero
                    for j in range(width):
                        penalties[column + j] += sums[j]

    return update_block


_update_narrow, _update_middle, _update_wide = _updating(NARROW), _updating(MIDDLE), _updating(WIDE)


@compiled
def update_first(
    share: Share,
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    rule: Rule,
    rates: Array,
    steps: Array,
    upstream: Array,
    scattered: Array,
    penalties: Array,
) -> None:
    """Gradient and update of a thread's share of the first kernels.

    Args:
        share: Which blocks, and which of their rows.
        examples: The training split.
        rows: Rows of the batch.
        layout: The stack.
        state: Weights and the optimizer's memory, changed in place.
        rule: The update rule and what goes with each weight.
        rates: Learning rate of each model.
        steps: What each model's update is multiplied with.
        upstream: Gradient by the first layer's sums, float32, shape `(blocks, batch, width)`.
        scattered: What each thread has of the gradient, float32, shape `(threads, features * width)`, set to zero
            again; or of shape `(0, 0)`, and the gradient is collected from `upstream`.
        penalties: Added to: each model's penalty on these weights after the update, float64, shape `(models,)`.
    """
    lo, hi, width = share.features[0], share.features[1], state.first.shape[2]
    columns = state.first.shape[0] * width
    column_rates, column_steps = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    for s in range(rates.size):
        for j in range(layout.models[s, FIRST_COLUMN], layout.models[s + 1, FIRST_COLUMN]):
            column_rates[j], column_steps[j] = rates[s], steps[s]
    column_penalties = np.zeros(columns)
    if examples.dense.size:
        _update_dense(lo, hi, examples, rows, state, rule, column_rates, column_steps, upstream[0], column_penalties)
    else:
        entries = by_feature(examples, rows[:0] if scattered.size else rows, lo, hi)
        for block in range(share.blocks[0], share.blocks[1]):
            weights, sums = state.first[block].reshape(-1), upstream[block].reshape(-1)
            memory_1, memory_2 = state.first_1[block].reshape(-1), state.first_2[block].reshape(-1)
            if width == NARROW:
                _update_narrow(
                    rule, block, lo, hi, weights, memory_1, memory_2, entries, sums, scattered,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
            elif width == MIDDLE:
                _update_middle(
                    rule, block, lo, hi, weights, memory_1, memory_2, entries, sums, scattered,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
            else:
                _update_wide(
                    rule, block, lo, hi, weights, memory_1, memory_2, entries, sums, scattered,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
    for s in range(rates.size):
        for j in range(layout.models[s, FIRST_COLUMN], layout.models[s + 1, FIRST_COLUMN]):
            penalties[s] += column_penalties[j]


@compiled
def _update_dense(
    lo: int,
    hi: int,
    examples: Examples,
    rows: Array,
    state: State,
    rule: Rule,
    rates: Array,
    steps: Array,
    upstream: Array,
    penalties: Array,
) -> None:
    """As `update_first`, where features are dense and all columns one block."""
    x = np.empty((rows.size, hi - lo), np.float32)
    for r in range(rows.size):
        for j in range(hi - lo):
            x[r, j] = examples.dense[rows[r], lo + j]
    gradient = np.dot(x.T, upstream[: rows.size])
    weights, memory_1, memory_2 = state.first[0], state.first_1[0], state.first_2[0]
    remembers_1, remembers_2 = memory_1.size > 0, memory_2.size > 0
    is_penalized = _any(rule.first_l1) or _any(rule.first_l2)
    for feature in range(lo, hi):
        update(
            rule, weights[feature],
            memory_1[feature] if remembers_1 else weights[0, :0], memory_2[feature] if remembers_2 else weights[0, :0],
            gradient[feature - lo], rule.first_l1, rule.first_l2, rule.first_decay, rates, steps,
        )  # fmt: skip
        if is_penalized:
            for j in range(penalties.size):
                w = np.float64(weights[feature, j])
                penalties[j] += rule.first_l1[j] * abs(w) + rule.first_l2[j] * w * w
