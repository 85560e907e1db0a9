"""Models side by side in flat arrays, and the way there and back from Keras's objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from regulab.training.kernels import aligned
from regulab.training.kernels import layout as codes
from regulab.training.kernels.layout import Layout, Rule, State
from regulab.training.kernels.model_spec import DenseLayer, Plan


class Stack:
    """Models that one call of a pass trains together.

    Args:
        plans: What the models are. Their optimizers differ in learning rate and weight decay at most.
        weights: Each model's weights, in Keras's order.
        sparse: Whether the rows are sparse.
    """

    def __init__(self, plans: Sequence[Plan], weights: Sequence[Sequence[np.ndarray]], *, sparse: bool) -> None:
        self.plans = tuple(plans)
        self.layout, size = lay_out(self.plans)
        features, columns = self.plans[0].layers[0].inputs, int(self.layout.models[-1, codes.FIRST_COLUMN])
        width = block_width(columns) if sparse else columns
        blocks = -(-columns // width)
        optimizer = self.plans[0].optimizer
        shape = blocks, features, width
        moments = {codes.ADAM: 2, codes.SGD: 0}.get(optimizer.kind, 1)
        empty = blocks, 0, width
        generators = [layer.noise.generator for plan in self.plans for layer in plan.layers if layer.noise]
        self.state = State(
            first=aligned.zeros(shape),
            first_1=aligned.zeros(shape if moments > 0 else empty),
            first_2=aligned.zeros(shape if moments > 1 else empty),
            rest=aligned.zeros((size,)),
            rest_1=aligned.zeros((size if moments > 0 else 0,)),
            rest_2=aligned.zeros((size if moments > 1 else 0,)),
            seeds=np.array([np.asarray(each.state) for each in generators], np.int64).reshape(-1, 2),
        )
        self.rule = make_rule(self.plans, self.layout, columns=blocks * width)
        for place, values in enumerate(weights):
            self.put(place, values)

    def put(self, place: int, weights: Sequence[np.ndarray]) -> None:
        """Give a model these weights, in Keras's order."""
        kernel, *others = weights
        for block, columns, units in self._pieces(place):
            self.state.first[block, :, columns] = kernel[:, units]
        for view, values in zip(self._others(place), others, strict=True):
            view[...] = values

    def weights(self, place: int) -> list[np.ndarray]:
        """A copy of a model's weights, in Keras's order."""
        layer = self.plans[place].layers[0]
        kernel = np.empty((layer.inputs, layer.units), np.float32)
        for block, columns, units in self._pieces(place):
            kernel[:, units] = self.state.first[block, :, columns]
        return [kernel, *(view.copy() for view in self._others(place))]

    def penalties(self) -> np.ndarray:
        """Each model's penalty, float64, shape `(models,)`."""
        found = []
        for place, plan in enumerate(self.plans):
            views, total = iter(self.weights(place)), 0.0
            for layer in plan.layers:
                for l1, l2 in (layer.kernel_penalty, layer.bias_penalty)[: 1 + layer.bias]:
                    values = next(views)
                    if l1 or l2:
                        total += l1 * float(np.abs(values).sum(dtype=np.float64))
                        total += l2 * float(np.square(values, dtype=np.float64).sum())
            found.append(total)
        return np.array(found)

    def _pieces(self, place: int) -> Iterator[tuple[int, slice, slice]]:
        """Where a model's first kernel lies: the blocks, their columns, and which units these are."""
        width = self.state.first.shape[2]
        column, end = (int(row[codes.FIRST_COLUMN]) for row in self.layout.models[place : place + 2])
        for block in range(column // width, -(-end // width)):
            start, stop = max(column, block * width), min(end, (block + 1) * width)
            yield block, slice(start - block * width, stop - block * width), slice(start - column, stop - column)

    def _others(self, place: int) -> list[np.ndarray]:
        """Views of a model's weights but the first kernel."""
        found = []
        start = self.layout.models[place, codes.FIRST_LAYER]
        for number, layer in enumerate(self.plans[place].layers):
            kernel, bias = self.layout.layers[start + number, [codes.KERNEL, codes.BIAS]]
            if number:
                values = self.state.rest[kernel : kernel + layer.inputs * layer.units]
                found.append(values.reshape(layer.inputs, layer.units))
            if layer.bias:
                found.append(self.state.rest[bias : bias + layer.units])
        return found


def block_width(columns: int) -> int:
    """How many columns a block has, of so many in all.

    Example:
        >>> block_width(4), block_width(5), block_width(512)
        (4, 16, 32)
    """
    return next((width for width in (codes.NARROW, codes.MIDDLE) if columns <= width), codes.WIDE)


def lay_out(plans: Sequence[Plan]) -> tuple[Layout, int]:
    """Where everything goes, and how many weights there are beside the first kernels."""
    models: list[tuple[int, ...]] = []
    layers: list[tuple[int, ...]] = []
    widths: list[int] = []
    rates: list[float] = []
    column = size = 0
    for plan in plans:
        models.append((len(layers), column, plan.loss))
        column += plan.layers[0].units
        place = 0
        for number, layer in enumerate(plan.layers):
            kernel = size if number else -1
            size += layer.inputs * layer.units if number else 0
            bias = size if layer.bias else -1
            size += layer.units if layer.bias else 0
            noise = len(rates) if layer.noise else -1
            rates.extend([layer.noise.rate] if layer.noise else [])
            layers.append((layer.inputs, layer.units, layer.activation, kernel, bias, place, noise))
            place += layer.units
        widths.append(place)
    models.append((len(layers), column, -1))
    metrics = np.full((len(plans), max(len(plan.metrics) for plan in plans), 2), -1)
    for row, plan in enumerate(plans):
        for number, (_, code, weighted) in enumerate(plan.metrics):
            metrics[row, number] = code, weighted
    smoothings = np.array([plan.smoothing for plan in plans], np.float32)
    layout = Layout(np.array(models), np.array(layers), np.array(rates, np.float32), smoothings, metrics, max(widths))
    return layout, size


def make_rule(plans: Sequence[Plan], layout: Layout, *, columns: int) -> Rule:
    """The update rule, with what goes with each of so many columns and with each other kernel and bias."""
    first = np.zeros((3, columns), np.float32)
    rest, owners, counts = [], [], []
    for owner, plan in enumerate(plans):
        for number, layer in enumerate(plan.layers):
            for part, (strengths, count) in enumerate(_strengths(layer, plan.optimizer.decay)):
                if number == 0 and part == 0:
                    column = layout.models[owner, codes.FIRST_COLUMN]
                    first[:, column : column + layer.units] = np.array(strengths)[:, None]
                else:
                    rest.append(strengths)
                    owners.append(owner)
                    counts.append(count)
    rest_l1, rest_l2, rest_decay = np.array(rest, np.float32).reshape(-1, 3).T.copy()
    optimizer = plans[0].optimizer
    return Rule(
        kind=optimizer.kind,
        a=optimizer.a,
        b=optimizer.b,
        epsilon=optimizer.epsilon,
        first_l1=first[0],
        first_l2=first[1],
        first_decay=first[2],
        starts=np.cumsum([0, *counts]),
        owners=np.array(owners, np.int64),
        rest_l1=rest_l1,
        rest_l2=rest_l2,
        rest_decay=rest_decay,
    )


def _strengths(layer: DenseLayer, decay: float) -> list[tuple[tuple[float, float, float], int]]:
    """L1, L2 and decay, and the number of weights, of the kernel and the bias."""
    kernel = (*layer.kernel_penalty, decay * layer.kernel_decays), layer.inputs * layer.units
    bias = (*layer.bias_penalty, decay * layer.bias_decays), layer.units
    return [kernel, bias] if layer.bias else [kernel]
