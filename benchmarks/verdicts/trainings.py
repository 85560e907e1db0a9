"""Real trainings whose truth is read off what a regulab study measures: losses without penalty, dropout off."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

import regulab as rl

if TYPE_CHECKING:
    from regulab.data import Dataset
    from regulab.histories.history import History

#: A rise of the validation loss that is overfitting, and one that is none; between them a log is not scored.
RISEN, LEVEL = 0.10, 0.02
#: After how many epochs a training is looked at.
_DIGITS, _REVIEWS, _IMDB = (6, 10, 20, 40, 100), (5, 8, 12, 18, 24), (5, 8, 12, 20)


@dataclass(frozen=True)
class Training:
    """The first epochs of one training: a log as if it had been stopped there.

    Attributes:
        name: Which training this is a piece of.
        kind: Data set, and whether the model has an L2 penalty.
        truth: `"overfitting"` or `"healthy"`.
        noise: Of an epoch's validation loss, as a share of it.
        log: What Keras reports: losses and accuracies.
        measures: That, and all that the study measured.
    """

    name: str
    kind: str
    truth: str
    noise: float
    log: Mapping[str, Sequence[float]]
    measures: Mapping[str, Sequence[float]]


def truth(measures: Mapping[str, Sequence[float]]) -> str | None:
    """What a training is, by losses after each epoch without penalty and with dropout off.

    Both losses are averaged over three epochs. It overfits if the validation loss of the last three lies at
    least 10% above the lowest and the training loss fell meanwhile; it is healthy if it lies at most 2% above.
    Neither, or fewer than five epochs: None.

    Example:
        >>> falls = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
        >>> truth({"train_data_loss": falls, "val_data_loss": [0.6, 0.5, 0.5, 0.5, 0.6, 0.7]})
        'overfitting'
        >>> truth({"train_data_loss": falls, "val_data_loss": falls})
        'healthy'
    """
    training, validation = (np.asarray(measures[name]) for name in ("train_data_loss", "val_data_loss"))
    if len(validation) < 5 or not np.isfinite([training, validation]).all():
        return None
    training, validation = (np.convolve(curve, np.full(3, 1 / 3), "valid") for curve in (training, validation))
    lowest = int(validation.argmin())
    rise = validation[-1] / validation[lowest] - 1
    if rise >= RISEN and training[-1] < training[lowest]:
        return "overfitting"
    return "healthy" if rise <= LEVEL else None


def noise(measures: Mapping[str, Sequence[float]]) -> float:
    """Standard deviation of an epoch's validation loss, as a share of it, in the second half of the epochs.

    Of second differences, which take a steady trend out.

    Example:
        >>> noise({"val_data_loss": [9, 8, 7, 6, 5, 4, 3, 2]})
        0.0
    """
    values = np.asarray(measures["val_data_loss"])
    half = values[-max(5, len(values) // 2) :]
    return float(np.sqrt(np.mean(np.diff(half, 2) ** 2) / 6) / half.mean())


def pieces(history: History, kind: str, *, name: str, stops: Sequence[int]) -> Iterator[Training]:
    """The training as it would have been logged had it stopped after these numbers of epochs."""
    kind = f"{kind}, L2" if "l2" in history.variant else kind
    for stop in stops:
        measures = {name: values[:stop] for name, values in history.measures.items()}
        found = truth(measures)
        if found is not None:
            log = {name: measures[name] for name in ("accuracy", "loss", "val_accuracy", "val_loss")}
            yield Training(name, kind, found, noise(measures), log, measures)


def trainings(*, seeds: int = 6) -> Iterator[Training]:
    """Train models on digits, on digits with wrong labels, on synthetic reviews, and on IMDB where it is at hand.

    Args:
        seeds: Trainings of each variant; a third of them on IMDB.
    """
    for seed in range(2):
        digits = rl.data.digits(seed=seed)
        kind = "digits"
        for data in (digits, _mislabelled(digits, seed=seed)):
            variants = [rl.width(1 / 4), rl.l2(1e-3), rl.dropout(0.5), rl.train_size(0.15)]
            yield from _study(kind, data, seed, variants, seeds=seeds, epochs=100, batch=32, rate=5e-3, stops=_DIGITS)
            kind = "digits, wrong labels"
        reviews = rl.data.reviews(train=2_000, validation=1_500, test=500, words=4_000, seed=seed)
        variants = [rl.width(1 / 4), rl.l2(2e-3), rl.dropout(0.5), rl.train_size(0.25)]
        yield from _study("reviews", reviews, seed, variants, seeds=seeds, epochs=24, batch=128, stops=_REVIEWS)
    if os.environ.get("REGULAB_DATA_DIR"):
        variants = [rl.width(1 / 4), rl.l2(1e-3), rl.dropout(0.5)]
        few = max(1, seeds // 3)
        imdb = rl.data.imdb(words=5_000)
        yield from _study("IMDB", imdb, 0, variants, seeds=few, epochs=20, batch=512, stops=_IMDB)


def _study(
    kind: str,
    data: Dataset,
    draw: int,
    variants: list[Any],
    *,
    seeds: int,
    epochs: int,
    batch: int,
    stops: Sequence[int],
    rate: float = 1e-3,
) -> Iterator[Training]:
    print(f"Training {1 + len(variants)} models with {seeds} seeds on {kind}.", file=sys.stderr, flush=True)
    study = rl.Study(_model(data, rate=rate), data, variants=variants, epochs=epochs, batch_size=batch, seeds=seeds)
    for number, history in enumerate(study.run(progress=False).histories):
        yield from pieces(history, kind, name=f"{kind} {draw} {number}", stops=stops)


def _model(data: Dataset, *, rate: float) -> Callable[[], Any]:
    """Two hidden layers. The loss is no metric, so that a log has it with the penalty only, as most logs do."""
    features, classes = data.train.x.shape[1], 1 + int(data.train.y.max())

    def build() -> Any:
        import keras

        head = (1, "sigmoid", "binary_crossentropy") if classes == 2 else (classes, "softmax", None)
        layers = [keras.layers.Dense(32, activation="relu") for _ in range(2)]
        layers.append(keras.layers.Dense(head[0], activation=head[1]))
        model = keras.Sequential([keras.Input((features,)), *layers])
        loss = head[2] or "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"])
        return model

    return build


def _mislabelled(data: Dataset, *, seed: int) -> Dataset:
    """Every fourth training example gets a label by chance: the more of them are learned by heart, the worse."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(len(data.train.y)) < 0.25, rng.permutation(data.train.y), data.train.y)
    return replace(data, train=replace(data.train, y=labels), source=f"{data.source}, a quarter of the labels shuffled")
