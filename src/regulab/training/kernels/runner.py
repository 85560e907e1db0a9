"""Trains members with the compiled kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, issparse
from threadpoolctl import ThreadpoolController

from regulab.data.dataset import Dataset, Split, Stream
from regulab.training.feed import class_weights
from regulab.training.kernels import layout as codes
from regulab.training.kernels.layout import Examples
from regulab.training.kernels.passes import measure_batches, train_stretch, update_stretch
from regulab.training.kernels.plan import Plan
from regulab.training.kernels.rows import share_features
from regulab.training.kernels.stack import Stack

if TYPE_CHECKING:
    from regulab.training.members import Member

#: Batches per call of a pass: long enough to hide the call, short enough for a live progress bar.
BATCHES_PER_CALL = 16

Values = dict[str, dict[str, float]]
Ticker = Callable[[], None]
Together = Callable[[Callable[[int], None]], None]


@dataclass(frozen=True, eq=False)
class _Room:
    """Where the threads put what they find; see `passes`."""

    upstream: np.ndarray
    outputs: np.ndarray
    slopes: np.ndarray
    gradient: np.ndarray
    sums: np.ndarray
    counts: np.ndarray

    @classmethod
    def make(cls, stack: Stack, *, batch_size: int, threads: int) -> _Room:
        models, metrics, _ = stack.layout.metrics.shape
        return cls(
            upstream=np.empty((batch_size, stack.state.first.shape[1]), np.float32),
            outputs=np.empty((threads, stack.layout.width * batch_size), np.float32),
            slopes=np.empty((threads, stack.layout.width * batch_size), np.float32),
            gradient=np.empty((threads, len(stack.state.rest)), np.float32),
            sums=np.zeros((threads, models, 2 + metrics)),
            counts=np.zeros((threads, models, metrics)),
        )


class KernelRunner:
    """Members of one cohort whose optimizers follow one rule.

    Args:
        members: What to train.
        plans: What each of them is to the kernels.
        data: The splits, in memory.
        rows: Rows to train on, or None for all.
        batch_size: Examples per batch.
        class_weight: Weight of each class in Keras's training loss.
    """

    def __init__(
        self,
        members: Sequence[Member],
        plans: Sequence[Plan],
        data: Dataset,
        *,
        rows: np.ndarray | None,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        self.members = tuple(members)
        self.rows = rows
        self._train, self._validation = as_examples(data.train, class_weight), as_examples(data.validation)
        self._batch_size = batch_size
        self._stack = Stack(plans, [member.model.get_weights() for member in self.members])
        self._noisy = any(layer.noise for plan in plans for layer in plan.layers)
        self._step = 0
        self._threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._penalties = self._stack.penalties()
        self._blas = ThreadpoolController().select(user_api="blas")

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on rows in this order."""
        assert order is not None  # kernels read no streams
        room = _Room.make(self._stack, batch_size=self._batch_size, threads=self._threads)
        rates, steps = self._rates(-(-len(order) // self._batch_size))
        penalty_sums = np.zeros(len(self.members))
        with self._blas.limit(limits=1), workers(self._threads) as together:
            for number in range(len(rates)):
                rows = order[number * self._batch_size : (number + 1) * self._batch_size]
                penalty_sums += self._penalties * len(rows)
                self._train_batch(rows, rates[number], steps[number], room, together)
                if (number + 1) % BATCHES_PER_CALL == 0:
                    tick()
        sums, counts = room.sums.sum(axis=0), room.counts.sum(axis=0)
        sums[:, 0] += penalty_sums
        for place, member in enumerate(self.members):
            values[member.key] |= {
                **self._logs(place, sums, counts, len(order)),
                "epoch_data_loss": sums[place, 1] / len(order),
                "epoch_penalty": penalty_sums[place] / len(order),
            }

    def _train_batch(
        self, rows: np.ndarray, rates: np.ndarray, steps: np.ndarray, room: _Room, together: Together
    ) -> None:
        stack, length = self._stack, -(-len(rows) // (4 * self._threads)) * 4

        def learn(thread: int) -> None:
            train_stretch(
                min(len(rows), thread * length), min(len(rows), (thread + 1) * length), self._train, rows,
                stack.layout, stack.state, room.upstream, room.outputs[thread], room.slopes[thread],
                room.gradient[thread], room.sums[thread], room.counts[thread],
            )  # fmt: skip

        def update(thread: int) -> None:
            update_stretch(
                self._features[thread], self._others[thread], self._train, rows, stack.layout, stack.state,
                stack.rule, rates, steps, room.upstream, room.gradient, penalties[thread],
            )  # fmt: skip

        penalties = np.zeros((self._threads, len(self.members)))
        together(learn)
        together(update)
        self._penalties[...] = penalties.sum(axis=0)
        stack.state.seeds[:, 1] += 1

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training loss after the epoch, with dropout off and on."""
        rows = np.arange(len(self._train.labels)) if self.rows is None else self.rows
        quiet = self._losses(self._train, rows, noisy=False, tick=tick)[0].mean(axis=0, dtype=np.float64)
        noisy = quiet
        if self._noisy:
            noisy = self._losses(self._train, rows, noisy=True, tick=tick)[0].mean(axis=0, dtype=np.float64)
        for place, member in enumerate(self.members):
            values[member.key] |= {"train_data_loss": quiet[place], "noisy_data_loss": noisy[place]}

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports of the validation split; the data loss of each example, `(n, members)`."""
        rows = np.arange(len(self._validation.labels))
        losses, sums, counts = self._losses(self._validation, rows, noisy=False, tick=tick)
        for place, member in enumerate(self.members):
            logs = self._logs(place, sums, counts, len(rows))
            logs["loss"] += self._penalties[place]
            values[member.key] |= {f"val_{name}": value for name, value in logs.items()}
            values[member.key]["val_data_loss"] = losses[:, place].mean(dtype=np.float64)
            values[member.key]["penalty"] = self._penalties[place]
        return losses

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the present weights, shape `(n, members)`."""
        examples = as_examples(split)
        return self._losses(examples, np.arange(len(examples.labels)), noisy=False, tick=lambda: None)[0]

    def weights(self, place: int) -> list[np.ndarray]:
        """A copy of a member's weights, in Keras's order."""
        return self._stack.weights(place)

    def put(self, place: int, weights: Sequence[np.ndarray]) -> None:
        """Give a member these weights."""
        self._stack.put(place, weights)
        self._penalties[...] = self._stack.penalties()

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training goes on from."""
        return {**self._stack.state._asdict(), "step": np.array(self._step)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state that `state` gave."""
        for name, array in self._stack.state._asdict().items():
            array[...] = state[name]
        self._step = int(state["step"])
        self._penalties[...] = self._stack.penalties()

    @property
    def calls(self) -> int:
        """How often `tick` is called in one epoch."""
        count = len(self._train.labels) if self.rows is None else len(self.rows)
        length = self._batch_size * BATCHES_PER_CALL
        return count // length + 2 + self._noisy

    @cached_property
    def _features(self) -> list[tuple[int, int]]:
        """Each thread's share of the features."""
        bounds = share_features(self._train, len(self._stack.state.first), self._batch_size, self._threads)
        return list(pairwise(bounds.tolist()))

    @cached_property
    def _others(self) -> list[tuple[int, int]]:
        """Each thread's share of the other weights."""
        return list(pairwise(np.linspace(0, len(self._stack.state.rest), self._threads + 1).astype(int).tolist()))

    def _losses(
        self, examples: Examples, rows: np.ndarray, *, noisy: bool, tick: Ticker
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Losses of examples, shape `(rows, members)`, and the sums behind Keras's logs."""
        table = np.empty((len(rows), len(self.members)), np.float32)
        room = _Room.make(self._stack, batch_size=0, threads=self._threads)
        stack = self._stack

        def run(thread: int) -> None:
            measure_batches(
                thread, self._threads, examples, rows, self._batch_size, stack.layout, stack.state, noisy,
                room.sums[thread], room.counts[thread], table,
            )  # fmt: skip

        with self._blas.limit(limits=1), workers(self._threads) as together:
            together(run)
        tick()
        return table, room.sums.sum(axis=0), room.counts.sum(axis=0)

    def _logs(self, place: int, sums: Any, counts: Any, size: int) -> dict[str, float]:
        """Keras's logs of one member: the loss, then the metrics."""
        logs = {"loss": float(sums[place, 0] / size)}
        for column, (name, _, _) in enumerate(self._stack.plans[place].metrics):
            logs[name] = float(sums[place, 2 + column] / counts[place, column]) if counts[place, column] else 0.0
        return logs

    def _rates(self, batches: int) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates and step sizes of the next batches, float32, shape `(batches, members)`."""
        numbers = np.arange(self._step, self._step + batches)
        self._step += batches
        rates = np.empty((batches, len(self.members)), np.float32)
        for place, plan in enumerate(self._stack.plans):
            rate = plan.optimizer.rate
            rates[:, place] = [float(rate(number)) for number in numbers] if callable(rate) else rate
        optimizer = self._stack.plans[0].optimizer
        if optimizer.kind != codes.ADAM:
            return rates, rates
        # In float32 as in Keras, where the first corrections are off by one part in ten thousand.
        t, one = (numbers[:, None] + 1).astype(np.float32), np.float32(1)
        a, b = np.float32(optimizer.a), np.float32(optimizer.b)
        return rates, rates * np.sqrt(one - b**t) / (one - a**t)


@contextmanager
def workers(threads: int) -> Iterator[Together]:
    """Yield a function that runs a task for each thread's number at once, and returns when all are done."""
    with ThreadPoolExecutor(max(1, threads - 1)) as pool:

        def together(task: Callable[[int], None]) -> None:
            others = [pool.submit(task, thread) for thread in range(1, threads)]
            task(0)
            for other in others:
                other.result()

        yield together


def as_examples(split: Split | Stream, class_weight: Mapping[int, float] | None = None) -> Examples:
    """A split as the passes read it."""
    assert isinstance(split, Split)  # kernels read no streams
    size = len(split)
    labels = np.ascontiguousarray(split.y, np.float32).reshape(size, -1)
    weights = np.ones(size, np.float32) if split.sample_weight is None else split.sample_weight.astype(np.float32)
    fit_weights = weights
    if class_weight is not None:
        fit_weights = (weights * class_weights(split.y, class_weight)).astype(np.float32)
    if issparse(split.x):
        x = csr_array(split.x)
        if not x.has_sorted_indices:
            x = x.sorted_indices()
        parts = x.data.astype(np.float32, copy=False), x.indices.astype(np.int32, copy=False), x.indptr.astype(np.int64)
        return Examples(*parts, np.empty((0, 0), np.float32), labels, fit_weights, weights)
    dense = np.ascontiguousarray(split.x, np.float32)
    none = np.empty(0, np.float32), np.empty(0, np.int32), np.zeros(size + 1, np.int64)
    return Examples(*none, dense, labels, fit_weights, weights)
