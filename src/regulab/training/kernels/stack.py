"""The arrays of several models that are trained together, and their weights from and to Keras's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from regulab.training.kernels import aligned, codes
from regulab.training.kernels.layout import Layout, State, UpdateRule
from regulab.training.kernels.model_spec import DenseSpec, ModelSpec


class Stack:
    """Several models in the arrays of `layout`.

    Args:
        specs: The models. Their optimizers may differ in learning rate and weight decay only.
        weights: Each model's weights, in Keras's order.
        sparse: Whether the features are sparse.
    """

    def __init__(self, specs: Sequence[ModelSpec], weights: Sequence[Sequence[np.ndarray]], *, sparse: bool) -> None:
        self.specs = tuple(specs)
        self.layout, size = make_layout(self.specs)
        features, columns = self.specs[0].layers[0].inputs, int(self.layout.models[-1, codes.FIRST_COLUMN])
        width = block_width(columns) if sparse else columns
        blocks = -(-columns // width)
        shape, empty = (blocks, features, width), (blocks, 0, width)
        slots = {codes.ADAM: 2, codes.SGD: 0}.get(self.specs[0].optimizer.kind, 1)
        generators = [layer.dropout.seed_generator for spec in specs for layer in spec.layers if layer.dropout]
        self.state = State(
            first_kernels=aligned.zeros(shape),
            first_slot_1=aligned.zeros(shape if slots > 0 else empty),
            first_slot_2=aligned.zeros(shape if slots > 1 else empty),
            other_weights=aligned.zeros((size,)),
            other_slot_1=aligned.zeros((size if slots > 0 else 0,)),
            other_slot_2=aligned.zeros((size if slots > 1 else 0,)),
            dropout_seeds=np.array([np.asarray(generator.state) for generator in generators], np.int64).reshape(-1, 2),
        )
        self.rule = make_update_rule(self.specs, self.layout, columns=blocks * width)
        for model, model_weights in enumerate(weights):
            self.set_weights(model, model_weights)

    def set_weights(self, model: int, weights: Sequence[np.ndarray]) -> None:
        """Replace a model's weights; they are in Keras's order."""
        kernel, *others = weights
        for block, columns, units in self._first_kernel_slices(model):
            self.state.first_kernels[block, :, columns] = kernel[:, units]
        for view, values in zip(self._other_views(model), others, strict=True):
            view[...] = values

    def weights(self, model: int) -> list[np.ndarray]:
        """A copy of a model's weights, in Keras's order."""
        layer = self.specs[model].layers[0]
        kernel = np.empty((layer.inputs, layer.units), np.float32)
        for block, columns, units in self._first_kernel_slices(model):
            kernel[:, units] = self.state.first_kernels[block, :, columns]
        return [kernel, *(view.copy() for view in self._other_views(model))]

    def penalties(self) -> np.ndarray:
        """Each model's penalty, float64, shape `(models,)`."""
        penalties = []
        for model, spec in enumerate(self.specs):
            weights, penalty = iter(self.weights(model)), 0.0
            for layer in spec.layers:
                for l1, l2 in (layer.kernel_penalty, layer.bias_penalty)[: 1 + layer.bias]:
                    values = next(weights)
                    if l1 or l2:
                        penalty += l1 * float(np.abs(values).sum(dtype=np.float64))
                        penalty += l2 * float(np.square(values, dtype=np.float64).sum())
            penalties.append(penalty)
        return np.array(penalties)

    def _first_kernel_slices(self, model: int) -> Iterator[tuple[int, slice, slice]]:
        """Where a model's first kernel is: each block, the columns in it, and the units that these columns hold."""
        width = self.state.first_kernels.shape[2]
        column, end = (int(row[codes.FIRST_COLUMN]) for row in self.layout.models[model : model + 2])
        for block in range(column // width, -(-end // width)):
            start, stop = max(column, block * width), min(end, (block + 1) * width)
            yield block, slice(start - block * width, stop - block * width), slice(start - column, stop - column)

    def _other_views(self, model: int) -> list[np.ndarray]:
        """Views of a model's weights except the first kernel, in Keras's order."""
        views = []
        first = self.layout.models[model, codes.FIRST_LAYER]
        for index, layer in enumerate(self.specs[model].layers):
            kernel, bias = self.layout.layers[first + index, [codes.KERNEL_OFFSET, codes.BIAS_OFFSET]]
            if index:
                values = self.state.other_weights[kernel : kernel + layer.inputs * layer.units]
                views.append(values.reshape(layer.inputs, layer.units))
            if layer.bias:
                views.append(self.state.other_weights[bias : bias + layer.units])
        return views


def block_width(columns: int) -> int:
    """The width of blocks for this many columns in all, where the features are sparse.

    Example:
        >>> block_width(4), block_width(5), block_width(512)
        (4, 16, 32)
    """
    return next((width for width in (codes.NARROW, codes.MEDIUM) if columns <= width), codes.WIDE)


def make_layout(specs: Sequence[ModelSpec]) -> tuple[Layout, int]:
    """Assign each layer its columns and offsets; the layout, and the number of weights besides the first kernels."""
    models: list[tuple[int, ...]] = []
    layers: list[tuple[int, ...]] = []
    units: list[int] = []
    dropout_rates: list[float] = []
    column = size = 0
    for spec in specs:
        models.append((len(layers), column, spec.loss))
        column += spec.layers[0].units
        output = 0
        for index, layer in enumerate(spec.layers):
            kernel = size if index else -1
            size += layer.inputs * layer.units if index else 0
            bias = size if layer.bias else -1
            size += layer.units if layer.bias else 0
            dropout = len(dropout_rates) if layer.dropout else -1
            dropout_rates.extend([layer.dropout.rate] if layer.dropout else [])
            layers.append((layer.inputs, layer.units, layer.activation, kernel, bias, output, dropout))
            output += layer.units
        units.append(output)
    models.append((len(layers), column, -1))
    metrics = np.full((len(specs), max(len(spec.metrics) for spec in specs), 2), -1)
    for row, spec in enumerate(specs):
        for index, (_, code, weighted) in enumerate(spec.metrics):
            metrics[row, index] = code, weighted
    layout = Layout(
        models=np.array(models),
        layers=np.array(layers),
        dropout_rates=np.array(dropout_rates, np.float32),
        label_smoothings=np.array([spec.label_smoothing for spec in specs], np.float32),
        metrics=metrics,
        max_units=max(units),
    )
    return layout, size


def make_update_rule(specs: Sequence[ModelSpec], layout: Layout, *, columns: int) -> UpdateRule:
    """The update rule, with the penalty and decay of each of `columns` columns and of each other kernel and bias."""
    by_column = np.zeros((3, columns), np.float32)
    by_tensor, models, sizes = [], [], []
    for model, spec in enumerate(specs):
        for index, layer in enumerate(spec.layers):
            for tensor, (strengths, size) in enumerate(_strengths(layer, spec.optimizer.decay)):
                if index == 0 and tensor == 0:
                    column = layout.models[model, codes.FIRST_COLUMN]
                    by_column[:, column : column + layer.units] = np.array(strengths)[:, None]
                else:
                    by_tensor.append(strengths)
                    models.append(model)
                    sizes.append(size)
    tensor_l1, tensor_l2, tensor_decay = np.array(by_tensor, np.float32).reshape(-1, 3).T.copy()
    optimizer = specs[0].optimizer
    return UpdateRule(
        kind=optimizer.kind,
        beta_1=optimizer.beta_1,
        beta_2=optimizer.beta_2,
        epsilon=optimizer.epsilon,
        column_l1=by_column[0],
        column_l2=by_column[1],
        column_decay=by_column[2],
        tensor_starts=np.cumsum([0, *sizes]),
        tensor_models=np.array(models, np.int64),
        tensor_l1=tensor_l1,
        tensor_l2=tensor_l2,
        tensor_decay=tensor_decay,
    )


def _strengths(layer: DenseSpec, decay: float) -> list[tuple[tuple[float, float, float], int]]:
    """L1 strength, L2 strength and weight decay, and the number of weights, of the kernel and the bias."""
    kernel = (*layer.kernel_penalty, decay * layer.kernel_decays), layer.inputs * layer.units
    bias = (*layer.bias_penalty, decay * layer.bias_decays), layer.units
    return [kernel, bias] if layer.bias else [kernel]
