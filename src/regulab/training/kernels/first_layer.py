"""The first layer of all models at once: its preactivations, and the update of its kernels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from regulab.training.kernels.codes import ADAM, FIRST_COLUMN, MEDIUM, NARROW, WIDE
from regulab.training.kernels.csr_ops import PER_CACHE_LINE, batch_to_csc, multiply, scaled
from regulab.training.kernels.jit import Array, compiled
from regulab.training.kernels.layout import Examples, Layout, State, UpdateRule, WorkRange
from regulab.training.kernels.simd import absolute, load, prefetch, splat, store
from regulab.training.kernels.update import adam, add_penalty_gradient, update

# Penalties are summed in float32 over this many rows, and these sums in float64.
_ROWS_PER_SUM = 64
# How many rows ahead weights and slots are prefetched: the hardware does not predict three streams while gradients are
# gathered from all over the batch. Measured.
_PREFETCH_DISTANCE = 8


@compiled
def first_preactivations(
    examples: Examples, kernels: Array, blocks: tuple[int, int], rows: Array, start: int, stop: int, out: Array
) -> None:
    """The first layer's preactivations, still without bias, for a slice of a batch and some blocks.

    Args:
        examples: The split.
        kernels: First kernels, shape `(blocks, features, width)`.
        blocks: The blocks to compute, a half-open range.
        rows: Rows of the batch.
        start: The first example of the slice, as an index into the batch.
        stop: The example after the last.
        out: Written to, shape `(blocks, batch, width)`.
    """
    if examples.dense.size:
        features = examples.dense.shape[1]
        x = np.empty((stop - start, features), np.float32)
        for r in range(start, stop):
            for j in range(features):
                x[r - start, j] = examples.dense[rows[r], j]
        np.dot(x, kernels[0], out[0, start:stop])
    else:
        multiply(examples, kernels, blocks, rows, start, stop, out)


@compiled
def _any_nonzero(
    values: Array,
) -> bool:
    nonzero = False
    for value in values:
        nonzero |= value != np.float32(0)
    return nonzero


def _make_block_update(width: int) -> Callable[..., None]:
    @compiled
    def update_block(
        rule: UpdateRule,
        block: int,
        first: int,
        end: int,
        weights: Array,
        slot_1: Array,
        slot_2: Array,
        csc: tuple[Array, Array, Array],
        deltas: Array,
        thread_gradients: Array,
        learning_rates: Array,
        step_sizes: Array,
        penalties: Array,
    ) -> None:
        """Update one block's rows from `first` to `end`; arrays are flat except for `thread_gradients`."""
        indptr, csc_examples, values = csc
        column, last_column, zero = block * width, (block + 1) * width, splat(np.float32(0), width)
        beta_1, beta_2, epsilon = np.float32(rule.beta_1), np.float32(rule.beta_2), np.float32(rule.epsilon)
        l1, l2 = load(rule.column_l1, column, width), load(rule.column_l2, column, width)
        decay = load(rule.column_decay, column, width) * load(learning_rates, column, width)
        step_size = load(step_sizes, column, width)
        is_penalized = _any_nonzero(rule.column_l1[column:last_column]) or _any_nonzero(
            rule.column_l2[column:last_column]
        )
        penalty, row_penalties, gradient = zero, np.empty(width, np.float32), np.empty(width, np.float32)
        for feature in range(first, end):
            at, g = feature * width, zero
            for line in range(0, width, PER_CACHE_LINE):
                ahead = at + _PREFETCH_DISTANCE * width + line
                prefetch(weights, ahead)
                prefetch(slot_1, ahead)
                prefetch(slot_2, ahead)
            for thread in range(thread_gradients.shape[0]):
                g += load(thread_gradients[thread], at, width)
                store(thread_gradients[thread], at, zero)
            if csc_examples.size:
                for entry in range(indptr[feature - first], indptr[feature - first + 1]):
                    delta = load(deltas, np.int64(csc_examples[np.uint64(entry)]) * width, width)
                    g += scaled(delta, values, entry)
            if rule.kind == ADAM:
                w = load(weights, at, width)
                if is_penalized:
                    g = add_penalty_gradient(w, g, l1, l2)
                w, m, v = adam(
                    w - w * decay, load(slot_1, at, width), load(slot_2, at, width), g, step_size,
                    beta_1, beta_2, epsilon,
                )  # fmt: skip
                store(weights, at, w)
                store(slot_1, at, m)
                store(slot_2, at, v)
            else:
                store(gradient, 0, g)
                update(
                    rule, weights[at : at + width], slot_1[at : at + width], slot_2[at : at + width], gradient,
                    rule.column_l1[column:last_column], rule.column_l2[column:last_column],
                    rule.column_decay[column:last_column], learning_rates[column:last_column],
                    step_sizes[column:last_column],
                )  # fmt: skip
                w = load(weights, at, width)
            if is_penalized:
                penalty += l1 * absolute(w) + l2 * w * w
                if (feature - first + 1) % _ROWS_PER_SUM == 0 or feature == end - 1:
                    store(row_penalties, 0, penalty)
                    penalty = zero
                    for j in range(width):
                        penalties[column + j] += row_penalties[j]

    return update_block


_update_narrow, _update_medium, _update_wide = (_make_block_update(width) for width in (NARROW, MEDIUM, WIDE))


@compiled
def update_first_kernels(
    work: WorkRange,
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    rule: UpdateRule,
    learning_rates: Array,
    step_sizes: Array,
    deltas: Array,
    thread_gradients: Array,
    penalties: Array,
) -> None:
    """Compute the gradient of one thread's range of the first kernels, and update them.

    Args:
        work: The blocks, and the features whose rows in each block are updated.
        examples: The training split.
        rows: Rows of the batch.
        layout: The models.
        state: Weights and optimizer slots, changed in place.
        rule: The update rule, with the penalty and decay of each weight.
        learning_rates: Learning rate of each model.
        step_sizes: What each model's update is multiplied by.
        deltas: Gradient with respect to the first layer's preactivations, float32, shape `(blocks, batch, width)`.
        thread_gradients: Each thread's part of the gradient, float32, shape `(threads, features * width)`, reset to
            zero; or shape `(0, 0)`, and the gradient is computed from `deltas`.
        penalties: Added to: each model's penalty on these weights after the update, float64, shape `(models,)`.
    """
    first, end, width = work.features[0], work.features[1], state.first_kernels.shape[2]
    columns = state.first_kernels.shape[0] * width
    column_rates, column_steps = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    for model in range(learning_rates.size):
        for j in range(layout.models[model, FIRST_COLUMN], layout.models[model + 1, FIRST_COLUMN]):
            column_rates[j], column_steps[j] = learning_rates[model], step_sizes[model]
    column_penalties = np.zeros(columns)
    if examples.dense.size:
        _update_dense(
            first, end, examples, rows, state, rule, column_rates, column_steps, deltas[0], column_penalties
        )  # fmt: skip
    else:
        csc = batch_to_csc(examples, rows[:0] if thread_gradients.size else rows, first, end)
        for block in range(work.blocks[0], work.blocks[1]):
            weights, block_deltas = state.first_kernels[block].reshape(-1), deltas[block].reshape(-1)
            slot_1, slot_2 = state.first_slot_1[block].reshape(-1), state.first_slot_2[block].reshape(-1)
            if width == NARROW:
                _update_narrow(
                    rule, block, first, end, weights, slot_1, slot_2, csc, block_deltas, thread_gradients,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
            elif width == MEDIUM:
                _update_medium(
                    rule, block, first, end, weights, slot_1, slot_2, csc, block_deltas, thread_gradients,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
            else:
                _update_wide(
                    rule, block, first, end, weights, slot_1, slot_2, csc, block_deltas, thread_gradients,
                    column_rates, column_steps, column_penalties,
                )  # fmt: skip
    for model in range(learning_rates.size):
        for j in range(layout.models[model, FIRST_COLUMN], layout.models[model + 1, FIRST_COLUMN]):
            penalties[model] += column_penalties[j]


@compiled
def _update_dense(
    first: int,
    end: int,
    examples: Examples,
    rows: Array,
    state: State,
    rule: UpdateRule,
    learning_rates: Array,
    step_sizes: Array,
    deltas: Array,
    penalties: Array,
) -> None:
    """Like `update_first_kernels`, for dense features, whose kernels are a single block."""
    x = np.empty((rows.size, end - first), np.float32)
    for r in range(rows.size):
        for j in range(end - first):
            x[r, j] = examples.dense[rows[r], first + j]
    gradient = np.dot(x.T, deltas[: rows.size])
    weights, slot_1, slot_2 = state.first_kernels[0], state.first_slot_1[0], state.first_slot_2[0]
    has_slot_1, has_slot_2 = slot_1.size > 0, slot_2.size > 0
    is_penalized = _any_nonzero(rule.column_l1) or _any_nonzero(rule.column_l2)
    for feature in range(first, end):
        update(
            rule, weights[feature],
            slot_1[feature] if has_slot_1 else weights[0, :0], slot_2[feature] if has_slot_2 else weights[0, :0],
            gradient[feature - first], rule.column_l1, rule.column_l2, rule.column_decay, learning_rates, step_sizes,
        )  # fmt: skip
        if is_penalized:
            for j in range(penalties.size):
                w = np.float64(weights[feature, j])
                penalties[j] += rule.column_l1[j] * abs(w) + rule.column_l2[j] * w * w
