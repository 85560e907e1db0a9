"""One pass over a split, with all members on each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulab.data.dataset import Stream
from regulab.training.batches import SplitBatches, stream_batches
from regulab.training.runner import Ticker
from regulab.training.steps import Step

# Batches per call into the graph: long enough to hide the call, short enough for a live progress bar.
BATCHES_PER_CALL = 16


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a pass measured.

    Attributes:
        loss: Mean weighted data loss of each member, shape `(members,)`.
        penalty: Mean penalty of each member over the batches, shape `(members,)`.
        examples: Weighted data loss of each example, shape `(n, members)`; empty unless kept.
        size: Number of examples seen.
    """

    loss: np.ndarray
    penalty: np.ndarray
    examples: np.ndarray
    size: int


class Pass:
    """A step made ready to run over a feed or a stream; traced once, on its first run.

    Args:
        step: What happens to each batch.
        source: Where batches come from.
        members: How many members the step serves.
        batch_size: Examples per batch of a feed; a stream brings its own.
        keep: Whether to keep the loss of each example.
        eager: Whether to run without tracing, for models compiled with `run_eagerly=True`.
    """

    def __init__(
        self,
        step: Step,
        source: SplitBatches | Stream,
        *,
        members: int,
        batch_size: int,
        keep: bool = False,
        eager: bool = False,
    ) -> None:
        self.source = source
        self._batch_size = batch_size
        self._keep = keep
        self._members = members
        self._traces_rows = isinstance(source, SplitBatches) and not eager
        if isinstance(source, Stream):
            self._run = _eager(step) if eager else _traced_stream(step)
        elif eager:
            self._run = _eager_rows(step, source, batch_size)
        else:
            self._run = _traced_rows(step, source, members=members, batch_size=batch_size, keep=keep)

    def __call__(self, order: np.ndarray | None = None, *, tick: Ticker = lambda: None) -> Outcome:
        """Run over the rows in `order` (by default all, as they are), calling `tick` after every few batches."""
        loss, penalty, size = np.zeros(self._members), np.zeros(self._members), 0
        kept = []
        for part in self._parts(order):
            losses, penalties, examples, count = (np.asarray(value) for value in self._run(part))
            loss += losses
            penalty += penalties
            size += int(count)
            if self._keep:
                kept.append(examples)
            tick()
        examples = np.concatenate(kept) if kept else np.empty((0, self._members), np.float32)
        return Outcome(loss / max(size, 1), penalty / max(size, 1), examples, size)

    def trace(self) -> bool:
        """Trace the step now and not on the first run, if that is possible; say whether it was."""
        if self._traces_rows:
            self._run.get_concrete_function()  # type: ignore[attr-defined]
        return self._traces_rows

    def run_over_nothing(self) -> None:
        """Let TensorFlow optimize what was traced: it does so when it is first run."""
        self._run(np.empty(0, np.int64))

    def calls(self, rows: int | None = None) -> int:
        """How many calls into the graph a run over that many rows takes; 1 where that is not known."""
        if isinstance(self.source, Stream):
            return 1
        return -(-(len(self.source) if rows is None else rows) // (self._batch_size * BATCHES_PER_CALL))

    def _parts(self, order: np.ndarray | None) -> Iterator[Any]:
        if isinstance(self.source, Stream):
            yield from stream_batches(self.source)
            return
        order = np.arange(len(self.source)) if order is None else order
        length = self._batch_size * BATCHES_PER_CALL
        for start in range(0, len(order), length):
            yield order[start : start + length].astype(np.int64)


def make_ready(passes: Sequence[Pass]) -> None:
    """Trace passes one after the other, and let TensorFlow optimize them in parallel: each takes one core."""
    traced = [step_pass for step_pass in passes if step_pass.trace()]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Pass.run_over_nothing, traced))


def _sums(step: Step, batch: Any) -> tuple[Any, Any, Any, Any]:
    """Sums over one batch of losses and penalties, the losses themselves, and the batch's size."""
    import tensorflow as tf

    losses, penalties = step(batch)
    size = tf.shape(losses)[0]
    # float64, so that a sum over millions of examples keeps its digits
    return (
        tf.reduce_sum(tf.cast(losses, tf.float64), axis=0),
        tf.cast(penalties, tf.float64) * tf.cast(size, tf.float64),
        losses,
        size,
    )


def _eager(step: Step) -> Callable[[Any], Any]:
    return lambda batch: _sums(step, batch)


def _traced_stream(step: Step) -> Callable[[Any], Any]:
    import tensorflow as tf

    run: Callable[[Any], Any] = tf.function(lambda batch: _sums(step, batch), autograph=False, reduce_retracing=True)
    return run


def _eager_rows(step: Step, feed: SplitBatches, batch_size: int) -> Callable[[Any], Any]:
    import tensorflow as tf

    def run(rows: np.ndarray) -> Any:
        parts = [
            _sums(step, feed.batch(tf.constant(rows[start : start + batch_size])))
            for start in range(0, len(rows), batch_size)
        ]
        losses, penalties, examples, sizes = zip(*parts, strict=True)
        return sum(losses), sum(penalties), tf.concat(examples, axis=0), sum(sizes)

    return run


def _traced_rows(step: Step, feed: SplitBatches, *, members: int, batch_size: int, keep: bool) -> Callable[[Any], Any]:
    """All batches of one call in one graph loop. AutoGraph stays off: it would convert all of Keras, slowly."""
    import tensorflow as tf

    def run(rows: Any) -> Any:
        size = tf.size(rows)
        batches = (size + batch_size - 1) // batch_size

        def body(index: Any, loss: Any, penalty: Any, examples: Any) -> Any:
            part = rows[index * batch_size : (index + 1) * batch_size]
            losses, penalties, table, _ = _sums(step, feed.batch(part))
            return index + 1, loss + losses, penalty + penalties, examples.write(index, table) if keep else examples

        zeros = tf.zeros(members, tf.float64)
        examples = tf.TensorArray(
            tf.float32, size=batches if keep else 0, infer_shape=False, element_shape=(None, members)
        )
        _, loss, penalty, examples = tf.while_loop(
            lambda index, *_: index < batches, body, (0, zeros, zeros, examples), parallel_iterations=1
        )
        return loss, penalty, examples.concat() if keep else tf.zeros((0, members)), size

    traced: Callable[[Any], Any] = tf.function(run, autograph=False, input_signature=[tf.TensorSpec((None,), tf.int64)])
    return traced
