"""Histories that live in memory: Keras's History objects, dicts of lists, pandas DataFrames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.readers.column_names import is_split, names_split, shown
from regulab.histories.readers.epoch_phrases import lower_first, name_epochs
from regulab.histories.readers.tidy_history import check_gaps

_KINDS = "a Keras History, a dict of lists, a pandas DataFrame or a regulab History"


def to_history(source: Any, *, name: str, seed: int = 0, counter: bool = False) -> History:
    """One history from an object in memory, recognized by its shape, so that no framework is imported.

    A measure taken every second epoch only (Keras's `validation_freq`) is spread out again, NaN
    between, and a note says so. What is not a number an epoch, such as a metric per class, is left out,
    and so is what was never measured (`None`, `"NA"`); a measure of NaN alone is kept.

    Args:
        source: An object with a dict `history`, a mapping of measures to lists, a DataFrame with a
            column a measure, or a regulab `History`, which is renamed.
        name: What to call it.
        seed: The seed that it was trained with.
        counter: Whether to keep the epochs' numbers, as the measure `epoch`, where there is one for each value.

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
    read, notes = to_columns(columns, name=name)
    measures = {
        measure: tuple(math.nan if value is None else value for value in values)
        for measure, values in read.items()
        if any(value is not None for value in values)
    }
    if not measures:
        raise _empty(name, columns)
    numbers = [number for number in _numbers(columns.get("epoch")) or () if number is not None] if counter else []
    if len(numbers) == len(next(iter(measures.values()))):
        measures["epoch"] = tuple(numbers)
    return History(name, seed, measures, tuple(notes))


def to_columns(columns: Mapping[Any, Any], *, name: str) -> tuple[dict[str, tuple[float | None, ...]], list[str]]:
    """The measures that are one number an epoch, all of one length, None where there is none; and notes.

    Args:
        columns: The values of each measure.
        name: What to call the history in an error.

    Raises:
        InputError: If there is no epoch, or the lengths do not fit.
    """
    measures = {}
    for column, values in columns.items():
        numbers = None if column == "epoch" else _numbers(values)
        if numbers:
            measures[str(column)] = numbers
    if not measures:
        raise _empty(name, columns)
    epochs = max(len(values) for values in measures.values())
    check_gaps(sum(epochs - len(values) for values in measures.values()), where=f"'{name}'")
    spread = {key: _spread(values, epochs, key, name) for key, values in measures.items()}
    short: dict[int, list[str]] = {}
    for key, values in measures.items():
        if len(values) < epochs:
            short.setdefault(len(values), []).append(shown(key))
    return spread, [_spread_note(keys, length, epochs) for length, keys in short.items()]


def to_histories(source: Any, *, name: str = "model", counter: bool = False) -> Histories:
    """All histories from a mapping of names to them, from `(name, history)` pairs, or from a single one.

    Args:
        source: As `to_history` takes them; a list in place of one counts as seeds 0, 1, ...
        name: What to call a single one.
        counter: Whether to keep the epochs' numbers, as `to_history` does.

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
        return Histories((to_history(source, name=name, counter=counter),))
    members: list[History] = []
    for key, value in named:
        seeds = value if isinstance(value, (list, tuple, Histories)) else [value]
        members.extend(to_history(one, name=str(key), seed=seed, counter=counter) for seed, one in enumerate(seeds))
    if not members:
        raise InputError(f"Expected at least one history: {_KINDS}, or a mapping of names to them. Received none.")
    return Histories(tuple(members))


def by_measure(document: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """With `train_loss` and `val_loss` in place of `{"train": {"loss": ...}, "val": {"loss": ...}}`.

    Example:
        >>> by_measure({"train": {"loss": [0.6]}, "val": {"loss": [0.7]}})
        {'train_loss': [0.6], 'val_loss': [0.7]}
    """
    renamed: dict[Any, Any] = {}
    for key, value in document.items():
        alone = isinstance(value, Mapping) and not any(names_split(str(measure)) for measure in value)
        if alone and is_split(str(key)):
            renamed.update({f"{key}_{measure}": values for measure, values in value.items()})
        else:
            renamed[key] = value
    return renamed


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


def _numbers(values: Any) -> tuple[float | None, ...] | None:
    """The values as floats, None where nothing was measured; or None where they are not one number an epoch."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        return None
    try:
        # CSVLogger writes NA for what was not measured.
        return tuple(None if value is None or value in ("NA", "") else float(value) for value in values)
    except (TypeError, ValueError, OverflowError):
        return None


def _spread(values: tuple[float | None, ...], epochs: int, measure: str, name: str) -> tuple[float | None, ...]:
    if len(values) == epochs:
        return values
    intervals = _intervals(len(values), epochs)
    if len(intervals) != 1:
        raise InputError(
            f"Expected measures of equal length for '{name}'. Received: {len(values)} values of '{measure}' "
            f"in {epochs} epochs. Write null (None) where nothing was measured."
        )
    spread: list[float | None] = [None] * epochs
    spread[intervals[0] - 1 :: intervals[0]] = values
    return tuple(spread)


@lru_cache(maxsize=64)  # of many measures, most are measured as often as one another
def _intervals(length: int, epochs: int) -> list[int]:
    """Each number of epochs from one measurement to the next that gives as many of them."""
    # Keras validates after epochs f, 2f, 3f, ...; f is known only where one f fits the lengths.
    return [step for step in range(2, epochs + 1) if epochs // step == length]


def _spread_note(keys: list[str], length: int, epochs: int) -> str:
    (interval,) = _intervals(length, epochs)
    measured = lower_first(name_epochs(range(interval, epochs + 1, interval)))
    return (
        f"{', '.join(keys)}: {length} value{'s' if length > 1 else ''} in {epochs} epochs, read as measured after "
        f"{measured}. If that is wrong, write null (None) where nothing was measured."
    )


def _empty(name: str, columns: Iterable[Any]) -> InputError:
    return InputError(
        f"Expected a history with at least one epoch for '{name}'. "
        f"Received measures without numbers: {', '.join(map(str, columns)) or 'none'}."
    )
