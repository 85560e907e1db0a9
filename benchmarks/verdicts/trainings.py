"""Real trainings whose truth is read off a pool of examples that the logs know nothing of."""

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
#: Draws of the data. Trainings on draws up to 23 were looked at while the rules were made, and 30 to 33 were reported
#: before the rule for slight rises in few epochs was.
REPORTED = tuple(range(34, 46))
#: After how many epochs a training is looked at.
_DIGITS, _REVIEWS, _IMDB = (6, 10, 20, 40, 100), (5, 8, 12, 18, 24), (5, 8, 12, 20)


@dataclass(frozen=True)
class Training:
    """The first epochs of one training: a log as if it had been stopped there.

    Attributes:
        name: Which training this is a piece of.
        kind: Data set, and whether the model has an L2 penalty.
        truth: `"overfitting"` or `"healthy"`, or None where even the pool does not tell.
        seen: The same, by the few validation examples of the log.
        noise: Of an epoch's validation loss, as a share of it.
        log: What Keras reports: losses and accuracies.
        measures: That, and all that the study measured.
    """

    name: str
    kind: str
    truth: str | None
    seen: str | None
    noise: float
    log: Mapping[str, Sequence[float]]
    measures: Mapping[str, Sequence[float]]


def truth(training: Sequence[float], pool: Sequence[float], *, stop: int) -> str | None:
    """What a training is when it stops, by losses after each epoch without penalty and with dropout off.

    Losses are averaged over three epochs, from 20 on over seven, around each epoch; around the stop, too, which
    takes epochs in that no log of it holds. It overfits if the loss on the pool is then at least 10% above the
    lowest and the training loss fell meanwhile; it is healthy if it is at most 2% above. Neither, or an error of
    these means above 3%: None.

    Example:
        >>> falls, turns = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.6, 0.55, 0.5, 0.55, 0.6, 0.65]
        >>> truth(falls, turns, stop=5), truth(falls, falls, stop=5)
        ('overfitting', 'healthy')
    """
    window = 3 if stop < 20 else 7
    curves = np.asarray([training, pool])[:, : stop + window // 2]
    if stop < 5 or not np.isfinite(curves).all() or noise(pool[:stop]) * np.sqrt(2 / window) > 0.03:
        return None
    trained, seen = (np.convolve(curve, np.full(window, 1 / window), "valid") for curve in curves)
    lowest = int(seen.argmin())
    rise = seen[-1] / seen[lowest] - 1
    if rise >= RISEN and trained[-1] < trained[lowest]:
        return "overfitting"
    return "healthy" if rise <= LEVEL else None


def noise(losses: Sequence[float]) -> float:
    """Standard deviation of an epoch's loss, as a share of it, in the second half of the epochs.

    Of second differences, which take a steady trend out, by their median, which leaves a single bend out.

    Example:
        >>> noise([9, 8, 7, 6, 5, 4, 3, 2])
        0.0
    """
    half = np.asarray(losses)[-max(5, len(losses) // 2) :]
    return float(1.4826 * np.median(np.abs(np.diff(half, 2))) / np.sqrt(6) / half.mean())


def pieces(
    history: History, pool: Sequence[float], kind: str, *, name: str, stops: Sequence[int]
) -> Iterator[Training]:
    """The training as it would have been logged had it stopped after these numbers of epochs.

    Args:
        history: With the few validation examples of the log.
        pool: The validation losses of the same training on the pool.
        kind: Where it came from.
        name: Which training it is.
        stops: Numbers of epochs.
    """
    kind = f"{kind}, L2" if "l2" in history.variant else kind
    training, validation = (history.measures[name] for name in ("train_data_loss", "val_data_loss"))
    for stop in stops:
        measures = {name: values[:stop] for name, values in history.measures.items()}
        log = {name: measures[name] for name in ("accuracy", "loss", "val_accuracy", "val_loss")}
        known, seen = (truth(training, losses, stop=stop) for losses in (pool, validation))
        yield Training(name, kind, known, seen, noise(validation[:stop]), log, measures)


def trainings(*, seeds: int = 6, draws: Sequence[int] = REPORTED) -> Iterator[Training]:
    """Train models on digits, on digits with wrong labels, on synthetic reviews, and on IMDB where it is at hand.

    Args:
        seeds: Trainings of each variant; a third of them on IMDB.
        draws: Of the data, but for IMDB.
    """
    for seed in draws:
        digits, pool = _digits(seed=seed)
        kind = "digits"
        for data in (digits, _mislabelled(digits, seed=seed)):
            variants = [rl.width(1 / 4), rl.l2(1e-3), rl.dropout(0.5), rl.train_size(0.25)]
            yield from _study(kind, data, pool, seed, variants, seeds=seeds, batch=32, rate=5e-3, stops=_DIGITS)
            kind = "digits, wrong labels"
        reviews = rl.data.reviews(train=2_000, validation=500, test=6_000, words=4_000, seed=seed)
        variants = [rl.width(1 / 4), rl.l2(2e-3), rl.dropout(0.5), rl.train_size(0.25)]
        yield from _study("reviews", reviews, reviews.test, seed, variants, seeds=seeds, batch=128, stops=_REVIEWS)
    if os.environ.get("REGULAB_DATA_DIR"):
        variants = [rl.width(1 / 4), rl.l2(1e-3), rl.dropout(0.5)]
        few = max(1, seeds // 3)
        imdb = rl.data.imdb(words=5_000)
        yield from _study("IMDB", imdb, imdb.test, 0, variants, seeds=few, batch=512, stops=_IMDB)


def _study(
    kind: str,
    data: Dataset,
    pool: Any,
    draw: int,
    variants: list[Any],
    *,
    seeds: int,
    batch: int,
    stops: Sequence[int],
    rate: float = 1e-3,
) -> Iterator[Training]:
    """Train twice the same, once with the validation examples and once with the pool in their place."""
    print(f"Training {1 + len(variants)} models with {seeds} seeds on {kind}, twice.", file=sys.stderr, flush=True)
    runs = []
    for validation in (data.validation, pool):
        chosen = replace(data, validation=validation, test=None)
        study = rl.Study(
            _model(data, rate=rate), chosen, variants=variants, epochs=stops[-1] + 3, batch_size=batch, seeds=seeds
        )
        runs.append(study.run(progress=False).histories)
    for number, (history, again) in enumerate(zip(*runs, strict=True)):
        if not np.allclose(history.measures["train_data_loss"], again.measures["train_data_loss"], rtol=1e-3):
            raise RuntimeError(f"Expected the same training twice. Received: two of {history.variant} on {kind}.")
        losses = again.measures["val_data_loss"]
        yield from pieces(history, losses, kind, name=f"{kind} {draw} {number}", stops=stops)


def _digits(*, seed: int) -> tuple[Dataset, Any]:
    """A third of the images for training, a fifth for validation, and the others as a pool."""
    data = rl.data.digits(seed=seed)
    x, y = (np.concatenate([getattr(split, name) for _, split in data.splits()]) for name in ("x", "y"))
    order = np.random.default_rng(seed).permutation(len(y))
    split = replace(data.train, x=x, y=y)
    train, validation, pool = (split.rows(part) for part in np.split(order, [600, 960]))
    return replace(data, train=train, validation=validation, test=None), pool


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
    """Every fourth training example gets a random label: the more of them a model memorizes, the worse."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(len(data.train.y)) < 0.25, rng.permutation(data.train.y), data.train.y)
    return replace(data, train=replace(data.train, y=labels), source=f"{data.source}, a quarter of the labels shuffled")
