"""What happens to each batch: Keras's own steps, observed, and the steps that measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulab.models.keras_internals import every_layer
from regulab.training.batches import Batch
from regulab.training.data_loss import DataLoss
from regulab.training.row_penalties import penalties_by_row
from regulab.training.tracing import traced_once

if TYPE_CHECKING:
    import keras

#: Takes a batch; gives losses, shape `(batch, members)`, and penalties, shape `(members,)`.
Step = Callable[[Batch], tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Trainee:
    """What is trained.

    Attributes:
        model: A compiled model.
        reads_sparse: Whether it takes a `tf.SparseTensor`.
        fingerprint: Shared by models whose steps are the same operations; None where that is not known.
        row_paths: The weights whose penalty is read row by row.
    """

    model: keras.Model
    reads_sparse: bool
    fingerprint: str | None
    row_paths: frozenset[str] = frozenset()


@dataclass
class _Observed:
    """What Keras computed its loss from, and the penalty that it added."""

    y: Any = None
    y_pred: Any = None
    penalty: Any = None


@contextmanager
def _observing(model: keras.Model) -> Iterator[_Observed]:
    """Note what `model.compute_loss` is given while Keras's step runs or is traced."""
    observed = _Observed()
    compute_loss = model.compute_loss

    def watch(x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, **options: Any) -> Any:
        loss = compute_loss(x, y, y_pred, sample_weight, **options)
        observed.y, observed.y_pred, observed.penalty = y, y_pred, _penalty(model)
        return loss

    # On the instance, so that train_step and test_step stay Keras's own.
    object.__setattr__(model, "compute_loss", watch)
    try:
        yield observed
    finally:
        object.__delattr__(model, "compute_loss")


def training_step(trainees: Sequence[Trainee], measure: DataLoss) -> Step:
    """One `train_step` of every model; the losses are those from which the gradient was taken."""
    row_paths = {id(trainee.model): trainee.row_paths for trainee in trainees}

    def step(batch: Batch) -> tuple[Any, Any]:
        def step_of_one(model: keras.Model, x: Any) -> tuple[Any, Any]:
            with _observing(model) as observed, penalties_by_row(model, row_paths[id(model)]):
                model.train_step(_packed(x, batch.y, batch.fit_weight))
            if observed.y_pred is None:  # a custom train_step that does without compute_loss
                return _unknown(batch), _penalty(model)
            return measure(observed.y, observed.y_pred), observed.penalty

        return _for_each(trainees, batch, step_of_one)

    return step


def validation_step(trainees: Sequence[Trainee], measure: DataLoss) -> Step:
    """One `test_step` of every model."""

    def step(batch: Batch) -> tuple[Any, Any]:
        def step_of_one(model: keras.Model, x: Any) -> tuple[Any, Any]:
            with _observing(model) as observed:
                model.test_step(_packed(x, batch.y, batch.weight))
            if observed.y_pred is None:
                return measure(batch.y, model(x, training=False)), _penalty(model)
            return measure(observed.y, observed.y_pred), observed.penalty

        return _for_each(trainees, batch, step_of_one)

    return step


def measuring_step(trainees: Sequence[Trainee], measure: DataLoss, *, noisy: bool = False) -> Step:
    """The forward pass alone, in inference mode or, where `noisy`, with dropout and other noise on."""

    def step(batch: Batch) -> tuple[Any, Any]:
        def step_of_one(model: keras.Model, x: Any) -> tuple[Any, Any]:
            with _normalization_frozen(model) if noisy else nullcontext():
                return measure(batch.y, model(x, training=noisy)), 0.0

        return _for_each(trainees, batch, step_of_one)

    return step


def is_noisy(model: keras.Model) -> bool:
    """Whether training draws random numbers, as dropout does."""
    # `variables` holds the states of random generators, `weights` does not.
    return len(model.variables) > len(model.weights)


def features_for(trainee: Trainee, batch: Batch) -> Any:
    """The features as the model takes them: sparse as they come, or this one batch made dense."""
    import tensorflow as tf

    if not isinstance(batch.x, tf.SparseTensor) or trainee.reads_sparse:
        return batch.x
    return tf.ensure_shape(tf.sparse.to_dense(batch.x), batch.x.shape)


def _for_each(
    trainees: Sequence[Trainee], batch: Batch, step_of_one: Callable[[keras.Model, Any], tuple[Any, Any]]
) -> tuple[Any, Any]:
    import tensorflow as tf

    groups: dict[Any, list[int]] = {}
    for index, trainee in enumerate(trainees):
        shared = index if trainee.fingerprint is None else (trainee.fingerprint, trainee.row_paths)
        groups.setdefault(shared, []).append(index)
    results: list[Any] = [None] * len(trainees)
    for indices in groups.values():
        models, x = [trainees[index].model for index in indices], features_for(trainees[indices[0]], batch)
        alone = len(models) == 1 or tf.executing_eagerly()
        outcomes = [step_of_one(model, x) for model in models] if alone else traced_once(step_of_one, models, x)
        for index, outcome in zip(indices, outcomes, strict=True):
            results[index] = outcome
    losses, penalties = zip(*results, strict=True)
    table = tf.stack(losses, axis=1)
    if batch.weight is not None:
        table *= tf.reshape(tf.cast(batch.weight, tf.float32), (-1, 1))
    return table, tf.stack([tf.cast(penalty, tf.float32) for penalty in penalties])


def _packed(x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
    """What a step is given, as `fit` gives it: without weights a pair, which steps of users unpack as such."""
    return (x, y) if weight is None else (x, y, weight)


def _penalty(model: keras.Model) -> Any:
    import tensorflow as tf

    return tf.add_n([tf.reduce_sum(tf.cast(loss, tf.float32)) for loss in model.losses]) if model.losses else 0.0


def _unknown(batch: Batch) -> Any:
    import tensorflow as tf

    return tf.fill(tf.shape(batch.y)[:1], float("nan"))


@contextmanager
def _normalization_frozen(model: keras.Model) -> Iterator[None]:
    """Batch normalization in inference mode even under `training=True`, so that only noise is on."""
    import keras

    layers = [
        layer for layer in every_layer(model) if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    for layer in layers:
        layer.trainable = False
    try:
        yield
    finally:
        for layer in layers:
            layer.trainable = True
