"""JSON logs: Keras's history, in one piece or a record an epoch, and Hugging Face's trainer_state.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.readers.epochs import MISSING, Epochs, history, number
from regulab.histories.readers.names import name_columns, shown
from regulab.histories.readers.plain import to_columns
from regulab.histories.readers.text import name_of, place, read_text, unknown_format
from regulab.histories.readers.trainer_state import read_trainer_state


def read_records(path: Path, *, train_column: str | None = None, val_column: str | None = None) -> Histories:
    """Read a JSON log: a dict of lists, `{"history": ...}`, a list of records, names with histories, `log_history`.

    Args:
        path: The file.
        train_column: The measure that is the training loss; found by its name if None.
        val_column: The measure that is the validation loss; found by its name if None.

    Raises:
        InputError: If it is no such log.
    """
    document = parse(path)
    options = {"train_column": train_column, "val_column": val_column}
    name, where = name_of(path), place(path)
    if isinstance(document, Mapping) and isinstance(document.get("log_history"), list):
        return Histories((read_trainer_state(document["log_history"], name=name, where=where, **options),))
    if isinstance(document, Mapping) and isinstance(document.get("history"), (Mapping, list)):
        document = document["history"]
    if isinstance(document, list) and document and all(isinstance(record, Mapping) for record in document):
        return Histories((_from_records(document, name=name, where=where, **options),))
    if isinstance(document, Mapping) and any(isinstance(values, list) for values in document.values()):
        return Histories((from_columns(document, name=name, where=where, **options),))
    if isinstance(document, Mapping) and document and all(isinstance(one, Mapping) for one in document.values()):
        inner = {key: one.get("history", one) for key, one in document.items()}
        if all(isinstance(one, Mapping) and any(isinstance(v, list) for v in one.values()) for one in inner.values()):
            return Histories(
                tuple(
                    from_columns(one, name=shown(key), where=f"'{shown(key)}' in {where}", **options)
                    for key, one in inner.items()
                )
            )
    if isinstance(document, (Mapping, list)) and not document:
        raise InputError(f"Expected a log with at least one epoch. Received: {where}, which is empty.")
    raise unknown_format(path, "JSON of another kind")


def parse(path: Path) -> Any:
    """The JSON document in a file.

    Raises:
        InputError: If it cannot be read or is no JSON.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())
        raise InputError(f"Expected JSON in {place(path)}. Received: {shown(detail)}.") from None


def from_columns(
    document: Mapping[str, Any],
    *,
    name: str,
    where: str,
    train_column: str | None = None,
    val_column: str | None = None,
) -> History:
    """A history from a list of values for each measure."""
    counters = [key for key, values in document.items() if is_epoch(key) and isinstance(values, list)]
    read, told = to_columns({key: values for key, values in document.items() if key not in counters}, name=name)
    left_out = [shown(key) for key, values in document.items() if isinstance(values, list) and values]
    left_out = [key for key in left_out if key not in map(shown, read) and key not in map(shown, counters)]
    notes = [*told, *([f"Left out {', '.join(left_out)}: not one number an epoch."] if left_out else [])]
    measures = list(read)
    naming = name_columns(measures, train_column=train_column, val_column=val_column, where=where)
    columns = {measure: read[measures[position]] for measure, position in naming.columns.items()}
    epochs = _whole_numbers(document[counters[0]]) if counters else None
    if epochs is not None and len(epochs) == len(read[measures[0]]):
        rows = Epochs(list(columns), averaged=naming.averaged, where=where, stepped=naming.step is not None)
        rows.add(np.array(epochs), np.array(list(columns.values()), dtype=np.float64).T)
        return rows.history(name, notes=[*naming.notes, *notes])
    return history(name, columns, [*naming.notes, *notes], where=where)


def _from_records(records: Sequence[Mapping[str, Any]], *, name: str, where: str, **options: str | None) -> History:
    keys = list(dict.fromkeys(key for record in records for key in record))
    if len(keys) > 10_000:
        raise InputError(f"Expected records of the same measures in {where}. Received: {len(keys):,} names.")
    naming = name_columns(keys, where=where, **options)
    rows = Epochs(list(naming.columns), averaged=naming.averaged, where=where, stepped=naming.step is not None)
    chosen = [keys[position] for position in naming.columns.values()]
    table = [[number(record.get(key)) for key in chosen] for record in records]
    epochs = list(range(len(records)))
    notes = list(naming.notes)
    if naming.epoch is not None:
        told = [number(record.get(keys[naming.epoch])) for record in records]
        if all(value != MISSING and math.isfinite(value) for value in told):
            epochs = [math.floor(value) for value in told]
        else:
            notes.append("Some records have no epoch: each counts as one.")
    rows.add(np.array(epochs, dtype=np.float64), np.array(table, dtype=np.float64).reshape(len(records), -1))
    return rows.history(name, notes=notes)


def is_epoch(key: str) -> bool:
    """Whether a measure is the number of the epoch."""
    return key.strip().lower() in {"epoch", "epochs"}


def _whole_numbers(values: Sequence[Any]) -> list[float] | None:
    numbers = [number(value) for value in values]
    whole = all(math.isfinite(value) and value != MISSING and value == math.floor(value) for value in numbers)
    return numbers if whole else None
