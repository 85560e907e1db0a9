"""The compiled passes: what each of some threads does, from batch to batch."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.barrier import wait
from regulab.training.kernels.csr_ops import scatter_rows
from regulab.training.kernels.denormals import flush, restore
from regulab.training.kernels.dense import backward, forward, loss_gradient, losses, metric, part
from regulab.training.kernels.first_layer import products, update_first
from regulab.training.kernels.jit import compiled, entry
from regulab.training.kernels.layout import (
    ACTIVATION,
    FIRST_COLUMN,
    FIRST_LAYER,
    LOSS,
    PLACE,
    UNITS,
    Array,
    Examples,
    Layout,
    Room,
    Rule,
    Share,
    State,
)
from regulab.training.kernels.update import update

# From more blocks of first kernels than these, several batches are measured at once: each block is then fetched into
# a near cache once for all of them. Fewer blocks stay there from batch to batch. Measured.
_FEW_BLOCKS = 4
# So many sums of the first layer are held then: they have to stay in a cache too.
_MOST_SUMS = 2**21


@entry
def train_batches(
    thread: int,
    batches: tuple[int, int],
    share: Share,
    examples: Examples,
    order: Array,
    batch_size: int,
    layout: Layout,
    state: State,
    rule: Rule,
    rates: Array,
    steps: Array,
    room: Room,
) -> None:
    """Train on some batches, one thread's part; all threads call this at once.

    Args:
        thread: Number of this thread.
        batches: Number of the first batch, and the number after the last.
        share: What this thread updates.
        examples: The training split.
        order: Rows of all batches.
        batch_size: Examples per batch.
        layout: The stack.
        state: Weights and the optimizer's memory, changed in place.
        rule: The update rule and what goes with each weight.
        rates: Learning rate of each batch and model, float32, shape `(batches, models)`.
        steps: What each model's update is multiplied with, likewise.
        room: Where the threads put what they find.
    """
    threads, before = room.sums.shape[0], flush()
    # Blocks of its own stay in a thread's caches from their update to their next products. Where there are too few
    # to share out, each thread multiplies its stretch of the batch by all of them.
    by_block = share.blocks[1] - share.blocks[0] < state.first.shape[0]
    for number in range(batches[0], batches[1]):
        rows = order[number * batch_size : (number + 1) * batch_size]
        # Stretches begin at multiples of 4: random numbers come in fours.
        length = -(-rows.size // (4 * threads)) * 4
        lo, hi = min(rows.size, thread * length), min(rows.size, (thread + 1) * length)
        if by_block:
            products(examples, state.first, share.blocks, rows, 0, rows.size, room.upstream)
            wait(room.arrivals, threads)
        else:
            products(examples, state.first, share.blocks, rows, lo, hi, room.upstream)
        _learn(thread, lo, hi, examples, rows, layout, state, room)
        # Loops here and below: what NumPy writes shorter takes seconds longer to compile.
        if thread == 0:
            for s in range(room.penalty_sums.size):
                for each in range(threads):
                    room.penalty_sums[s] += room.penalties[each, s] * rows.size
        wait(room.arrivals, threads)
        for s in range(room.penalty_sums.size):
            room.penalties[thread, s] = 0.0
        if thread == 0:
            for noise in range(state.seeds.shape[0]):
                state.seeds[noise, 1] += 1
        update_first(
            share, examples, rows, layout, state, rule, rates[number], steps[number],
            room.upstream, room.scattered, room.penalties[thread],
        )  # fmt: skip
        _update_others(
            share.others[0], share.others[1], state, rule, rates[number], steps[number], room.gradient,
            room.penalties[thread],
        )  # fmt: skip
        wait(room.arrivals, threads)
    restore(before)


@compiled
def _learn(
    thread: int,
    lo: int,
    hi: int,
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    room: Room,
) -> None:
    """From the first products forward and back through all models, for the stretch of a batch from `lo` to `hi`."""
    gradient, outputs, slopes = room.gradient[thread], room.outputs[thread], room.slopes[thread]
    if lo == hi:
        for j in range(gradient.size):
            gradient[j] = np.float32(0)
        return
    data_losses, fit_losses = np.empty(hi - lo, np.float32), np.empty(hi - lo, np.float32)
    for s in range(layout.smoothings.size):
        forward(s, layout, room.upstream, lo, hi, state.rest, state.seeds, lo, True, outputs, slopes, True)
        z = _last_sums(s, layout, outputs, hi - lo)
        _record(
            s, layout, z, examples, rows, lo, examples.fit_weights, data_losses, fit_losses,
            room.sums[thread], room.counts[thread],
        )  # fmt: skip
        kind, smoothing = layout.models[s, LOSS], layout.smoothings[s]
        loss_gradient(kind, smoothing, z, examples.labels, rows, lo, examples.fit_weights, rows.size)
        backward(s, layout, state.rest, outputs, slopes, room.upstream, lo, hi, gradient)
    if room.scattered.size:
        scatter_rows(examples, room.upstream, rows, lo, hi, room.scattered[thread])


@compiled
def _update_others(
    lo: int,
    hi: int,
    state: State,
    rule: Rule,
    rates: Array,
    steps: Array,
    gradient: Array,
    penalties: Array,
) -> None:
    """Update the other weights from `lo` to `hi`, with what all threads have of their gradient."""
    for p in range(rule.owners.size):
        start, stop, owner = max(lo, rule.starts[p]), min(hi, rule.starts[p + 1]), rule.owners[p]
        if start >= stop:
            continue
        total = gradient[0, start:stop]
        for other in range(1, gradient.shape[0]):
            for j in range(stop - start):
                total[j] += gradient[other, start + j]
        weights, l1, l2 = state.rest[start:stop], rule.rest_l1[p], rule.rest_l2[p]
        update(
            rule, weights, state.rest_1[start:stop], state.rest_2[start:stop], total,
            l1, l2, rule.rest_decay[p], rates[owner], steps[owner],
        )  # fmt: skip
        if l1 or l2:
            for value in weights:
                w = np.float64(value)
                penalties[owner] += l1 * abs(w) + l2 * w * w


@entry
def measure_batches(
    thread: int,
    threads: int,
    examples: Examples,
    rows: Array,
    batch_size: int,
    layout: Layout,
    state: State,
    models: int,
    noisy: bool,
    sums: Array,
    counts: Array,
    table: Array,
) -> None:
    """One thread's stretch of the batches forward through the first models.

    Args:
        thread: Number of this thread.
        threads: How many share the batches.
        examples: The split.
        rows: Rows to run over; with dropout on, in batches as if they were trained on.
        batch_size: Examples per batch.
        layout: The stack.
        state: Weights; not changed, seeds neither.
        models: How many models to run, from the first on.
        noisy: Whether dropout is on.
        sums: As in `Room`, but all weighted with the weights of measures, as in Keras's `evaluate`.
        counts: As in `Room`.
        table: Written to: weighted data loss of each example and model, float32, shape `(rows, models)`.
    """
    before = flush()
    width = state.first.shape[2]
    needed = -(-layout.models[models, FIRST_COLUMN] // width)
    batches = -(-rows.size // batch_size)
    start, stop = batches * thread // threads, batches * (thread + 1) // threads
    together = 1 if needed <= _FEW_BLOCKS else max(1, min(stop - start, _MOST_SUMS // (needed * batch_size * width)))
    sums_of_first = np.empty((needed, together * batch_size, width), np.float32)
    outputs = np.empty(layout.width * batch_size, np.float32)
    data_losses, fit_losses = np.empty(batch_size, np.float32), np.empty(batch_size, np.float32)
    seeds = state.seeds.copy()
    for first in range(start, stop, together):
        end = min(stop, first + together)
        held = rows[first * batch_size : end * batch_size]
        products(examples, state.first, (0, needed), held, 0, held.size, sums_of_first)
        for number in range(first, end):
            lo = (number - first) * batch_size
            hi = min(held.size, lo + batch_size)
            for noise in range(seeds.shape[0]):
                seeds[noise, 1] = state.seeds[noise, 1] + number
            for s in range(models):
                forward(s, layout, sums_of_first, lo, hi, state.rest, seeds, 0, noisy, outputs, outputs, False)
                z = _last_sums(s, layout, outputs, hi - lo)
                _record(s, layout, z, examples, held, lo, examples.weights, data_losses, fit_losses, sums, counts)
                for r in range(lo, hi):
                    table[first * batch_size + r, s] = data_losses[r - lo] * examples.weights[held[r]]
    restore(before)


@compiled
def _last_sums(
    s: int,
    layout: Layout,
    outputs: Array,
    rows: int,
) -> Array:
    last = layout.models[s + 1, FIRST_LAYER] - 1
    return part(outputs, rows, layout.layers[last, PLACE], layout.layers[last, UNITS])


@compiled
def _record(
    s: int,
    layout: Layout,
    z: Array,
    examples: Examples,
    rows: Array,
    lo: int,
    weights: Array,
    data_losses: Array,
    fit_losses: Array,
    sums: Array,
    counts: Array,
) -> None:
    """Compute a stretch's losses, and add them and the metrics to a model's sums."""
    kind, smoothing = layout.models[s, LOSS], layout.smoothings[s]
    losses(kind, np.float32(0), z, examples.labels, rows, lo, data_losses)
    if smoothing:
        losses(kind, smoothing, z, examples.labels, rows, lo, fit_losses)
    else:
        fit_losses = data_losses
    activation = layout.layers[layout.models[s + 1, FIRST_LAYER] - 1, ACTIVATION]
    fit, data = 0.0, 0.0
    for r in range(z.shape[0]):
        fit += fit_losses[r] * weights[rows[lo + r]]
        data += data_losses[r] * examples.weights[rows[lo + r]]
    sums[s, 0] += fit
    sums[s, 1] += data
    for k in range(layout.metrics.shape[1]):
        kind, weighted = layout.metrics[s, k, 0], layout.metrics[s, k, 1] != 0
        if kind >= 0:
            total, count = metric(kind, activation, data_losses, z, examples.labels, rows, lo, weights, weighted)
            sums[s, 2 + k] += total
            counts[s, k] += count
