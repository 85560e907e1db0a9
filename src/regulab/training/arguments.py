"""What a study is asked for, checked before anything is built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from regulab.data.dataset import Dataset, Split
from regulab.data.seeds import LARGEST, is_seed
from regulab.errors import InputError, NotApplicableError
from regulab.variants.variant import Variant

_LONGEST_NAME = 200  # leaves room in the 255 bytes of a file name


def check_kinds(build_model: Any, data: Any) -> None:
    """Refuse a model or data of another kind, and a Keras that does not run on TensorFlow.

    Raises:
        InputError: If one cannot be trained with.
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
            f"Expected a function that needs no arguments. Received: one that needs {needed}. "
            "Give it defaults, or write lambda: build_model(...)."
        )
    if not isinstance(data, Dataset):
        raise InputError(
            "Expected data as regulab.data makes it, for example regulab.data.arrays(x, y). "
            f"Received: {type(data).__name__}."
        )


def _needed(function: Callable[..., Any]) -> str:
    """The names of the arguments that a function cannot be called without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some functions in C do not tell
        return ""
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return ", ".join(
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind not in optional
    )


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
    """The seeds: that many counted from 0, or those given.

    Raises:
        InputError: If they are not distinct whole numbers that can be seeds.

    Example:
        >>> seed_numbers(3), seed_numbers([7, 9])
        ((0, 1, 2), (7, 9))
    """
    if isinstance(seeds, (int, np.integer)):
        return tuple(range(positive("seeds", seeds)))
    chosen = tuple(seeds) if isinstance(seeds, Iterable) else ()
    if not chosen or not all(map(is_seed, chosen)) or len(set(chosen)) != len(chosen):
        raise InputError(
            f"Expected `seeds` to be a number of seeds, or distinct whole numbers from 0 to {LARGEST}. "
            f"Received: seeds={seeds!r}."
        )
    return tuple(int(seed) for seed in chosen)


def refuse_on_stream(data: Dataset, *, variants: Sequence[Variant]) -> None:
    """Refuse variants that need the training rows in memory if the data is a stream.

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


def check_variants(variants: Any) -> None:
    """Refuse variants that are no list of variants.

    Raises:
        InputError: If they are not.
    """
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
                f"Expected variant names that can be file names. Received: {name!r}. "
                "Give the variant another name with .named(...)."
            )
