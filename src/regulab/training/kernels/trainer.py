"""Trains and measures a stack on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regulab.training.kernels import layout as codes
from regulab.training.kernels import threads
from regulab.training.kernels.layout import Examples
from regulab.training.kernels.passes import measure_batches, train_stretch, update_stretch
from regulab.training.kernels.plan import Plan
from regulab.training.kernels.rows import share_features
from regulab.training.kernels.stack import Stack

# Batches from one tick of the progress bar to the next.
_BATCHES_PER_TICK = 16
# Up to so many columns, each thread's own gradient by the first kernels stays in its cache. Measured.
_MOST_SCATTERED = 32


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
    def of(cls, room: _Room, *, size: int, penalty: np.ndarray | float = 0.0) -> Totals:
        """The means over `size` examples."""
        sums, counts = room.sums.sum(axis=0), room.counts.sum(axis=0)
        metrics = np.divide(sums[:, 2:], counts, out=np.zeros_like(counts), where=counts > 0)
        return cls(sums[:, 0] / size, sums[:, 1] / size, metrics, np.zeros(len(sums)) + penalty / size)


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
        self.stack = Stack(plans, weights)
        self.examples = examples
        self.batch_size = batch_size
        self.step = 0
        self.penalties = self.stack.penalties()
        self.noisy_models = sum(any(layer.noise for layer in plan.layers) for plan in plans)
        (features, columns), others = self.stack.state.first.shape, self.stack.state.rest.shape[0]
        per_example = (len(examples.values) / max(1, len(examples.labels)) or features) * columns + others
        # Forward and backward, and an update of every weight.
        self._threads = threads.worth(3 * batch_size * per_example + 4 * (features * columns + others))
        bounds = share_features(examples, features, batch_size, self._threads)
        self._features = list(pairwise(bounds.tolist()))
        self._others = list(pairwise(np.linspace(0, others, self._threads + 1).astype(int).tolist()))

    def train(self, order: np.ndarray, *, tick: Callable[[], None] = lambda: None) -> Totals:
        """Train on rows in this order."""
        scatters = len(self.examples.values) > 0 and self.stack.state.first.shape[1] <= _MOST_SCATTERED
        room = _Room.make(self.stack, batch_size=self.batch_size, threads=self._threads, scatters=scatters)
        rates, steps = self._rates(-(-len(order) // self.batch_size))
        penalty = np.zeros(len(self.penalties))
        with threads.workers(self._threads) as together:
            for number in range(len(rates)):
                rows = order[number * self.batch_size : (number + 1) * self.batch_size]
                penalty += self.penalties * len(rows)
                self._train_batch(rows, rates[number], steps[number], room, together)
                if number % _BATCHES_PER_TICK == 0:
                    tick()
        return Totals.of(room, size=len(order), penalty=penalty)

    def ticks(self, rows: int) -> int:
        """How often `train` calls `tick`."""
        return -(-rows // (self.batch_size * _BATCHES_PER_TICK))

    def measure(self, examples: Examples, rows: np.ndarray, *, noisy: bool = False) -> tuple[np.ndarray, Totals]:
        """Weighted data loss of rows, float32 of shape `(rows, models)`, and totals.

        With `noisy`, dropout is on, and models without it are left out: those with it stand first.
        """
        models, count = self.noisy_models if noisy else len(self.penalties), self._threads
        table = np.empty((len(rows), models), np.float32)
        room, stack = _Room.make(self.stack, batch_size=0, threads=count), self.stack

        def run(thread: int) -> None:
            measure_batches(
                thread, count, examples, rows, self.batch_size, stack.layout, stack.state, models, noisy,
                room.sums[thread], room.counts[thread], table,
            )  # fmt: skip

        with threads.workers(count) as together:
            together(run)
        return table, Totals.of(room, size=len(rows))

    def _train_batch(
        self, rows: np.ndarray, rates: np.ndarray, steps: np.ndarray, room: _Room, together: threads.Together
    ) -> None:
        stack, length = self.stack, -(-len(rows) // (4 * self._threads)) * 4
        penalties = np.zeros((self._threads, len(self.penalties)))

        def learn(thread: int) -> None:
            train_stretch(
                min(len(rows), thread * length), min(len(rows), (thread + 1) * length), self.examples, rows,
                stack.layout, stack.state, room.upstream, room.outputs[thread], room.slopes[thread],
                room.gradient[thread], room.scattered[thread], room.sums[thread], room.counts[thread],
            )  # fmt: skip

        def update(thread: int) -> None:
            update_stretch(
                self._features[thread], self._others[thread], self.examples, rows, stack.layout, stack.state,
                stack.rule, rates, steps, room.upstream, room.gradient, room.scattered, penalties[thread],
            )  # fmt: skip

        together(learn)
        together(update)
        self.penalties[...] = penalties.sum(axis=0)
        stack.state.seeds[:, 1] += 1

    def _rates(self, batches: int) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates and step sizes of the next batches, float32, shape `(batches, models)`."""
        numbers = np.arange(self.step, self.step + batches)
        self.step += batches
        rates = np.empty((batches, len(self.penalties)), np.float32)
        for place, plan in enumerate(self.stack.plans):
            rate = plan.optimizer.rate
            rates[:, place] = [float(rate(number)) for number in numbers] if callable(rate) else rate
        optimizer = self.stack.plans[0].optimizer
        if optimizer.kind != codes.ADAM:
            return rates, rates
        # In float32 as in Keras, where the first corrections are off by one part in ten thousand.
        t, one = (numbers[:, None] + 1).astype(np.float32), np.float32(1)
        a, b = np.float32(optimizer.a), np.float32(optimizer.b)
        return rates, rates * np.sqrt(one - b**t) / (one - a**t)


@dataclass(frozen=True, eq=False)
class _Room:
    """Where the threads put what they find; see `passes`."""

    upstream: np.ndarray
    outputs: np.ndarray
    slopes: np.ndarray
    gradient: np.ndarray
    scattered: np.ndarray
    sums: np.ndarray
    counts: np.ndarray

    @classmethod
    def make(cls, stack: Stack, *, batch_size: int, threads: int, scatters: bool = False) -> _Room:
        models, metrics, _ = stack.layout.metrics.shape
        features, columns = stack.state.first.shape
        return cls(
            upstream=np.empty((batch_size, columns), np.float32),
            outputs=np.empty((threads, stack.layout.width * batch_size), np.float32),
            slopes=np.empty((threads, stack.layout.width * batch_size), np.float32),
            gradient=np.empty((threads, len(stack.state.rest)), np.float32),
            scattered=np.zeros((threads, features if scatters else 0, columns), np.float32),
            sums=np.zeros((threads, models, 2 + metrics)),
            counts=np.zeros((threads, models, metrics)),
        )
