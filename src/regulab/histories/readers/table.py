"""CSV logs: Keras's CSVLogger, Lightning's metrics.csv, and any table with a header and a loss."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.readers.column_names import name_columns
from regulab.histories.readers.csv_cells import LONGEST_LINE, CsvCells
from regulab.histories.readers.epoch_assignment import EpochAssignment
from regulab.histories.readers.text import name_of, open_text, reading, shown_path, unknown_format

_SEPARATORS = ",;\t"
_MAX_BYTES = 2_000_000_000


def read_table(path: Path, *, train_column: str | None = None, val_column: str | None = None) -> History:
    """Read a CSV log, in one pass and bounded memory.

    Args:
        path: The file.
        train_column: The column with the training loss; found by its name if None.
        val_column: The column with the validation loss; found by its name if None.

    Raises:
        InputError: If it is no such log, or if its columns leave open which is a loss.
    """
    _check_size(path)
    with open_text(path) as file, reading(path):
        separator, header = _header(path, file)
        where = shown_path(path)
        naming = name_columns(header, train_column=train_column, val_column=val_column, where=where)
        cells = CsvCells(path, file, separator, header)
        assignment = EpochAssignment(naming, where=where)
        epoch = [] if naming.epoch is None else [naming.epoch]
        losses = [position for measure, position in naming.columns.items() if measure in ("loss", "val_loss")]
        for block in cells.blocks([*naming.columns.values(), *epoch], needed=frozenset([*epoch, *losses])):
            assignment.add(block)
        cells.require_numbers(list(naming.columns.values()))
    return assignment.table.history(name_of(path), notes=[*naming.notes, *cells.notes(), *assignment.notes])


def _header(path: Path, file: TextIO) -> tuple[str, list[str]]:
    """The separator and the names of the columns."""
    line = file.readline(LONGEST_LINE)
    for _ in range(100):
        if not line or line.strip():
            break
        line = file.readline(LONGEST_LINE)
    if not line.strip():
        raise InputError(f"Expected a log with at least one epoch. Received: {shown_path(path)}, which is empty.")
    if "\0" in line or len(line) >= LONGEST_LINE:
        raise unknown_format(path, "which has no header")
    separator = max(_SEPARATORS, key=line.count)
    try:
        header = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        raise unknown_format(path, "which has no header") from None
    if len(header) > 1 and not header[-1].strip():
        header.pop()  # a separator at the end of every line
    if all(_is_number(cell) for cell in header):
        raise unknown_format(path, "which starts with numbers instead of a header that names the columns")
    return separator, header


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _check_size(path: Path) -> None:
    with reading(path):
        size = path.stat().st_size
    if size > _MAX_BYTES:
        raise InputError(
            f"Expected a log of at most {_MAX_BYTES // 10**9} GB. "
            f"Received: {shown_path(path)} with {size / 10**9:.1f} GB. "
            "Write one line an epoch."
        )
