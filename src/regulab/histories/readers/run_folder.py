"""A regulab run folder, or its histories alone; the run need not be finished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from regulab.errors import InputError
from regulab.histories.histories_csv import COLUMNS, read_histories
from regulab.histories.history import Histories
from regulab.histories.readers.text import reading, shown_path
from regulab.histories.run_folder import RunFolder

#: How a file of histories begins.
HEADER = ",".join(COLUMNS)


def read_run_folder(run: RunFolder) -> Histories:
    """The histories of a run.

    Raises:
        InputError: If there are none yet, or they are damaged.
    """
    if not run.histories_file.exists():
        raise InputError(
            f"Expected a run with at least one finished epoch. Received: {shown_path(run.path)}, "
            f"which has no {run.histories_file.name} yet. Resume the study there."
        )
    histories = _not_empty(run.histories(), run.histories_file)
    if run.is_finished:
        return histories
    return Histories(tuple(replace(member, notes=("The run is not finished.",)) for member in histories))


def read_run_histories(path: Path) -> Histories:
    """The histories in a file that a run left.

    Raises:
        InputError: If the file is damaged or holds none.
    """
    with reading(path):
        return _not_empty(read_histories(path), path)


def _not_empty(histories: Histories, path: Path) -> Histories:
    if not histories:
        raise InputError(f"Expected at least one epoch in {shown_path(path)}. Received: a header alone.")
    return histories
