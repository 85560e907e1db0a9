"""Histories as a CSV file that any tool can read: one measured value per line."""

from __future__ import annotations

import csv
from pathlib import Path

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.histories.history import Histories, History

#: The header.
COLUMNS = ("variant", "seed", "epoch", "measure", "value")

# By variant and seed, then by measure.
_Values = dict[tuple[str, int], dict[str, list[float]]]


def write_histories(path: Path, histories: Histories) -> None:
    """Write histories in long form: variant, seed, 0-based epoch, measure, value."""
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for member in histories:
            for measure, values in member.measures.items():
                writer.writerows(
                    (member.variant, member.seed, epoch, measure, value) for epoch, value in enumerate(values)
                )


def read_histories(path: Path) -> Histories:
    """Read what `write_histories` wrote.

    Raises:
        InputError: If the file has other columns or a line that cannot be read, or ends early.
        OSError: If it cannot be opened.
    """
    members: _Values = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = tuple(next(rows, ()))
            if header != COLUMNS:
                raise InputError(
                    f"Expected the columns {', '.join(COLUMNS)} in {path}. "
                    f"Received: {', '.join(header) or 'an empty file'}."
                )
            for line, row in enumerate(rows, start=2):
                try:
                    _add(members, row)
                except ValueError as error:
                    raise InputError(f"Cannot read line {line} of {path}: {error}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"Expected text in CSV format in {path}. Received: {error}.") from None
    _check_lengths(members, path)
    return Histories(
        tuple(
            History(variant, seed, {measure: tuple(values) for measure, values in measures.items()})
            for (variant, seed), measures in members.items()
        )
    )


def _add(members: _Values, row: list[str]) -> None:
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} values instead of {len(COLUMNS)}")
    variant, seed, epoch, measure, value = row
    values = members.setdefault((variant, int(seed)), {}).setdefault(measure, [])
    if int(epoch) != len(values):
        raise ValueError(f"epoch {epoch} after {len(values)} epochs")
    values.append(float(value))


def _check_lengths(members: _Values, path: Path) -> None:
    for (variant, seed), measures in members.items():
        lengths = {measure: len(values) for measure, values in measures.items()}
        shortest = min(lengths, key=lengths.__getitem__)
        if lengths[shortest] < max(lengths.values()):
            raise InputError(
                f"Expected all measures after every epoch in {path}. Received: {lengths[shortest]} of "
                f"{max(lengths.values())} epochs of '{shortest}' for '{variant}', seed {seed}. Run the study again."
            )
