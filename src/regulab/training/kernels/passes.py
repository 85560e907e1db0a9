"""The compiled parts of a pass: what one thread does before it waits for the others."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.compiled import compiled, entry
from regulab.training.kernels.dense import backward, forward, loss_gradient, losses, metric, part
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
    Rule,
    State,
)
from regulab.training.kernels.rows import by_feature, gather_scattered, row_gradient, scatter_rows, sum_rows
from regulab.training.kernels.update import penalty, update

# Updated in one go: few enough that their gradient stays in the fastest cache, enough to hide the call.
_WEIGHTS_AT_ONCE = 2048


@entry
def train_stretch(
    lo: int,
    hi: int,
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    upstream: Array,
    outputs: Array,
    slopes: Array,
    gradient: Array,
    scattered: Array,
    sums: Array,
    counts: Array,
) -> None:
    """Forward and backward through all models, for a stretch of a batch.

    Args:
        lo: Place in the batch of the stretch's first example, a multiple of 4: random numbers come in fours.
        hi: Place after the last.
        examples: The training split.
        rows: Rows of the batch.
        layout: The stack.
        state: Weights; not changed.
        upstream: Written to: gradient by the first layer's sums, float32, shape `(batch, columns)`.
        outputs: Room for a stretch's outputs, float32, `layout.width` an example.
        slopes: The same.
        gradient: Written to: the stretch's gradient by all weights but the first kernels, float32, `(weights,)`.
        scattered: Added to: the stretch's gradient by the first kernels, float32, shape `(features, columns)`; or
            of shape `(0, columns)`, and `update_stretch` collects it from `upstream`.
        sums: Added to: sums over examples of each model's weighted training loss, weighted data loss and metrics,
            float64, shape `(models, 2 + metrics)`.
        counts: Added to: sums of the metrics' weights, float64, shape `(models, metrics)`.
    """
    if lo == hi:
        for j in range(gradient.size):
            gradient[j] = np.float32(0)
        return
    _first_layer(examples, state.first, state.first.shape[1], rows, lo, hi, upstream)
    data_losses, fit_losses = np.empty(hi - lo, np.float32), np.empty(hi - lo, np.float32)
    stretch = upstream[lo:hi]
    for s in range(layout.smoothings.size):
        forward(s, layout, stretch, state.rest, state.seeds, lo, True, outputs, slopes, True)
        z = _last_sums(s, layout, outputs, hi - lo)
        _record(s, layout, z, examples, rows, lo, examples.fit_weights, data_losses, fit_losses, sums, counts)
        kind, smoothing = layout.models[s, LOSS], layout.smoothings[s]
        loss_gradient(kind, smoothing, z, examples.labels, rows, lo, examples.fit_weights, rows.size)
        backward(s, layout, state.rest, outputs, slopes, stretch, gradient)
    if scattered.size:
        scatter_rows(examples, upstream, rows, lo, hi, scattered)


@entry
def update_stretch(
    features: tuple[int, int],
    others: tuple[int, int],
    examples: Examples,
    rows: Array,
    layout: Layout,
    state: State,
    rule: Rule,
    rates: Array,
    steps: Array,
    upstream: Array,
    gradient: Array,
    scattered: Array,
    penalties: Array,
) -> None:
    """Update a stretch of the first kernels' rows and one of the other weights.

    Args:
        features: First feature and the feature after the last.
        others: First of the other weights and the weight after the last.
        examples: The training split.
        rows: Rows of the batch.
        layout: The stack.
        state: Weights and the optimizer's memory, changed in place.
        rule: The update rule and what goes with each weight.
        rates: Learning rate of each model, float32, shape `(models,)`.
        steps: What each model's update is multiplied with, likewise.
        upstream: From `train_stretch`.
        gradient: From `train_stretch`, of all threads, float32, shape `(threads, weights)`.
        scattered: Likewise, shape `(threads, features, columns)` or `(threads, 0, columns)`; set to zero again.
        penalties: Added to: each model's penalty on these weights after the update, float64, shape `(models,)`.
    """
    _update_first(
        features[0], features[1], examples, rows, layout, state, rule, rates, steps, upstream, scattered, penalties
    )
    lo, hi = others
    total = gradient[0, lo:hi]
    for other in range(1, gradient.shape[0]):
        for j in range(hi - lo):
            total[j] += gradient[other, lo + j]
    weight_rates, weight_steps = np.empty(hi - lo, np.float32), np.empty(hi - lo, np.float32)
    for j in range(lo, hi):
        weight_rates[j - lo], weight_steps[j - lo] = rates[rule.owners[j]], steps[rule.owners[j]]
    update(
        rule, state.rest[lo:hi], state.rest_1[lo:hi], state.rest_2[lo:hi], total,
        rule.rest_l1[lo:hi], rule.rest_l2[lo:hi], rule.rest_decay[lo:hi], weight_rates, weight_steps,
    )  # fmt: skip
    for j in range(lo, hi):
        if rule.rest_l1[j] or rule.rest_l2[j]:
            w = np.float64(state.rest[j])
            penalties[rule.owners[j]] += rule.rest_l1[j] * abs(w) + rule.rest_l2[j] * w * w


@entry
def measure_batches(
    first: int,
    every: int,
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
    """Every so-manieth batch forward through the first models.

    Args:
        first: Number of the first batch.
        every: Distance to the next.
        examples: The split.
        rows: Rows to run over; with dropout on, in batches as if they were trained on.
        batch_size: Examples per batch.
        layout: The stack.
        state: Weights; not changed, seeds neither.
        models: How many models to run, from the first on.
        noisy: Whether dropout is on.
        sums: As in `train_stretch`, but all weighted with the weights of measures, as in Keras's `evaluate`.
        counts: As in `train_stretch`.
        table: Written to: weighted data loss of each example and model, float32, shape `(rows, models)`.
    """
    products = np.empty((batch_size, state.first.shape[1]), np.float32)
    outputs = np.empty(layout.width * batch_size, np.float32)
    data_losses, fit_losses = np.empty(batch_size, np.float32), np.empty(batch_size, np.float32)
    seeds = state.seeds.copy()
    for number in range(first, -(-rows.size // batch_size), every):
        at = number * batch_size
        held = rows[at : at + batch_size]
        count = held.size
        for noise in range(seeds.shape[0]):
            seeds[noise, 1] = state.seeds[noise, 1] + number
        _first_layer(examples, state.first, layout.models[models, FIRST_COLUMN], held, 0, count, products)
        for s in range(models):
            forward(s, layout, products[:count], state.rest, seeds, 0, noisy, outputs, outputs, False)
            z = _last_sums(s, layout, outputs, count)
            _record(s, layout, z, examples, held, 0, examples.weights, data_losses, fit_losses, sums, counts)
            for r in range(count):
                table[at + r, s] = data_losses[r] * examples.weights[held[r]]


@compiled
def _first_layer(
    examples: Examples,
    kernel: Array,
    columns: int,
    rows: Array,
    lo: int,
    hi: int,
    out: Array,
) -> None:
    """The first layer's products for a stretch of a batch; at least the first columns of them."""
    if examples.dense.size:
        features = examples.dense.shape[1]
        x = np.empty((hi - lo, features), np.float32)
        for r in range(lo, hi):
            for j in range(features):
                x[r - lo, j] = examples.dense[rows[r], j]
        np.dot(x, kernel, out[lo:hi])
    else:
        sum_rows(examples, kernel, columns, rows, lo, hi, out)


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
    for r in range(z.shape[0]):
        row = rows[lo + r]
        sums[s, 0] += fit_losses[r] * weights[row]
        sums[s, 1] += data_losses[r] * examples.weights[row]
        for k in range(layout.metrics.shape[1]):
            if layout.metrics[s, k, 0] < 0:
                continue
            weight = weights[row] if layout.metrics[s, k, 1] else np.float32(1)
            value = metric(layout.metrics[s, k, 0], activation, data_losses[r], z[r], examples.labels[row])
            sums[s, 2 + k] += value * weight
            counts[s, k] += weight


@compiled
def _update_first(
    lo: int,
    hi: int,
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
    """Gradient and update of the first kernels' rows from `lo` to `hi`, a block of rows at a time."""
    columns = state.first.shape[1]
    block = max(1, _WEIGHTS_AT_ONCE // columns)
    l1, l2 = _repeated(rule.first_l1, block), _repeated(rule.first_l2, block)
    decay = _repeated(rule.first_decay, block)
    column_rates, column_steps = np.empty(columns, np.float32), np.empty(columns, np.float32)
    for s in range(rates.size):
        for j in range(layout.models[s, FIRST_COLUMN], layout.models[s + 1, FIRST_COLUMN]):
            column_rates[j], column_steps[j] = rates[s], steps[s]
    weight_rates, weight_steps = _repeated(column_rates, block), _repeated(column_steps, block)
    dense = examples.dense.size > 0
    collected = not dense and scattered.size == 0
    starts, owners, values = by_feature(examples, rows if collected else rows[:0], lo, hi)
    gradient = _dense_gradient(examples, rows, lo, hi, upstream) if dense else np.empty((block, columns), np.float32)
    weights, memory_1, memory_2 = state.first.reshape(-1), state.first_1.reshape(-1), state.first_2.reshape(-1)
    for first in range(lo, hi, block):
        last = min(hi, first + block)
        if dense:
            part_gradient = gradient[first - lo : last - lo]
        elif not collected:
            gather_scattered(scattered, first, last, gradient)
            part_gradient = gradient[: last - first]
        else:
            for feature in range(first, last):
                start, stop = starts[feature - lo], starts[feature - lo + 1]
                row_gradient(upstream, owners, values, start, stop, gradient[feature - first])
            part_gradient = gradient[: last - first]
        start, stop = first * columns, last * columns
        size = stop - start
        update(
            rule, weights[start:stop], memory_1[start:stop], memory_2[start:stop], part_gradient.reshape(-1),
            l1[:size], l2[:size], decay[:size], weight_rates[:size], weight_steps[:size],
        )  # fmt: skip
        for s in range(rates.size):
            c0, c1 = layout.models[s, FIRST_COLUMN], layout.models[s + 1, FIRST_COLUMN]
            if rule.first_l1[c0] or rule.first_l2[c0]:
                for feature in range(first, last):
                    penalties[s] += penalty(state.first[feature, c0:c1], rule.first_l1[c0], rule.first_l2[c0])


@compiled
def _repeated(
    values: Array,
    times: int,
) -> Array:
    repeated = np.empty(times * values.size, values.dtype)
    for at in range(repeated.size):
        repeated[at] = values[at % values.size]
    return repeated


@compiled
def _dense_gradient(
    examples: Examples,
    rows: Array,
    lo: int,
    hi: int,
    upstream: Array,
) -> Array:
    """Gradient of the first kernels' rows from `lo` to `hi`, where features are dense."""
    x = np.empty((rows.size, hi - lo), np.float32)
    for r in range(rows.size):
        for j in range(hi - lo):
            x[r, j] = examples.dense[rows[r], lo + j]
    return np.dot(x.T, upstream[: rows.size])
