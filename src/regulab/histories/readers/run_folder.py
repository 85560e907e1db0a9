"""A regulab run folder, or its histories.csv alone; the run need not be finished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from regulab.errors import InputError
from regulab.histories import run_files
from regulab.histories.history import Histories
from regulab.histories.readers.text import place

HEADER = "variant,seed,epoch,measure,value"


def read_run_folder(folder: Path) -> Histories:
    """The histories of a run.

    Raises:
        InputError: If there are none yet, or they are damaged.
    """
    if not (folder / run_files.HISTORIES).exists():
        raise InputError(
            f"Expected a run with at least one finished epoch. Received: {place(folder)}, "
            f"which has no {run_files.HISTORIES} yet. Resume the study there."
        )
    return read_run_histories(folder / run_files.HISTORIES, unfinished=not (folder / run_files.RESULTS).exists())


def read_run_histories(path: Path, *, unfinished: bool = False) -> Histories:
    """The histories in a file that a run left.

    Raises:
        InputError: If the file is damaged or holds none.
    """
    histories = run_files.read_histories(path)
    if not histories:
        raise InputError(f"Expected at least one epoch in {place(path)}. Received: a header alone.")
    notes = ("The run is not finished.",) if unfinished else ()
    return Histories(tuple(replace(member, notes=notes) for member in histories))
