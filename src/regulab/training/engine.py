"""The lockstep engine: every member of a study, epoch by epoch, on the same batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.training.feed import Feed, stream_batches
from regulab.training.members import Member
from regulab.training.passes import Pass, Ticker
from regulab.training.steps import Step, features_for, is_noisy, measuring_step, training_step, validation_step
from regulab.training.yardstick import Yardstick

if TYPE_CHECKING:
    import keras


@dataclass(eq=False)
class Progress:
    """What one member has been through so far.

    Attributes:
        measures: Values of each measure, one an epoch.
        best_loss: Lowest validation data loss so far.
        best_weights: The trainee's weights at that epoch.
        validation: Validation data loss of each example at that epoch, shape `(n,)`.
    """

    measures: dict[str, list[float]] = field(default_factory=dict)
    best_loss: float = np.inf
    best_weights: list[np.ndarray] | None = None
    validation: np.ndarray | None = None

    def record(self, values: Mapping[str, float]) -> None:
        """Append one epoch."""
        for measure, value in values.items():
            self.measures.setdefault(measure, []).append(float(value))


class Engine:
    """Trains members side by side.

    Members that train on the same rows form a cohort: each batch is gathered once and given to all of
    them. Validation is one pass for all members.

    Args:
        members: What to train.
        data: Splits whose labels already have the shape that the loss takes.
        measure: The data loss of each example.
        batch_size: Examples per batch; a stream brings its own batches.
        class_weight: Weight of each class in Keras's training loss.
        shuffle_seed: Seeds the order of batches, with the epoch.
    """

    def __init__(
        self,
        members: Sequence[Member],
        data: Dataset,
        *,
        measure: Yardstick,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
        shuffle_seed: int = 0,
    ) -> None:
        self.members = tuple(members)
        self.progress = {member.key: Progress() for member in self.members}
        self._data = data
        self._measure = measure
        self._batch_size = batch_size
        self._shuffle_seed = shuffle_seed
        self._eager = any(member.trainee.run_eagerly for member in self.members)
        self._cohorts = [
            _Cohort(rows, members, self._source(data.train, class_weight), self._pass, measure)
            for rows, members in _by_rows(self.members)
        ]
        self._validation = self._pass(validation_step, self.members, self._source(data.validation), keep=True)
        _build_metrics(self.members, self._source(data.validation))

    @property
    def epoch(self) -> int:
        """How many epochs every member has finished."""
        return min(len(progress.measures.get("loss", ())) for progress in self.progress.values())

    def train_epoch(self, *, tick: Ticker = lambda: None) -> None:
        """Train every member for one epoch, measure it, and keep its weights where it is at its best."""
        values: dict[str, dict[str, float]] = {member.key: {} for member in self.members}
        for cohort in self._cohorts:
            cohort.train(self._order(cohort.rows), values, tick=tick)
        with _averaged(self.members):
            for cohort in self._cohorts:
                cohort.measure(values, tick=tick)
            self._validate(values, tick=tick)
        for key, recorded in values.items():
            self.progress[key].record(recorded)

    def test_losses(self, split: Split | Stream) -> dict[str, np.ndarray]:
        """Data loss of each example for each member with the weights that it has now, each of shape `(n,)`."""
        outcome = self._pass(measuring_step, self.members, self._source(split), keep=True)()
        return {member.key: outcome.examples[:, place] for place, member in enumerate(self.members)}

    @property
    def calls_per_epoch(self) -> int:
        """How often `tick` is called in one epoch; at least once a pass where a stream's length is not known."""
        return self._validation.calls() + sum(cohort.calls() for cohort in self._cohorts)

    def _order(self, rows: np.ndarray | None) -> np.ndarray | None:
        if isinstance(self._data.train, Stream):
            return None
        rng = np.random.default_rng((self._shuffle_seed, self.epoch))
        if rows is None:
            return rng.permutation(len(self._data.train))
        return rng.permutation(rows)

    def _validate(self, values: dict[str, dict[str, float]], *, tick: Ticker) -> None:
        _reset(self.members)
        outcome = self._validation(tick=tick)
        for place, member in enumerate(self.members):
            recorded, progress = values[member.key], self.progress[member.key]
            recorded |= {f"val_{name}": value for name, value in _logs(member.trainee).items()}
            recorded["val_data_loss"] = loss = outcome.loss[place]
            recorded["penalty"] = outcome.penalty[place]
            if loss < progress.best_loss or progress.best_weights is None:
                progress.best_loss = float(loss) if np.isfinite(loss) else np.inf
                progress.best_weights = member.trainee.get_weights()
                progress.validation = outcome.examples[:, place].copy()

    def _source(self, split: Split | Stream, class_weight: Mapping[int, float] | None = None) -> Feed | Stream:
        return split if isinstance(split, Stream) else Feed(split, class_weight)

    def _pass(self, step: _StepMaker, members: Sequence[Member], source: Feed | Stream, *, keep: bool = False) -> Pass:
        return Pass(
            step(members, self._measure),
            source,
            members=len(members),
            batch_size=self._batch_size,
            keep=keep,
            eager=self._eager,
        )


_StepMaker = Callable[[Sequence[Member], Yardstick], Step]


class _Cohort:
    """Members that train on the same rows."""

    def __init__(
        self,
        rows: np.ndarray | None,
        members: Sequence[Member],
        source: Feed | Stream,
        make: Callable[..., Pass],
        measure: Yardstick,
    ) -> None:
        self.rows = rows
        self._members = tuple(members)
        self._noisy_members = tuple(member for member in members if is_noisy(member.trainee))
        self._train = make(training_step, self._members, source)
        self._quiet = make(measuring_step, self._members, source)
        self._noisy = make(
            lambda members, measure: measuring_step(members, measure, noisy=True), self._noisy_members, source
        )

    def calls(self) -> int:
        rows = None if self.rows is None else len(self.rows)
        noisy = self._noisy.calls(rows) if self._noisy_members else 0
        return self._train.calls(rows) + self._quiet.calls(rows) + noisy

    def train(self, order: np.ndarray | None, values: dict[str, dict[str, float]], *, tick: Ticker) -> None:
        _reset(self._members)
        outcome = self._train(order, tick=tick)
        for place, member in enumerate(self._members):
            values[member.key] |= _logs(member.trainee)
            values[member.key]["epoch_data_loss"] = outcome.loss[place]
            values[member.key]["epoch_penalty"] = outcome.penalty[place]

    def measure(self, values: dict[str, dict[str, float]], *, tick: Ticker) -> None:
        """The training loss after the epoch, with noise off and on."""
        quiet = self._quiet(self.rows, tick=tick)
        for place, member in enumerate(self._members):
            values[member.key]["train_data_loss"] = quiet.loss[place]
            values[member.key]["noisy_data_loss"] = quiet.loss[place]
        if self._noisy_members:
            with _state_kept(self._noisy_members):
                noisy = self._noisy(self.rows, tick=tick)
            for place, member in enumerate(self._noisy_members):
                values[member.key]["noisy_data_loss"] = noisy.loss[place]


def _by_rows(members: Sequence[Member]) -> list[tuple[np.ndarray | None, list[Member]]]:
    """Members grouped by the rows that they train on."""
    groups: dict[bytes, tuple[np.ndarray | None, list[Member]]] = {}
    for member in members:
        key = b"" if member.rows is None else member.rows.tobytes()
        groups.setdefault(key, (member.rows, []))[1].append(member)
    return list(groups.values())


def _build_metrics(members: Sequence[Member], source: Feed | Stream) -> None:
    """Let Keras make the variables of losses and metrics now: none can be made inside a graph loop."""
    import tensorflow as tf

    batch = next(stream_batches(source)) if isinstance(source, Stream) else source.batch(tf.constant([0], tf.int64))
    for member in members:
        model = member.trainee
        x = features_for(member, batch)
        prediction = model(x, training=False)
        model.compute_loss(x, batch.y, prediction, batch.weight)
        model.compute_metrics(x, batch.y, prediction, batch.weight)
    _reset(members)


def _reset(members: Sequence[Member]) -> None:
    for member in members:
        member.trainee.reset_metrics()


def _logs(model: keras.Model) -> dict[str, float]:
    return {name: float(value) for name, value in model.get_metrics_result().items()}


@contextmanager
def _averaged(members: Sequence[Member]) -> Iterator[None]:
    """Members whose optimizer keeps a moving average of the weights are measured with that average."""
    kept = []
    for member in members:
        optimizer = member.trainee.optimizer
        if optimizer.use_ema:
            averages = optimizer._model_variables_moving_average
            for variable, average in zip(member.trainee.trainable_variables, averages, strict=True):
                kept.append((variable, variable.numpy()))
                variable.assign(average)
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


@contextmanager
def _state_kept(members: Sequence[Member]) -> Iterator[None]:
    """Put the states of random generators back, so that measuring does not change what training draws."""
    kept = [(variable, variable.numpy()) for member in members for variable in member.trainee.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)
