"""JSON logs: Keras's history, in one piece or in records of an epoch, and Hugging Face's trainer_state.json."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.readers.column_names import name_columns, shown
from regulab.histories.readers.epoch_assignment import EpochAssignment
from regulab.histories.readers.in_memory import by_measure, to_columns
from regulab.histories.readers.json_text import number, parse
from regulab.histories.readers.number_block import NumberBlock
from regulab.histories.readers.text import name_of, shown_path, unknown_format
from regulab.histories.readers.tidy_history import tidy_history
from regulab.histories.readers.trainer_state import read_trainer_state


def read_records(path: Path, *, train_column: str | None = None, val_column: str | None = None) -> Histories:
    """Read a JSON log: a dict of lists, `{"history": ...}`, records, names with histories, `log_history`.

    Records stand in a list, or each in a line of its own. A dict of lists may be what a DataFrame's `to_json` writes.

    Args:
        path: The file.
        train_column: The measure that is the training loss; found by its name if None.
        val_column: The measure that is the validation loss; found by its name if None.

    Raises:
        InputError: If it is no such log.
    """
    document, notes = parse(path)
    options = {"train_column": train_column, "val_column": val_column}
    name, where = name_of(path), shown_path(path)
    if isinstance(document, Mapping) and isinstance(document.get("log_history"), list):
        return Histories((read_trainer_state(document["log_history"], name=name, where=where, notes=notes, **options),))
    if isinstance(document, Mapping) and isinstance(document.get("history"), (Mapping, list)):
        document = document["history"]
    if isinstance(document, Mapping) and _is_of_a_frame(document):
        document = {key: list(column.values()) for key, column in document.items()}
    if isinstance(document, Mapping):
        document = by_measure(document)
    if isinstance(document, Mapping) and _is_record(document):
        document = [document]  # a line alone
    if isinstance(document, list) and document and all(map(_is_of_lists, document)):
        document = {f"{name} ({number})": one for number, one in enumerate(document, start=1)}  # one a fold or seed
    if isinstance(document, list) and document and all(isinstance(record, Mapping) for record in document):
        document = [by_measure(record) for record in document]
        return Histories((_from_records(document, name=name, where=where, notes=notes, **options),))
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
    read, reading_notes = to_columns(
        {key: values for key, values in document.items() if key not in counters}, name=name
    )
    left_out = [shown(key) for key, values in document.items() if isinstance(values, list) and values]
    known = {*map(shown, read), *map(shown, counters)}
    left_out = [key for key in left_out if key not in known]
    notes = [*reading_notes, *([f"Left out {', '.join(left_out)}: not one number an epoch."] if left_out else [])]
    measures = list(read)
    naming = name_columns(measures, train_column=train_column, val_column=val_column, where=where)
    columns = {measure: read[measures[position]] for measure, position in naming.columns.items()}
    epochs = _whole_numbers(document[counters[0]]) if counters else None
    if epochs is not None and len(epochs) == len(read[measures[0]]):
        assignment = EpochAssignment(replace(naming, epoch=0), where=where)
        assignment.add(NumberBlock.of_columns([*columns.values(), epochs], shape=(len(epochs), len(columns) + 1)))
        return assignment.table.history(name, notes=[*naming.notes, *notes, *assignment.notes])
    return tidy_history(name, columns, [*naming.notes, *notes], where=where)


def _from_records(
    records: Sequence[Mapping[str, Any]], *, name: str, where: str, notes: Sequence[str], **options: str | None
) -> History:
    if _of_a_trainer(records):
        return read_trainer_state(records, name=name, where=where, notes=notes, **options)
    keys = list(dict.fromkeys(key for record in records for key in record))
    if len(keys) > 10_000:
        raise InputError(f"Expected records of the same measures in {where}. Received: {len(keys):,} names.")
    naming = name_columns(keys, where=where, **options)
    chosen = [keys[position] for position in naming.columns.values()]
    all_notes = [*naming.notes, *notes]
    if naming.epoch is not None:
        counter = keys[naming.epoch]
        kept = _of_epochs(records, counter, chosen)
        if left_out := len(records) - len(kept):
            all_notes.append(f"Left out {'a record' if left_out == 1 else f'{left_out} records'} without an epoch.")
        records = kept
        if all(_has_number(record, counter) for record in records):
            chosen.append(counter)
        else:
            naming = replace(naming, epoch=None)
            all_notes.append("Some records have no epoch: each counts as one.")
    assignment = EpochAssignment(naming, where=where)
    numbers = ((number(record.get(key)) for record in records) for key in chosen)
    assignment.add(NumberBlock.of_columns(numbers, shape=(len(records), len(chosen))))
    return assignment.table.history(name, notes=[*all_notes, *assignment.notes])


def _of_epochs(
    records: Sequence[Mapping[str, Any]], counter: str, chosen: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    """The records without those about the program or the whole training: no epoch, and no measure of one."""
    known = {key for record in records if _has_number(record, counter) for key in (counter, *chosen) if key in record}
    return [record for record in records if known & record.keys()] if known else records


def _has_number(record: Mapping[str, Any], key: str) -> bool:
    value = number(record.get(key))
    return value is not None and math.isfinite(value)


def _of_a_trainer(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether they are those of a Hugging Face `log_history`: evaluations of their own, in fractions of an epoch."""
    keys = {key for record in records for key in record}
    epochs = [float(record["epoch"]) for record in records if _has_number(record, "epoch")]
    fractions = any(epoch != math.floor(epoch) for epoch in epochs)
    return "epoch" in keys and ("train_runtime" in keys or ("eval_loss" in keys and fractions))


def _is_record(document: Mapping[str, Any]) -> bool:
    values = document.values()
    return any(number(value) is not None for value in values) and not any(
        isinstance(value, (list, Mapping)) for value in values
    )


def _is_of_lists(document: Any) -> bool:
    return isinstance(document, Mapping) and bool(document) and all(isinstance(v, list) for v in document.values())


def _is_of_a_frame(document: Mapping[str, Any]) -> bool:
    """Whether it is what the `to_json` of a DataFrame writes: for each column its values by their row's number."""
    columns = document.values()
    return bool(columns) and all(
        isinstance(column, Mapping) and column and all(map(str.isdigit, column)) for column in columns
    )


def is_epoch(key: str) -> bool:
    """Whether a measure is the number of the epoch."""
    return key.strip().lower() in {"epoch", "epochs"}


def _whole_numbers(values: Sequence[Any]) -> list[float] | None:
    numbers = [value for value in map(number, values) if value is not None and math.isfinite(value)]
    return numbers if len(numbers) == len(values) and all(value == math.floor(value) for value in numbers) else None
