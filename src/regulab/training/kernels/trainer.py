"""Trains and measures a stack on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regulab.training.kernels import aligned, threads
from regulab.training.kernels import layout as codes
from regulab.training.kernels.barrier import let_go
from regulab.training.kernels.batch_loops import measure_batches, train_batches
from regulab.training.kernels.csr_ops import share_features
from regulab.training.kernels.layout import Examples, Room, Share
from regulab.training.kernels.model_spec import Plan
from regulab.training.kernels.schedules import Schedules
from regulab.training.kernels.stack import Stack

# Batches from one tick of the progress bar to the next.
_BATCHES_PER_TICK = 16
# Up to so many columns, each thread's own gradient by the first kernels stays in its cache. Measured.
_MOST_SCATTERED = 32
# From so many blocks a thread on, blocks are shared out and not features: then one more is no great difference.
_BLOCKS_A_THREAD = 8


@dataclass(frozen=True, eq=False)
class Totals:
    """What a pass over examples adds up to, for each model.

    Attributes:
        loss: Mean weighted training loss without penalty, float64, shape `(models,)`.
        data_loss: Mean weighted loss without label smoothing, likewise.
        metrics: Mean of each metric, shape `(models, metrics)`.
        penalty: Mean penalty over the batches trained on, shape `(models,)`; zero where none was.
    """

    loss: np.ndarray
    data_loss: np.ndarray
    metrics: np.ndarray
    penalty: np.ndarray

    @classmethod
    def of(cls, sums: np.ndarray, counts: np.ndarray, *, size: int, penalty_sums: np.ndarray | float = 0.0) -> Totals:
        """The means over `size` examples of what the threads added up."""
        sums, counts = sums.sum(axis=0), counts.sum(axis=0)
        metrics = np.divide(sums[:, 2:], counts, out=np.zeros_like(counts), where=counts > 0)
        return cls(sums[:, 0] / size, sums[:, 1] / size, metrics, np.zeros(len(sums)) + penalty_sums / size)


class Trainer:
    """A stack of models, the examples that it is trained on, and the state of its training.

    Args:
        plans: The models, whose optimizers follow one rule; those with dropout first.
        weights: Each model's weights, in Keras's order.
        examples: What to train on.
        batch_size: Examples per batch.
    """

    def __init__(
        self, plans: Sequence[Plan], weights: Sequence[Sequence[np.ndarray]], examples: Examples, *, batch_size: int
    ) -> None:
        self.stack = Stack(plans, weights, sparse=len(examples.dense) == 0)
        self.examples = examples
        self.batch_size = batch_size
        self.step = 0
        self._schedules = Schedules()
        self.penalties = self.stack.penalties()
        self.noisy_models = sum(any(layer.noise for layer in plan.layers) for plan in plans)
        (blocks, features, width), others = self.stack.state.first.shape, self.stack.state.rest.shape[0]
        columns = blocks * width
        self._scatters = len(examples.dense) == 0 and columns <= _MOST_SCATTERED
        per_example = (len(examples.indices) / max(1, len(examples.labels)) or features) * columns + others
        # Forward and backward, and an update of every weight.
        self._threads = threads.worth(3 * batch_size * per_example + 4 * (features * columns + others))
        self._shares = self._share_out()

    def train(self, order: np.ndarray, *, tick: Callable[[], None] = lambda: None) -> Totals:
        """Train on rows in this order."""
        batches, stack = -(-len(order) // self.batch_size), self.stack
        room, (rates, steps) = self._room(), self._rates(batches)
        with threads.workers(self._threads) as together:
            for first in range(0, batches, _BATCHES_PER_TICK):
                stretch = first, min(batches, first + _BATCHES_PER_TICK)

                def run(thread: int) -> None:
                    try:
                        train_batches(
                            thread, stretch, self._shares[thread],  # noqa: B023
                            self.examples, order, self.batch_size, stack.layout, stack.state, stack.rule,
                            rates, steps, room,
                        )  # fmt: skip
                    except BaseException:
                        let_go(room.arrivals)
                        raise

                together(run)
                tick()
        self.step += batches
        self.penalties[...] = room.penalties.sum(axis=0)
        return Totals.of(room.sums, room.counts, size=len(order), penalty_sums=room.penalty_sums)

    def ticks(self, rows: int) -> int:
        """How often `train` calls `tick`."""
        return -(-rows // (self.batch_size * _BATCHES_PER_TICK))

    def measure(self, examples: Examples, rows: np.ndarray, *, noisy: bool = False) -> tuple[np.ndarray, Totals]:
        """Weighted data loss of rows, float32 of shape `(rows, models)`, and totals.

        With `noisy`, dropout is on, and models without it are left out: those with it stand first.
        """
        models, count = self.noisy_models if noisy else len(self.penalties), self._threads
        table = np.empty((len(rows), models), np.float32)
        stack, (sums, counts) = self.stack, self._sums()

        def run(thread: int) -> None:
            measure_batches(
                thread, count, examples, rows, self.batch_size, stack.layout, stack.state, models, noisy,
                sums[thread], counts[thread], table,
            )  # fmt: skip

        with threads.workers(count) as together:
            together(run)
        return table, Totals.of(sums, counts, size=len(rows))

    def _rates(self, batches: int) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates and step sizes of the next batches, float32, shape `(batches, models)`."""
        numbers = np.arange(self.step, self.step + batches)
        rates = self._schedules([plan.optimizer.rate for plan in self.stack.plans], numbers)
        optimizer = self.stack.plans[0].optimizer
        if optimizer.kind != codes.ADAM:
            return rates, rates
        # In float32 as in Keras, where the first corrections are off by one part in ten thousand.
        t, one = (numbers[:, None] + 1).astype(np.float32), np.float32(1)
        a, b = np.float32(optimizer.a), np.float32(optimizer.b)
        return rates, rates * np.sqrt(one - b**t) / (one - a**t)

    def _share_out(self) -> list[Share]:
        """What each thread updates."""
        (blocks, features, _), others = self.stack.state.first.shape, self.stack.state.rest.shape[0]
        every_block, every_feature = [(0, blocks)] * self._threads, [(0, features)] * self._threads
        if blocks >= _BLOCKS_A_THREAD * self._threads:
            parts = self._even_shares(blocks), every_feature
        elif self._scatters:
            # Updating a row costs the same whatever examples have it.
            parts = every_block, self._even_shares(features)
        else:
            bounds = share_features(self.examples, features, self.batch_size, self._threads).tolist()
            parts = every_block, list(pairwise(bounds))
        return [Share(*each) for each in zip(*parts, self._even_shares(others), strict=True)]

    def _even_shares(self, count: int) -> list[tuple[int, int]]:
        """Where each thread's stretch of so many begins and ends."""
        return list(pairwise(np.linspace(0, count, self._threads + 1).astype(int).tolist()))

    def _sums(self) -> tuple[np.ndarray, np.ndarray]:
        models, metrics, _ = self.stack.layout.metrics.shape
        return np.zeros((self._threads, models, 2 + metrics)), np.zeros((self._threads, models, metrics))

    def _room(self) -> Room:
        (blocks, features, width), count = self.stack.state.first.shape, self._threads
        sums, counts = self._sums()
        penalties = np.zeros((count, len(self.penalties)))
        penalties[0] = self.penalties
        stretch = count, self.stack.layout.width * self.batch_size
        return Room(
            upstream=aligned.zeros((blocks, self.batch_size, width)),
            outputs=aligned.zeros(stretch),
            slopes=aligned.zeros(stretch),
            gradient=aligned.zeros((count, len(self.stack.state.rest))),
            scattered=aligned.zeros((count, features * width) if self._scatters else (0, 0)),
            sums=sums,
            counts=counts,
            penalties=penalties,
            penalty_sums=np.zeros(len(self.penalties)),
            arrivals=np.zeros(1, np.int64),
        )
