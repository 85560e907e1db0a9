"""Histories that live in memory: Keras's History objects, dicts of lists, pandas DataFrames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from regulab.errors import InputError
from regulab.histories.history import Histories, History

_KINDS = "a Keras History, a dict of lists, a pandas DataFrame or a regulab History"


def to_history(source: Any, *, name: str, seed: int = 0) -> History:
    """One history from an object in memory, told by its shape, so that no framework is imported.

    A measure taken every second epoch only (Keras's `validation_freq`) is spread out again, NaN
    between. What is not a number an epoch, such as a metric per class, is left out.

    Args:
        source: An object with a dict `history`, a mapping of measures to lists, a DataFrame with a
            column a measure, or a regulab `History`, which is renamed.
        name: What to call it.
        seed: The seed that it was trained with.

    Raises:
        InputError: If `source` is none of these, holds no epoch, or its measures' lengths do not fit.

    Example:
        >>> to_history({"loss": [0.6, 0.4]}, name="baseline").measures
        {'loss': (0.6, 0.4)}
    """
    if isinstance(source, History):
        return replace(source, variant=name, seed=seed)
    columns = _columns(source)
    if columns is None:
        raise InputError(f"Expected {_KINDS} for '{name}'. Received: {type(source).__name__}.")
    measures = {}
    for column, values in columns.items():
        numbers = None if column == "epoch" else _numbers(values)
        if numbers:
            measures[str(column)] = numbers
    if not measures:
        raise InputError(
            f"Expected a history with at least one epoch for '{name}'. "
            f"Received measures without numbers: {', '.join(map(str, columns)) or 'none'}."
        )
    epochs = max(len(values) for values in measures.values())
    return History(name, seed, {key: _spread(values, epochs, key, name) for key, values in measures.items()})


def to_histories(source: Any, *, name: str = "model") -> Histories:
    """All histories from a mapping of names to them, from `(name, history)` pairs, or from a single one.

    Args:
        source: As `to_history` takes them; a list in the place of one counts as seeds 0, 1, ...
        name: What to call a single one.

    Raises:
        InputError: If something is not a history.

    Example:
        >>> to_histories({"baseline": {"loss": [0.6]}, "l2": [{"loss": [0.7]}, {"loss": [0.8]}]}).variants
        ('baseline', 'l2')
    """
    if isinstance(source, Histories):
        return source
    if isinstance(source, History):
        return Histories((source,))
    named = _named(source)
    if named is None:
        return Histories((to_history(source, name=name),))
    members: list[History] = []
    for key, value in named:
        seeds = value if isinstance(value, (list, tuple, Histories)) else [value]
        members.extend(to_history(one, name=str(key), seed=seed) for seed, one in enumerate(seeds))
    if not members:
        raise InputError(f"Expected at least one history: {_KINDS}, or a mapping of names to them. Received none.")
    return Histories(tuple(members))


def _columns(source: Any) -> Mapping[Any, Any] | None:
    if isinstance(source, Mapping):
        return source
    if hasattr(source, "to_dict") and hasattr(source, "columns"):
        return {column: source[column].tolist() for column in source.columns}
    inner = getattr(source, "history", None)
    return inner if isinstance(inner, Mapping) else None


def _named(source: Any) -> Iterable[tuple[Any, Any]] | None:
    """Names with histories, or None where `source` is to be a single history."""
    if isinstance(source, Mapping):
        several = not source or any(_is_history(v) for v in source.values())
        return source.items() if several else None
    if isinstance(source, (list, tuple)):
        if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in source):
            raise InputError("Expected a list of (name, history) pairs. Received other items; use a dict of names.")
        return source
    return None


def _is_history(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_is_history(one) for one in value)
    return isinstance(value, (History, Histories)) or _columns(value) is not None


def _numbers(values: Any) -> tuple[float, ...] | None:
    """The values as floats, or None where they are not one number an epoch."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        return None
    try:
        # CSVLogger writes NA for what was not measured.
        return tuple(math.nan if value is None or value in ("NA", "") else float(value) for value in values)
    except (TypeError, ValueError, OverflowError):
        return None


def _spread(values: tuple[float, ...], epochs: int, measure: str, name: str) -> tuple[float, ...]:
    if len(values) == epochs:
        return values
    # Keras validates after epochs f, 2f, 3f, ...; f is known only where one f fits the lengths.
    every = [step for step in range(2, epochs + 1) if epochs // step == len(values)]
    if len(every) != 1:
        raise InputError(
            f"Expected measures of equal length for '{name}'. Received: {len(values)} values of '{measure}' "
            f"in {epochs} epochs. Fill what was not measured with NaN."
        )
    spread = [math.nan] * epochs
    spread[every[0] - 1 :: every[0]] = values
    return tuple(spread)
