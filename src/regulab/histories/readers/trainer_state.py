"""Hugging Face's trainer_state.json: a record every few steps, in which evaluations stand on lines of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.readers.column_names import name_columns
from regulab.histories.readers.epochs import (
    FEW_EPOCHS,
    MISSING,
    Epochs,
    epochs_of_fractions,
    epochs_of_validations,
    number,
)


def read_trainer_state(
    log: Sequence[Any],
    *,
    name: str,
    where: str,
    notes: Sequence[str] = (),
    train_column: str | None = None,
    val_column: str | None = None,
) -> History:
    """A history from the records of `log_history`.

    Args:
        log: The records.
        name: What to call the training.
        where: What to call the log in an error.
        notes: What was told of the log before.
        train_column: The key of the training loss; `loss` if None.
        val_column: The key of the validation loss; `eval_loss` if None.

    Raises:
        InputError: If there is no epoch with a number.
    """
    # The last record sums up the whole training.
    records = [record for record in log if isinstance(record, dict) and "train_runtime" not in record]
    records = [record for record in records if 0 <= number(record.get("epoch")) < 1e9]
    if not records:
        raise InputError(f"Expected records with an epoch in the log_history of {where}. Received: none.")
    notes = [
        *notes,
        "The training loss is a mean over the steps since the line before, while the weights change.",
        *_resumed(records),
    ]
    keys = list(dict.fromkeys(str(key) for record in records for key in record if key != "grad_norm"))
    naming = name_columns(keys, train_column=train_column, val_column=val_column, where=where)
    chosen = [keys[position] for position in naming.columns.values()]
    table = np.array([[number(record.get(key)) for key in chosen] for record in records], dtype=np.float64)
    fractions = np.array([number(record["epoch"]) for record in records])
    epochs = epochs_of_fractions(fractions)
    if "val_loss" in naming.columns:
        measured = table[:, list(naming.columns).index("val_loss")] != MISSING
        several = measured.sum() > len(set(epochs[measured]))
        if several and epochs.max() + 1 < FEW_EPOCHS:
            epochs = epochs_of_validations(measured)
            ended = epochs < measured.sum()
            table, epochs = table[ended], epochs[ended]
            notes.append("The log evaluates within epochs: each evaluation counts as the end of one.")
    rows = Epochs(list(naming.columns), averaged=naming.averaged, where=where, stepped=True)
    rows.from_zero = True
    rows.add(epochs, table)
    return rows.history(name, notes=[*naming.notes, *notes])


def _resumed(records: list[dict[Any, Any]]) -> list[str]:
    """Drop, in place, what a resumed training wrote again; say so."""
    kept: list[dict[Any, Any]] = []
    dropped = 0
    for record in records:
        step = number(record.get("step"))
        if step != MISSING and kept and number(kept[-1].get("step")) > step:
            while kept and number(kept[-1].get("step")) >= step:
                kept.pop()
                dropped += 1
        kept.append(record)
    records[:] = kept
    what = "1 record" if dropped == 1 else f"{dropped} records"
    return [f"Left out {what} that a resumed training wrote again."] if dropped else []
