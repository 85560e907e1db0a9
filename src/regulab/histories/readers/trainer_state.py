"""Hugging Face's trainer_state.json: a record every few steps, in which evaluations stand on lines of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.readers.column_names import name_columns
from regulab.histories.readers.epoch_assignment import FEW_EPOCHS, epochs_of_fractions, epochs_of_validations
from regulab.histories.readers.epoch_table import EpochTable
from regulab.histories.readers.json_text import number
from regulab.histories.readers.number_block import NumberBlock


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
    records = [record for record in records if _has_epoch(record)]
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
    numbers = ((number(record.get(key)) for record in records) for key in chosen)
    block = NumberBlock.of_columns(numbers, shape=(len(records), len(chosen)))
    epochs = epochs_of_fractions(np.array([number(record["epoch"]) for record in records]))
    if "val_loss" in naming.columns:
        evaluated = block.valid[:, list(naming.columns).index("val_loss")]
        several = evaluated.sum() > len(set(epochs[evaluated]))
        if several and epochs.max() + 1 < FEW_EPOCHS:
            epochs = epochs_of_validations(evaluated)
            ended = epochs < evaluated.sum()
            block, epochs = block.rows(ended), epochs[ended]
            notes.append("The log evaluates within epochs: each evaluation counts as the end of one.")
    table = EpochTable(list(naming.columns), averaged=naming.averaged, where=where, stepped=True)
    table.counts_from_zero = True
    table.add(epochs, block)
    return table.history(name, notes=[*naming.notes, *notes])


def _has_epoch(record: dict[Any, Any]) -> bool:
    epoch = number(record.get("epoch"))
    return epoch is not None and 0 <= epoch < 1e9


def _resumed(records: list[dict[Any, Any]]) -> list[str]:
    """Drop, in place, what a resumed training wrote again; say so."""
    kept: list[dict[Any, Any]] = []
    dropped = 0
    for record in records:
        step = number(record.get("step"))
        if step is not None and kept and _step(kept[-1]) > step:
            while kept and _step(kept[-1]) >= step:
                kept.pop()
                dropped += 1
        kept.append(record)
    records[:] = kept
    amount = "1 record" if dropped == 1 else f"{dropped} records"
    return [f"Left out {amount} that a resumed training wrote again."] if dropped else []


def _step(record: dict[Any, Any]) -> float:
    """The step of a record; one without counts as before all others."""
    step = number(record.get("step"))
    return -math.inf if step is None else step
