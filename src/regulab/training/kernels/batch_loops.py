"""The loops over batches: what each thread runs, compiled, from the first batch to the last."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.barrier import wait
from regulab.training.kernels.codes import FIRST_COLUMN, LOSS
from regulab.training.kernels.csr_ops import scatter_add
from regulab.training.kernels.denormals import flush_denormals, restore_denormals
from regulab.training.kernels.dense import backward, forward, output_preactivations
from regulab.training.kernels.first_layer import first_preactivations, update_first_kernels
from regulab.training.kernels.jit import Array, compiled, entry_point
from regulab.training.kernels.layout import Examples, Layout, State, UpdateRule, WorkRange, Workspace
from regulab.training.kernels.losses import loss_gradient
from regulab.training.kernels.metrics import add_losses_and_metrics
from regulab.training.kernels.update import update

# With more blocks than these, several batches are measured at once, so that each block is loaded into the cache once
# for all of them. Fewer blocks stay in the cache from batch to batch. Measured.
_FEW_BLOCKS = 4
# How many preactivations of the first layer are then kept, at most: they have to stay in a cache as well.
_MAX_PREACTIVATIONS = 2**21


@entry_point
def train_batches(
    thread: int,
    batches: tuple[int, int],
    work: WorkRange,
    examples: Examples,
    order: Array,
    batch_size: int,
    layout: Layout,
    state: State,
    rule: UpdateRule,
    learning_rates: Array,
    step_sizes: Array,
    workspace: Workspace,
) -> None:
    """Train on some batches; every thread calls this at the same time, each for its own part.

    Args:
        thread: Number of the calling thread.
        batches: The batches, a half-open range.
        work: The weights that this thread updates.
        examples: The training split.
        order: Rows of all batches.
        batch_size: Examples per batch.
        layout: The models.
        state: Weights and optimizer slots, changed in place.
        rule: The update rule, with the penalty and decay of each weight.
        learning_rates: Learning rate of each batch and model, float32, shape `(batches, models)`.
        step_sizes: What each model's update is multiplied by, likewise.
        workspace: Buffers and totals of all threads.
    """
    threads, mxcsr = workspace.sums.shape[0], flush_denormals()
    # A thread that owns whole blocks also multiplies by them: they stay in its cache from their update to the next
    # batch. Where there are too few blocks to split, each thread multiplies its slice of the batch by all of them.
    owns_blocks = work.blocks[1] - work.blocks[0] < state.first_kernels.shape[0]
    for batch in range(batches[0], batches[1]):
        rows = order[batch * batch_size : (batch + 1) * batch_size]
        # Slices start at multiples of 4, since random numbers are drawn in groups of four.
        length = -(-rows.size // (4 * threads)) * 4
        start, stop = min(rows.size, thread * length), min(rows.size, (thread + 1) * length)
        if owns_blocks:
            first_preactivations(
                examples, state.first_kernels, work.blocks, rows, 0, rows.size, workspace.preactivations
            )
            wait(workspace.arrivals, threads)
        else:
            first_preactivations(
                examples, state.first_kernels, work.blocks, rows, start, stop, workspace.preactivations
            )
        _forward_and_backward(thread, start, stop, examples, rows, layout, state, workspace)
        # Explicit loops here and below: NumPy's shorter forms take seconds longer to compile.
        if thread == 0:
            for model in range(workspace.penalty_sums.size):
                for other in range(threads):
                    workspace.penalty_sums[model] += workspace.penalties[other, model] * rows.size
        wait(workspace.arrivals, threads)
        for model in range(workspace.penalty_sums.size):
            workspace.penalties[thread, model] = 0.0
        if thread == 0:
            for dropout in range(state.dropout_seeds.shape[0]):
                state.dropout_seeds[dropout, 1] += 1
        update_first_kernels(
            work, examples, rows, layout, state, rule, learning_rates[batch], step_sizes[batch],
            workspace.preactivations, workspace.first_gradients, workspace.penalties[thread],
        )  # fmt: skip
        _update_other_weights(
            work.other_weights[0], work.other_weights[1], state, rule, learning_rates[batch], step_sizes[batch],
            workspace.other_gradients, workspace.penalties[thread],
        )  # fmt: skip
        wait(workspace.arrivals, threads)
    restore_denormals(mxcsr)


@compiled
def _forward_and_backward(
    thread: int,
    start: int,
    stop: int,
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    workspace: Workspace,
) -> None:
    """Run all models forward and backward on the thread's slice of a batch, from `start` to `stop`."""
    gradient, outputs = workspace.other_gradients[thread], workspace.outputs[thread]
    activation_gradients = workspace.activation_gradients[thread]
    if start == stop:
        for j in range(gradient.size):
            gradient[j] = np.float32(0)
        return
    data_losses, fit_losses = np.empty(stop - start, np.float32), np.empty(stop - start, np.float32)
    for model in range(layout.label_smoothings.size):
        forward(
            model, layout, workspace.preactivations, start, stop, state.other_weights, state.dropout_seeds, start, True,
            outputs, activation_gradients, True,
        )  # fmt: skip
        z = output_preactivations(model, layout, outputs, stop - start)
        add_losses_and_metrics(
            model, layout, z, examples, rows, start, examples.fit_weights, data_losses, fit_losses,
            workspace.sums[thread], workspace.metric_weights[thread],
        )  # fmt: skip
        loss, smoothing = layout.models[model, LOSS], layout.label_smoothings[model]
        loss_gradient(loss, smoothing, z, examples.labels, rows, start, examples.fit_weights, rows.size)
        backward(
            model, layout, state.other_weights, outputs, activation_gradients, workspace.preactivations, start, stop,
            gradient,
        )  # fmt: skip
    if workspace.first_gradients.size:
        scatter_add(examples, workspace.preactivations, rows, start, stop, workspace.first_gradients[thread])


@compiled
def _update_other_weights(
    first: int,
    end: int,
    state: State,
    rule: UpdateRule,
    learning_rates: Array,
    step_sizes: Array,
    gradients: Array,
    penalties: Array,
) -> None:
    """Update the other weights from `first` to `end`, with the sum of all threads' gradients."""
    for tensor in range(rule.tensor_models.size):
        start, stop = max(first, rule.tensor_starts[tensor]), min(end, rule.tensor_starts[tensor + 1])
        if start >= stop:
            continue
        model = rule.tensor_models[tensor]
        total = gradients[0, start:stop]
        for other in range(1, gradients.shape[0]):
            for j in range(stop - start):
                total[j] += gradients[other, start + j]
        weights, l1, l2 = state.other_weights[start:stop], rule.tensor_l1[tensor], rule.tensor_l2[tensor]
        update(
            rule, weights, state.other_slot_1[start:stop], state.other_slot_2[start:stop], total,
            l1, l2, rule.tensor_decay[tensor], learning_rates[model], step_sizes[model],
        )  # fmt: skip
        if l1 or l2:
            for value in weights:
                w = np.float64(value)
                penalties[model] += l1 * abs(w) + l2 * w * w


@entry_point
def measure_batches(
    thread: int,
    threads: int,
    examples: Examples,
    rows: Array,
    batch_size: int,
    layout: Layout,
    state: State,
    models: int,
    dropout_on: bool,
    sums: Array,
    metric_weights: Array,
    losses: Array,
) -> None:
    """Run the first models forward over one thread's part of the batches.

    Args:
        thread: Number of the calling thread.
        threads: How many threads share the batches.
        examples: The split.
        rows: Rows to measure, cut into batches; with dropout on, each batch has masks of its own, as in training.
        batch_size: Examples per batch.
        layout: The models.
        state: Weights and random states; not changed.
        models: How many models to run, from the first one.
        dropout_on: Whether dropout is on.
        sums: As in `Workspace`, but all weighted with the sample weights, as in Keras's `evaluate`.
        metric_weights: As in `Workspace`.
        losses: Written to: weighted data loss of each example and model, float32, shape `(rows, models)`.
    """
    mxcsr = flush_denormals()
    width = state.first_kernels.shape[2]
    blocks = -(-layout.models[models, FIRST_COLUMN] // width)
    batches = -(-rows.size // batch_size)
    start, stop = batches * thread // threads, batches * (thread + 1) // threads
    at_once = (
        1 if blocks <= _FEW_BLOCKS else max(1, min(stop - start, _MAX_PREACTIVATIONS // (blocks * batch_size * width)))
    )
    preactivations = np.empty((blocks, at_once * batch_size, width), np.float32)
    outputs = np.empty(layout.max_units * batch_size, np.float32)
    data_losses, fit_losses = np.empty(batch_size, np.float32), np.empty(batch_size, np.float32)
    seeds = state.dropout_seeds.copy()
    for first in range(start, stop, at_once):
        end = min(stop, first + at_once)
        group = rows[first * batch_size : end * batch_size]
        first_preactivations(examples, state.first_kernels, (0, blocks), group, 0, group.size, preactivations)
        for batch in range(first, end):
            group_start = (batch - first) * batch_size
            group_stop = min(group.size, group_start + batch_size)
            for dropout in range(seeds.shape[0]):
                seeds[dropout, 1] = state.dropout_seeds[dropout, 1] + batch
            for model in range(models):
                forward(
                    model, layout, preactivations, group_start, group_stop, state.other_weights, seeds, 0, dropout_on,
                    outputs, outputs, False,
                )  # fmt: skip
                z = output_preactivations(model, layout, outputs, group_stop - group_start)
                add_losses_and_metrics(
                    model, layout, z, examples, group, group_start, examples.sample_weights, data_losses, fit_losses,
                    sums, metric_weights,
                )  # fmt: skip
                for r in range(group_start, group_stop):
                    weight = examples.sample_weights[group[r]]
                    losses[first * batch_size + r, model] = data_losses[r - group_start] * weight
    restore_denormals(mxcsr)
