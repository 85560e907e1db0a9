"""Trains members of any kind by Keras's own steps, all on each batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from regulab.data.dataset import Dataset, Split, Stream
from regulab.models.compiling import compile_settings, stepping
from regulab.models.fingerprint import step_fingerprint
from regulab.models.keras_internals import weight_averages
from regulab.models.sparse_input import sparse_trainee
from regulab.training.batches import SplitBatches, stream_batches
from regulab.training.data_loss import DataLoss
from regulab.training.fused_adam import fuse
from regulab.training.members import Member
from regulab.training.passes import Pass, make_ready
from regulab.training.runner import Ticker, Values
from regulab.training.steps import (
    Step,
    Trainee,
    features_for,
    is_noisy,
    measuring_step,
    training_step,
    validation_step,
)

if TYPE_CHECKING:
    import keras


class LockstepRunner:
    """Members of one cohort, trained through `train_step`.

    Each batch is gathered once and given to all of them.

    Args:
        members: What to train.
        data: The splits.
        rows: Rows to train on, or None for all.
        measure: The data loss of each example.
        batch_size: Examples per batch; a stream brings its own batches.
        class_weight: Weight of each class in Keras's training loss.
    """

    def __init__(
        self,
        members: Sequence[Member],
        data: Dataset,
        *,
        rows: np.ndarray | None,
        measure: DataLoss,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        self.members = tuple(members)
        self.rows = rows
        self._trainees = [_trainee(member, data) for member in self.members]
        self._noisy_indices = [index for index, trainee in enumerate(self._trainees) if is_noisy(trainee.model)]
        self._measure = measure
        self._batch_size = batch_size
        self._ready = False
        self._eager = any(trainee.model.run_eagerly for trainee in self._trainees)
        noisy = [self._trainees[index] for index in self._noisy_indices]
        train, validation = _source(data.train, class_weight), _source(data.validation)
        self._train = self._pass(training_step(self._trainees, measure), train, len(self._trainees))
        self._quiet = self._pass(measuring_step(self._trainees, measure), train, len(self._trainees))
        self._noisy = self._pass(measuring_step(noisy, measure, noisy=True), train, len(noisy))
        self._validate = self._pass(
            validation_step(self._trainees, measure), validation, len(self._trainees), keep=True
        )
        _build_metrics(self._trainees, validation)

    @property
    def calls(self) -> int:
        """How often `tick` is called in one epoch."""
        rows = None if self.rows is None else len(self.rows)
        noisy = self._noisy.calls(rows) if self._noisy_indices else 0
        return self._train.calls(rows) + self._quiet.calls(rows) + noisy + self._validate.calls()

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on rows in this order, or on the stream."""
        if not self._ready:
            make_ready([self._train, self._quiet, *([self._noisy] if self._noisy_indices else []), self._validate])
            self._ready = True
        self._reset()
        outcome = self._train(order, tick=tick)
        for index, (member, trainee) in enumerate(zip(self.members, self._trainees, strict=True)):
            values[member.key] |= _logs(trainee.model)
            values[member.key]["epoch_data_loss"] = outcome.loss[index]
            values[member.key]["epoch_penalty"] = outcome.penalty[index]

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training loss after the epoch, with noise off and on."""
        with _averaged(self._trainees):
            quiet = self._quiet(self.rows, tick=tick)
            for index, member in enumerate(self.members):
                values[member.key]["train_data_loss"] = quiet.loss[index]
                values[member.key]["noisy_data_loss"] = quiet.loss[index]
            if self._noisy_indices:
                with _state_kept([self._trainees[index] for index in self._noisy_indices]):
                    noisy = self._noisy(self.rows, tick=tick)
                for loss, index in zip(noisy.loss, self._noisy_indices, strict=True):
                    values[self.members[index].key]["noisy_data_loss"] = loss

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports of the validation split; the data loss of each example, `(n, members)`."""
        self._reset()
        with _averaged(self._trainees):
            outcome = self._validate(tick=tick)
        for index, (member, trainee) in enumerate(zip(self.members, self._trainees, strict=True)):
            values[member.key] |= {f"val_{name}": value for name, value in _logs(trainee.model).items()}
            values[member.key]["val_data_loss"] = outcome.loss[index]
            values[member.key]["penalty"] = outcome.penalty[index]
        return outcome.examples

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the present weights, shape `(n, members)`."""
        step = measuring_step(self._trainees, self._measure)
        return self._pass(step, _source(split), len(self._trainees), keep=True)().examples

    def weights(self, index: int) -> list[np.ndarray]:
        """A copy of a member's weights; their moving average where its optimizer keeps one."""
        trainee = self._trainees[index]
        with _averaged([trainee]):
            return [np.array(weight) for weight in trainee.model.get_weights()]

    def set_weights(self, index: int, weights: Sequence[np.ndarray]) -> None:
        """Replace a member's weights."""
        self._trainees[index].model.set_weights(list(weights))

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training depends on from here on, by name."""
        return {name: np.asarray(variable) for name, variable in self._variables()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` gave."""
        for name, variable in self._variables():
            variable.assign(state[name])

    def _variables(self) -> Iterator[tuple[str, Any]]:
        for member, trainee in zip(self.members, self._trainees, strict=True):
            # `variables` includes the states of random generators, so dropout continues as if nothing had happened.
            for kind, variables in (
                ("model", trainee.model.variables),
                ("optimizer", trainee.model.optimizer.variables),
            ):
                for index, variable in enumerate(variables):
                    yield f"{member.key}/{kind}/{index}", variable

    def _reset(self) -> None:
        for trainee in self._trainees:
            trainee.model.reset_metrics()

    def _pass(self, step: Step, source: SplitBatches | Stream, members: int, *, keep: bool = False) -> Pass:
        return Pass(step, source, members=members, batch_size=self._batch_size, keep=keep, eager=self._eager)


def _trainee(member: Member, data: Dataset) -> Trainee:
    """What is trained: the model itself, or an equal clone that reads sparse batches."""
    model, reads_sparse = member.model, False
    if isinstance(data.train, Split) and issparse(data.train.x):
        clone = sparse_trainee(model)
        if clone is not None:
            clone.compile(**compile_settings(model))
            # With the states of random generators, so that dropout draws what it would have drawn.
            for copy, original in zip(clone.variables, model.variables, strict=True):
                copy.assign(original)
            model, reads_sparse = clone, True
    model.optimizer.build(model.trainable_variables)
    trainee = Trainee(model, reads_sparse, step_fingerprint(model), member.row_penalties.paths)
    fuse(model.optimizer)
    return trainee


def _source(split: Split | Stream, class_weight: Mapping[int, float] | None = None) -> SplitBatches | Stream:
    return split if isinstance(split, Stream) else SplitBatches(split, class_weight)


def _build_metrics(trainees: Sequence[Trainee], source: SplitBatches | Stream) -> None:
    """Let Keras make the variables of losses and metrics now: none can be made inside a graph loop."""
    import tensorflow as tf

    batch = next(stream_batches(source)) if isinstance(source, Stream) else source.batch(tf.constant([0], tf.int64))
    for trainee in trainees:
        model, x = trainee.model, features_for(trainee, batch)
        prediction = model(x, training=False)
        model.compute_loss(x, batch.y, prediction, batch.weight)
        model.compute_metrics(x, batch.y, prediction, batch.weight)
        model.reset_metrics()


def _logs(model: keras.Model) -> dict[str, float]:
    """What Keras reports; of a metric with several values, such as an F1 score of each class, each by its index."""
    logs: dict[str, float] = {}
    for name, result in model.get_metrics_result().items():
        values = np.asarray(result).reshape(-1)
        if values.size == 1:
            logs[name] = float(values[0])
        else:
            logs |= {f"{name}_{index}": float(value) for index, value in enumerate(values)}
    return logs


@contextmanager
def _averaged(trainees: Sequence[Trainee]) -> Iterator[None]:
    """Models whose optimizer keeps a moving average of the weights are measured with that average."""
    kept = []
    for trainee in trainees:
        optimizer = stepping(trainee.model.optimizer)
        if optimizer.use_ema:
            averages = weight_averages(optimizer)
            for variable, average in zip(trainee.model.trainable_variables, averages, strict=True):
                kept.append((variable, variable.numpy()))
                variable.assign(average)
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


@contextmanager
def _state_kept(trainees: Sequence[Trainee]) -> Iterator[None]:
    """Put the states of random generators back, so that measuring does not change what training draws."""
    variables = [variable for trainee in trainees for variable in trainee.model.non_trainable_variables]
    kept = [(variable, variable.numpy()) for variable in variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)
