"""What a study is asked for, checked before anything is built."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.data.seeds import LARGEST, is_seed
from regulab.errors import InputError, NotApplicableError
from regulab.training.feed import class_weights as weights_by_example
from regulab.variants.variant import Variant

_LONGEST_NAME = 200  # leaves room in the 255 bytes of a file name
_ROUNDING = 1e-3  # of rows of shares that add up to 1


def check_kinds(build_model: Any, data: Any, variants: Any) -> None:
    """Refuse arguments of another kind, and a Keras that runs on something else than TensorFlow.

    Raises:
        InputError: If one is not what `Study` takes.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"Expected Keras to run on TensorFlow. Received: the backend '{keras.backend.backend()}'. "
            "Set KERAS_BACKEND=tensorflow before Keras is imported."
        )
    if not callable(build_model):
        raise InputError(
            f"Expected a function that returns a compiled keras.Model, or such a model. Received: {build_model!r}."
        )
    if not isinstance(build_model, keras.Model) and (needed := _needed(build_model)):
        raise InputError(
            f"Expected a function that needs no arguments. Received: one that asks for {needed}. "
            "Give it defaults, or write lambda: build_model(...)."
        )
    if not isinstance(data, Dataset):
        raise InputError(
            "Expected data as regulab.data makes it, for example regulab.data.arrays(x, y). "
            f"Received: {type(data).__name__}."
        )
    if variants is not None:
        _check_variants(variants)


def _needed(function: Callable[..., Any]) -> str:
    """The names of the arguments that a function cannot be called without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some functions in C do not tell
        return ""
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return ", ".join(each.name for each in parameters if each.default is each.empty and each.kind not in optional)


def positive(name: str, value: Any) -> int:
    """The value as an int, if it is a whole number of at least 1.

    Raises:
        InputError: If it is not.

    Example:
        >>> positive("epochs", 20)
        20
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"Expected `{name}` to be a whole number of at least 1. Received: {name}={value!r}.")
    return int(value)


def seed_numbers(seeds: Any) -> tuple[int, ...]:
    """The seeds: so many counted from 0, or those given.

    Raises:
        InputError: If they are not different whole numbers that can be seeds.

    Example:
        >>> seed_numbers(3), seed_numbers([7, 9])
        ((0, 1, 2), (7, 9))
    """
    if isinstance(seeds, (int, np.integer)):
        return tuple(range(positive("seeds", seeds)))
    chosen = tuple(seeds) if isinstance(seeds, Iterable) else ()
    if not chosen or not all(map(is_seed, chosen)) or len(set(chosen)) != len(chosen):
        raise InputError(
            f"Expected `seeds` to be how many, or different whole numbers from 0 to {LARGEST}. "
            f"Received: seeds={seeds!r}."
        )
    return tuple(int(seed) for seed in chosen)


def class_weights(value: Any) -> dict[int, float] | None:
    """The weight of each class by its number, or None.

    Raises:
        InputError: If it is no mapping of class numbers to finite weights of at least 0.

    Example:
        >>> class_weights({0: 1, 1: 2.5})
        {0: 1.0, 1: 2.5}
    """
    if value is None:
        return None
    classes: list[Any] = list(value) if isinstance(value, Mapping) else []
    weights: list[Any] = list(value.values()) if isinstance(value, Mapping) else []
    numbers = all(isinstance(label, (int, np.integer)) and label >= 0 for label in classes) and all(
        isinstance(weight, (int, float, np.integer, np.floating)) and 0 <= weight < math.inf for weight in weights
    )
    if not classes or not numbers:
        raise InputError(
            "Expected `class_weight` as a mapping from class numbers to weights of at least 0. "
            f"Received: class_weight={value!r}. Use for example {{0: 1.0, 1: 2.5}}."
        )
    return {int(label): float(weight) for label, weight in zip(classes, weights, strict=True)}


def check_weighted(data: Dataset, weights: Mapping[int, float] | None) -> None:
    """Refuse class weights where the training labels are not at hand, or are no classes, or do not have these.

    Raises:
        InputError: If there are weights, and such labels, or if no training example would count.
    """
    if weights is None:
        return
    if not isinstance(data.train, Split):
        raise InputError(
            "Expected arrays with class_weight. Received: a stream of batches. "
            "Let the stream give (x, y, sample_weight), with the weight of each example's class."
        )
    labels = data.train.y
    if labels.size != len(labels):
        _check_one_hot(labels)
        known = set(range(labels.shape[1]))
    elif (fractions := labels[labels % 1 != 0]).size:
        raise InputError(
            "Expected class numbers as labels with class_weight. "
            f"Received: labels such as {fractions.flat[0]:g}. Give weights by example instead, as `sample_weight`."
        )
    else:
        # A rare class may be missing in one split.
        known = {int(label) for _, split in data.splits() if isinstance(split, Split) for label in np.unique(split.y)}
    # Keras passes over them, and the classes that were meant go without a weight.
    if unknown := sorted(set(weights) - known):
        raise InputError(
            f"Expected `class_weight` for classes that the labels have, which go from {min(known)} to {max(known)}. "
            f"Received: a weight for class {unknown[0]}, which no label has. Leave it out, or number the classes alike."
        )
    by_example = weights_by_example(labels, weights)
    if data.train.sample_weight is not None:
        by_example = by_example * data.train.sample_weight.reshape(-1)
    if not by_example.any():
        raise InputError(
            "Expected some training example with a weight above 0. "
            f"Received: class_weight={dict(weights)!r}, with which none counts. Give a class that occurs more than 0."
        )


def _check_one_hot(labels: np.ndarray) -> None:
    """Refuse labels of which Keras would take the largest column for the class, though they have no one class."""
    if labels.ndim == 2:
        off = (labels < 0).any(axis=1) | (np.abs(labels.sum(axis=1) - 1) > _ROUNDING)
        if not off.any():
            return
        received = f"rows such as {labels[off.argmax()].tolist()}"
    else:
        received = f"{labels[0].size} labels an example"
    raise InputError(
        "Expected one class an example with class_weight, as a number or a one-hot row. "
        f"Received: {received}. Give weights by example instead, as `sample_weight`."
    )


def warn_of_one_label(data: Dataset) -> None:
    """Warn of splits whose labels are all the same, as slices of rows sorted by class are.

    They are not refused: a training step of the user's own may do without labels.
    """
    for name, split in data.splits():
        if isinstance(split, Split) and len(split) > 1 and (split.y == split.y[:1]).all():
            warnings.warn(
                f"All {len(split)} labels of '{name}' are {np.squeeze(split.y[0]).tolist()}, so that a model that "
                "always says this has nothing to learn or to get wrong there. Check how the labels were made and "
                "the rows chosen; rows in the order of their classes need shuffling before they are split.",
                stacklevel=3,
            )


def warn_of_changing_order(data: Dataset) -> None:
    """Warn of a validation stream that gives other batches each time.

    The variants' losses are compared example by example, and each is measured after an epoch of its own.
    """
    if isinstance(data.validation, Stream) and _first_batch(data.validation) != _first_batch(data.validation):
        warnings.warn(
            "The stream 'validation' gives other batches each time, so that the losses of one example cannot be "
            "paired, and intervals and the recommendation by validation data come out wrong. Leave out its shuffle "
            "and random changes, or use .shuffle(..., reshuffle_each_iteration=False).",
            stacklevel=3,
        )


def _first_batch(stream: Stream) -> list[bytes]:
    import tensorflow as tf

    parts = tf.nest.flatten(next(iter(stream.batches), ()), expand_composites=True)
    return [bytes(tf.io.serialize_tensor(part).numpy()) for part in parts]


def refuse_on_stream(data: Dataset, *, variants: Sequence[Variant]) -> None:
    """Refuse what needs the training rows in memory where they come as a stream.

    Raises:
        NotApplicableError: If a variant trains on some of the rows.
    """
    if isinstance(data.train, Split):
        return
    for variant in variants:
        if any(change.kind == "train_size" for change in variant.changes):
            raise NotApplicableError(
                f"Expected arrays for variant '{variant.name}', which trains on some of the rows. "
                "Received: a stream of batches. Use `.take(...)` on the stream instead."
            )


def _check_variants(variants: Any) -> None:
    if not isinstance(variants, Sequence) or not all(isinstance(variant, Variant) for variant in variants):
        raise InputError(
            "Expected `variants` as a list of variants, such as [rl.l2(0.001), rl.dropout(0.5)]. "
            f"Received: variants={variants!r}."
        )


def check_names(variants: Sequence[Variant]) -> None:
    """Refuse names that no file can have, since models are saved in files of these names.

    Raises:
        InputError: If there is one.
    """
    for variant in variants:
        name: Any = variant.name
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or set(name) & set("/\\\0\r\n"):
            raise InputError(
                f"Expected names of variants that can name a file. Received: {name!r}. "
                "Give the variant another name with .named(...)."
            )
