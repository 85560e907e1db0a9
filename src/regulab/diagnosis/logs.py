"""From a log, or a history in memory, to its diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from regulab.diagnosis.diagnose import about_study, diagnose_histories
from regulab.diagnosis.diagnosis import Diagnoses, Diagnosis
from regulab.diagnosis.run_checks import known_codes
from regulab.histories.history import Histories, History
from regulab.histories.readers.column_names import name_columns
from regulab.histories.readers.detect import read_log
from regulab.histories.readers.epoch_assignment import EpochAssignment
from regulab.histories.readers.in_memory import by_measure, to_histories
from regulab.histories.readers.number_block import NumberBlock
from regulab.histories.readers.tidy_history import tidy_history
from regulab.histories.run_folder import RunFolder


def diagnose(
    source: Any, *, train_column: str | None = None, val_column: str | None = None, ignore: Iterable[str] = ()
) -> Diagnoses:
    """Say what the curves of a training show: whether it overfits, and what else went wrong.

    Needs no TensorFlow.

    Args:
        source: A path to a log (a CSV or JSON file, a TensorBoard folder, a run folder), or a history
            in memory: what `fit` returned, a dict of lists, a DataFrame, or a mapping of names to such.
        train_column: The column with the training loss; found by its name if None.
        val_column: The column with the validation loss; found by its name if None.
        ignore: Codes of findings to mute, such as `["OVERCONFIDENT"]`. The diagnosis says which it muted, and is not
            called healthy for it.

    Returns:
        A diagnosis for each training; `print` shows them.

    Raises:
        InputError: If `source` is none of these, its columns leave open which is a loss, or there is no finding with
            a code to ignore.
        MissingDependencyError: If it is a TensorBoard log and the tensorboard package is not installed.

    Example:
        >>> losses = {"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.1], "val_loss": [0.6, 0.5, 0.6, 0.7, 0.8, 0.9]}
        >>> diagnoses = diagnose(losses)
        >>> diagnoses.healthy, diagnoses.worst
        (False, 'warning')
        >>> print(diagnose(losses, ignore=["OVERFITTING"]).items[0].verdict)
        no other finding; OVERFITTING ignored on request
    """
    muted = known_codes(ignore)
    if not isinstance(source, (str, Path)):
        histories = to_histories(by_measure(source) if isinstance(source, Mapping) else source, counter=True)
        return diagnose_histories(
            Histories(tuple(_named(member, train_column, val_column) for member in histories.members)), ignore=muted
        )
    path = Path(source)
    histories = read_log(path, train_column=train_column, val_column=val_column)
    about = _about_study(path, histories, ignore=muted)
    return Diagnoses((*about, *diagnose_histories(histories, ignore=muted)))


def _named(member: History, train_column: str | None, val_column: str | None) -> History:
    """A history in Keras's names; regulab's own has them already."""
    if "val_data_loss" in member.measures:
        return member
    names = list(member.measures)
    where = f"'{member.variant}'"
    naming = name_columns(names, train_column=train_column, val_column=val_column, where=where)
    columns = {measure: member.measures[names[position]] for measure, position in naming.columns.items()}
    notes = (*member.notes, *naming.notes)
    epochs = () if naming.epoch is None else member.measures[names[naming.epoch]]
    if (np.diff(epochs) < 0).any() and not np.isnan(table := np.array([*columns.values(), epochs]).T).any():
        # A log of more than one fit, as a DataFrame made from it has it; else a value stands for an epoch each, since
        # NaN may be a loss or stand where a row of a step has none.
        assignment = EpochAssignment(naming, where=where)
        assignment.add(NumberBlock(table, np.ones(table.shape, dtype=bool)))
        read = assignment.table.history(member.variant, notes=(*notes, *assignment.notes))
    else:
        read = tidy_history(member.variant, columns, notes, where=where)
    return replace(read, seed=member.seed)


def _about_study(path: Path, histories: Histories, *, ignore: frozenset[str]) -> tuple[Diagnosis, ...]:
    """What the study document in a run folder shows, where there is one and it shows anything."""
    run = RunFolder(path)
    if not run.study_file.is_file():
        return ()
    return about_study(run.study(), histories, ignore=ignore)
