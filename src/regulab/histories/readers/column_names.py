"""What the columns of a log mean, in Keras's names: `loss`, `val_loss`, `accuracy`, `val_accuracy`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from regulab.errors import InputError
from regulab.histories.metrics import direction, snake_case
from regulab.printable import printable

_SPLITS = {
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_SYNONYMS = {"acc": "accuracy", "lr": "learning_rate", "losses": "loss"}
_KNOWN = {"loss", "accuracy", "learning_rate", "auc", "f1", "precision", "recall", "mae", "mse", "rmse", "perplexity"}
_COUNTERS = {"epoch", "epochs", "ep", "epoch_number", "epoch_num", "epoch_idx", "epoch_index", "current_epoch"}
_STEPS = {"step", "steps", "global_step", "iteration", "iterations", "iter", "batch", "trainer_global_step"}
_BOOKKEEPING = re.compile(
    r"^(unnamed.*|index|id|run|name|seed|time.*|.*time|date.*|timestamp|duration|elapsed.*|seconds.*|.*runtime"
    r"|.*per_second|total_flos|.*num_input_tokens_seen|hp_metric|created.*|_.*)$"
)
_REMEDY = "Name the columns with --train-column and --val-column (train_column and val_column in Python)."
_LONGEST = 60


@dataclass(frozen=True)
class Naming:
    """Which column holds which measure.

    Attributes:
        columns: Position of the column of each measure, by Keras's name.
        averaged: Measures of single training steps, whose mean stands for an epoch.
        epoch: Position of the epoch's number, or None.
        step: Position of the step's number, or None.
        notes: How columns were read that Keras would name otherwise.
    """

    columns: dict[str, int]
    averaged: frozenset[str] = frozenset()
    epoch: int | None = None
    step: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Column:
    position: int
    name: str
    key: str
    split: str | None
    base: str
    span: int  # 0 a value an epoch by its name, 1 nothing said, 2 a value a step

    @property
    def measure(self) -> str:
        """Keras's name for it."""
        return {"val": "val_", "test": "test_"}.get(self.split or "", "") + printable(self.base)

    @property
    def is_loss(self) -> bool:
        return "loss" in self.key.split("_")


def shown(name: object) -> str:
    """A name from a file as it can be shown in a sentence: printable, and not endless."""
    text = printable(name)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def names_split(name: str) -> bool:
    """Whether a name says which split it is of.

    Example:
        >>> names_split("Validation"), names_split("train_loss"), names_split("generator")
        (True, True, False)
    """
    return bool(_SPLITS.keys() & _key(name).split("_"))


def is_split(name: str) -> bool:
    """Whether a name is that of a split and nothing else.

    Example:
        >>> is_split("Validation"), is_split("train_loss")
        (True, False)
    """
    return _key(name) in _SPLITS


def name_columns(
    names: Sequence[str], *, train_column: str | None = None, val_column: str | None = None, where: str
) -> Naming:
    """Find the epoch, the losses and the metrics among a log's columns.

    Args:
        names: The columns.
        train_column: The one with the training loss; found by its name if None.
        val_column: The one with the validation loss; found by its name if None.
        where: What to call the log in an error.

    Raises:
        InputError: If a column that was named is missing or cannot be a loss, or if the names leave
            open which column is a loss.

    Example:
        >>> name_columns(["epoch", "Train Loss", "valid_loss", "train_acc"], where="log.csv").columns
        {'loss': 1, 'val_loss': 2, 'accuracy': 3}
    """
    columns = [_column(position, name) for position, name in enumerate(names)]
    epoch = next((column.position for column in columns if column.key in _COUNTERS), None)
    step = next((column.position for column in columns if column.key in _STEPS), None)
    chosen = {
        measure: _named(wanted, columns, option=option, where=where)
        for measure, wanted, option in (
            ("loss", train_column, "--train-column"),
            ("val_loss", val_column, "--val-column"),
        )
        if wanted is not None
    }
    taken = {column.position for column in chosen.values()}
    if len(taken) < len(chosen):
        raise InputError(
            f"Expected two columns in --train-column and --val-column. Received: '{shown(train_column)}' for both."
        )
    free = [
        column
        for column in columns
        if column.position not in (epoch, step, *taken)
        and column.key not in _COUNTERS | _STEPS
        and column.key
        and not _BOOKKEEPING.match(column.key)
    ]
    measures: dict[str, _Column] = dict(chosen)
    notes: list[str] = []
    for measure, splits in (("loss", (None, "train")), ("val_loss", ("val",))):
        if measure not in measures:
            loss = _loss(measure, [column for column in free if column.split in splits], columns, where)
            if loss is None and measure == "val_loss":
                loss = _loss(measure, [column for column in free if column.split == "test"], columns, where)
                if loss is not None:
                    notes.append(f"Read '{shown(loss.name)}' as the validation loss, since there is no other.")
            elif loss is not None and loss.base != "loss":
                notes.append(f"Read '{shown(loss.name)}' as the {_MEANING[measure]} loss.")
            if loss is not None:
                measures[measure] = loss
    taken = {column.position for column in measures.values()}
    for column in sorted(free, key=lambda column: (column.span, column.position)):
        if column.position not in taken and column.measure not in ("loss", "val_loss"):
            measures.setdefault(column.measure, column)
    _check_known(measures, columns, where)
    if not {"loss", "val_loss"} & measures.keys():
        notes.append("There is no column with a loss; name one with --train-column and --val-column.")
    # A loss leads, since readers of a history look for it first.
    ordered = sorted(measures, key=lambda name: (name not in ("loss", "val_loss"), measures[name].position))
    return Naming(
        columns={name: measures[name].position for name in ordered},
        averaged=frozenset(
            name for name in ordered if measures[name].span and not name.startswith(("val_", "test_", "learning_rate"))
        ),
        epoch=epoch,
        step=step,
        notes=tuple(notes),
    )


_MEANING = {"loss": "training", "val_loss": "validation"}


def _key(name: str) -> str:
    return "_" + name if name.startswith("_") else snake_case(name)


def _column(position: int, name: str) -> _Column:
    key = _key(name)
    words = [_SYNONYMS.get(word, word) for word in key.split("_")]
    span = 1
    if len(words) > 1 and words[-1] in ("epoch", "step"):
        span = 0 if words.pop() == "epoch" else 2
    split = None
    for at in (0, -1):
        if split is None and len(words) > 1 and words[at] in _SPLITS:
            split = _SPLITS[words.pop(at)]
    base = "_".join(words)
    if span == 1 and base not in _KNOWN:
        # A name that Keras could have given is kept as it is.
        base = name.strip() if split is None else name.strip()[4:] if name.strip().startswith("val_") else base
    return _Column(position, name, key, split, base, span)


def _named(wanted: str, columns: Sequence[_Column], *, option: str, where: str) -> _Column:
    matches = [column for column in columns if column.name == wanted]
    matches = matches or [column for column in columns if column.name.strip().lower() == wanted.strip().lower()]
    if not matches:
        raise InputError(f"No column '{shown(wanted)}' in {where} for {option}. Available: {_listed(columns)}.")
    if direction(matches[0].name) == "higher":
        raise InputError(
            f"Expected a loss, which is better when lower, in {option}. "
            f"Received: '{shown(wanted)}' in {where}, which is better when higher."
        )
    return matches[0]


def _loss(measure: str, free: Sequence[_Column], columns: Sequence[_Column], where: str) -> _Column | None:
    exact = [column for column in free if column.base == "loss"]
    candidates = exact or [column for column in free if column.is_loss and direction(column.name) != "higher"]
    best = min((column.span for column in candidates), default=None)
    candidates = [column for column in candidates if column.span == best]
    if len(candidates) > 1:
        names = ", ".join(shown(column.name) for column in candidates)
        raise InputError(
            f"Expected one column with the {_MEANING[measure]} loss in {where}. Received: {names}. "
            f"{_REMEDY} Columns: {_listed(columns)}."
        )
    return candidates[0] if candidates else None


def _check_known(measures: dict[str, _Column], columns: Sequence[_Column], where: str) -> None:
    """Refuse a table in which nothing says that it is a log of a training."""
    known = {"loss", "val_loss"} & measures.keys() or any(
        measure.removeprefix("val_") in _KNOWN or direction(measure) == "higher" or f"val_{measure}" in measures
        for measure in measures
    )
    if not known:
        raise InputError(
            f"Expected columns with the training and validation loss in {where}, such as loss and val_loss. "
            f"Received: {_listed(columns)}. {_REMEDY}"
        )


def _listed(columns: Sequence[_Column]) -> str:
    names = [shown(column.name) or "''" for column in columns[:20]]
    return ", ".join(names) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
