"""Trains and measures a stack of models on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regulab.training.kernels import aligned, codes, threads
from regulab.training.kernels.barrier import release
from regulab.training.kernels.batch_loops import measure_batches, train_batches
from regulab.training.kernels.csr_ops import split_features
from regulab.training.kernels.layout import Examples, WorkRange, Workspace
from regulab.training.kernels.model_spec import ModelSpec
from regulab.training.kernels.schedules import Schedules
from regulab.training.kernels.stack import Stack

# Batches between two calls of `tick`.
_BATCHES_PER_TICK = 16
# Up to this many columns, each thread's own copy of the gradient of the first kernels stays in its cache. Measured.
_MAX_COLUMNS_TO_SCATTER = 32
# From this many blocks per thread on, threads split the blocks and not the features: then one block more or less for a
# thread makes little difference.
_BLOCKS_PER_THREAD = 8


@dataclass(frozen=True, eq=False)
class Totals:
    """Means over the examples of one pass, for each model.

    Attributes:
        loss: Mean weighted training loss without penalty, float64, shape `(models,)`.
        data_loss: Mean weighted loss without label smoothing, likewise.
        metrics: Mean of each metric, shape `(models, metrics)`.
        penalty: Mean penalty over the batches trained on, shape `(models,)`; zero where nothing was trained.
    """

    loss: np.ndarray
    data_loss: np.ndarray
    metrics: np.ndarray
    penalty: np.ndarray

    @classmethod
    def of(
        cls, sums: np.ndarray, metric_weights: np.ndarray, *, size: int, penalty_sums: np.ndarray | float = 0.0
    ) -> Totals:
        """The means over `size` examples, from each thread's sums."""
        sums, metric_weights = sums.sum(axis=0), metric_weights.sum(axis=0)
        metrics = np.divide(sums[:, 2:], metric_weights, out=np.zeros_like(metric_weights), where=metric_weights > 0)
        return cls(sums[:, 0] / size, sums[:, 1] / size, metrics, np.zeros(len(sums)) + penalty_sums / size)


class Trainer:
    """A stack of models, the examples that it is trained on, and how far training has come.

    Args:
        specs: The models, whose optimizers share one update rule; those with dropout come first.
        weights: Each model's weights, in Keras's order.
        examples: What to train on.
        batch_size: Examples per batch.
    """

    def __init__(
        self,
        specs: Sequence[ModelSpec],
        weights: Sequence[Sequence[np.ndarray]],
        examples: Examples,
        *,
        batch_size: int,
    ) -> None:
        self.stack = Stack(specs, weights, sparse=len(examples.dense) == 0)
        self.examples = examples
        self.batch_size = batch_size
        self.step = 0
        self._schedules = Schedules()
        self.penalties = self.stack.penalties()
        self.models_with_dropout = sum(spec.has_dropout for spec in specs)
        (blocks, features, width), others = self.stack.state.first_kernels.shape, len(self.stack.state.other_weights)
        columns = blocks * width
        self._scatters = len(examples.dense) == 0 and columns <= _MAX_COLUMNS_TO_SCATTER
        per_example = (len(examples.indices) / max(1, len(examples.labels)) or features) * columns + others
        # Forward and backward pass, and an update of every weight.
        self._threads = threads.count_for(3 * batch_size * per_example + 4 * (features * columns + others))
        self._work = self._split_work()

    def train(self, order: np.ndarray, *, tick: Callable[[], None] = lambda: None) -> Totals:
        """Train for one epoch on rows in this order."""
        batches, stack = -(-len(order) // self.batch_size), self.stack
        workspace, (learning_rates, step_sizes) = self._workspace(), self._rates(batches)
        with threads.pool(self._threads) as run_on_all:
            for first in range(0, batches, _BATCHES_PER_TICK):
                batch_range = first, min(batches, first + _BATCHES_PER_TICK)

                def run(thread: int) -> None:
                    try:
                        train_batches(
                            thread, batch_range, self._work[thread],  # noqa: B023
                            self.examples, order, self.batch_size, stack.layout, stack.state, stack.rule,
                            learning_rates, step_sizes, workspace,
                        )  # fmt: skip
                    except BaseException:
                        release(workspace.arrivals)
                        raise

                run_on_all(run)
                tick()
        self.step += batches
        self.penalties[...] = workspace.penalties.sum(axis=0)
        return Totals.of(workspace.sums, workspace.metric_weights, size=len(order), penalty_sums=workspace.penalty_sums)

    def ticks(self, rows: int) -> int:
        """How often `train` calls `tick` for this many rows."""
        return -(-rows // (self.batch_size * _BATCHES_PER_TICK))

    def measure(self, examples: Examples, rows: np.ndarray, *, dropout_on: bool = False) -> tuple[np.ndarray, Totals]:
        """Measure rows of a split with the current weights.

        Args:
            examples: The split.
            rows: The rows.
            dropout_on: Whether dropout is on; then models without it, which come last, are left out.

        Returns:
            Weighted data loss of each row, float32, shape `(rows, models)`; and the totals.
        """
        models, count = self.models_with_dropout if dropout_on else len(self.penalties), self._threads
        losses = np.empty((len(rows), models), np.float32)
        stack, (sums, metric_weights) = self.stack, self._sums()

        def run(thread: int) -> None:
            measure_batches(
                thread, count, examples, rows, self.batch_size, stack.layout, stack.state, models, dropout_on,
                sums[thread], metric_weights[thread], losses,
            )  # fmt: skip

        with threads.pool(count) as run_on_all:
            run_on_all(run)
        return losses, Totals.of(sums, metric_weights, size=len(rows))

    def _rates(self, batches: int) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates and step sizes of the next batches, float32, shape `(batches, models)`."""
        steps = np.arange(self.step, self.step + batches)
        rates = self._schedules([spec.optimizer.learning_rate for spec in self.stack.specs], steps)
        optimizer = self.stack.specs[0].optimizer
        if optimizer.kind != codes.ADAM:
            return rates, rates
        # Adam's bias corrections, in float32 as in Keras, where the first ones are off by one part in ten thousand.
        t, one = (steps[:, None] + 1).astype(np.float32), np.float32(1)
        beta_1, beta_2 = np.float32(optimizer.beta_1), np.float32(optimizer.beta_2)
        return rates, rates * np.sqrt(one - beta_2**t) / (one - beta_1**t)

    def _split_work(self) -> list[WorkRange]:
        """The weights that each thread updates."""
        (blocks, features, _), others = self.stack.state.first_kernels.shape, len(self.stack.state.other_weights)
        all_blocks, all_features = [(0, blocks)] * self._threads, [(0, features)] * self._threads
        if blocks >= _BLOCKS_PER_THREAD * self._threads:
            block_ranges, feature_ranges = self._even_ranges(blocks), all_features
        elif self._scatters:
            # A row then costs the same whatever the number of examples that have its feature.
            block_ranges, feature_ranges = all_blocks, self._even_ranges(features)
        else:
            bounds = split_features(self.examples, features, self.batch_size, self._threads).tolist()
            block_ranges, feature_ranges = all_blocks, list(pairwise(bounds))
        ranges = zip(block_ranges, feature_ranges, self._even_ranges(others), strict=True)
        return [WorkRange(*thread_ranges) for thread_ranges in ranges]

    def _even_ranges(self, count: int) -> list[tuple[int, int]]:
        """Split `count` items evenly among the threads."""
        return list(pairwise(np.linspace(0, count, self._threads + 1).astype(int).tolist()))

    def _sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Zeros for `Workspace.sums` and `Workspace.metric_weights`."""
        models, metrics, _ = self.stack.layout.metrics.shape
        return np.zeros((self._threads, models, 2 + metrics)), np.zeros((self._threads, models, metrics))

    def _workspace(self) -> Workspace:
        (blocks, features, width), count = self.stack.state.first_kernels.shape, self._threads
        sums, metric_weights = self._sums()
        penalties = np.zeros((count, len(self.penalties)))
        penalties[0] = self.penalties
        slice_shape = count, self.stack.layout.max_units * self.batch_size
        return Workspace(
            preactivations=aligned.zeros((blocks, self.batch_size, width)),
            outputs=aligned.zeros(slice_shape),
            activation_gradients=aligned.zeros(slice_shape),
            other_gradients=aligned.zeros((count, len(self.stack.state.other_weights))),
            first_gradients=aligned.zeros((count, features * width) if self._scatters else (0, 0)),
            sums=sums,
            metric_weights=metric_weights,
            penalties=penalties,
            penalty_sums=np.zeros(len(self.penalties)),
            arrivals=np.zeros(1, np.int64),
        )
