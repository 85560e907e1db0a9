"""TensorBoard folders: Keras's runs train/ and validation/, and tags such as Loss/train of other writers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.readers.column_names import Naming, name_columns, names_split, shown
from regulab.histories.readers.epoch_assignment import FEW_EPOCHS, epochs_of_fractions, epochs_of_validations
from regulab.histories.readers.epoch_table import EpochTable
from regulab.histories.readers.events import EventFile, read_event_files
from regulab.histories.readers.number_block import NumberBlock
from regulab.histories.readers.text import name_of, shown_path

_SPLIT_FOLDERS = {
    **dict.fromkeys(("train", "training"), ""),
    **dict.fromkeys(("validation", "val", "valid", "eval", "dev"), "val_"),
    "test": "test_",
}

#: Values by step, for each measure.
Points = dict[str, dict[float, float]]


def read_tensorboard(
    path: Path, *, files: list[Path], train_column: str | None = None, val_column: str | None = None
) -> Histories:
    """Read every run in a TensorBoard folder, or a single event file.

    Args:
        path: The folder or the file.
        files: The event files in it.
        train_column: The tag of the training loss; found by its name if None.
        val_column: The tag of the validation loss; found by its name if None.

    Raises:
        MissingDependencyError: If the tensorboard package is not installed.
        InputError: If no run has a loss or a metric.
    """
    runs: dict[Path, list[EventFile]] = {}
    for file in read_event_files(files):
        runs.setdefault(_run_folder(file), []).append(file)
    members: list[History] = []
    refused: list[InputError] = []
    for folder, parts in runs.items():
        inner = folder.relative_to(path) if path.is_dir() and folder.is_relative_to(path) else Path()
        name = name_of(folder if path.is_dir() else path) if inner == Path() else shown(inner.as_posix())
        try:
            members += _run(name, parts, where=shown_path(folder), train_column=train_column, val_column=val_column)
        except InputError as error:
            refused.append(error)
    if not members:
        raise refused[0] if refused else InputError(f"Expected a run with a loss. Received: {shown_path(path)}.")
    notes = _beside(path, files)
    if refused:
        # Evaluations and projections often have folders of their own.
        notes.append(f"Left out {len(refused)} folder{'s' if len(refused) > 1 else ''} without a loss.")
    return Histories(tuple(replace(member, notes=(*member.notes, *notes)) for member in members))


def _beside(path: Path, files: Sequence[Path]) -> list[str]:
    """A note where the path is the folder of one split and another split's lies beside it.

    A folder of runs may be called `test` or `dev`, too: its files lie deeper.
    """
    path = path.resolve()
    if path.name not in _SPLIT_FOLDERS or not any(file.resolve().parent == path for file in files):
        return []
    others = [name for name, split in _SPLIT_FOLDERS.items() if split != _SPLIT_FOLDERS[path.name]]
    there = [name for name in others if any((path.parent / name).glob("*tfevents*"))]
    return [f"Read {path.name} alone. To read {there[0]} with it, name the folder that holds both."] if there else []


def _run_folder(file: EventFile) -> Path:
    """The folder of the run that a file belongs to.

    PyTorch's `add_scalars("Loss", {"train": ..., "val": ...})` writes the tag `Loss` to folders `Loss_train` and
    `Loss_val` of the run. Such a tag is renamed, to `train Loss`.
    """
    folder = file.path.parent
    if folder.name in _SPLIT_FOLDERS:
        return folder.parent
    tag = next(iter(file.points), "")
    main = f"{tag.replace('/', '_')}_"
    if len(file.points) == 1 and folder.name.startswith(main) and names_split(part := folder.name[len(main) :]):
        file.points = {f"{part} {tag}": file.points[tag]}
        return folder.parent
    return folder


def _run(
    name: str, files: Sequence[EventFile], *, where: str, train_column: str | None, val_column: str | None
) -> list[History]:
    """The trainings that wrote to one folder, one after the other."""
    if any(tag.startswith("epoch_") for file in files for tag in file.points):
        # Keras; its other tags are batches, and evaluations by iteration.
        for file in files:
            file.points = {
                tag.removeprefix("epoch_"): pairs for tag, pairs in file.points.items() if tag.startswith("epoch_")
            }
    trainings = _trainings(files)
    members = []
    for number, parts in enumerate(trainings, start=1):
        notes = []
        if len(trainings) > 1:
            notes.append(f"{len(trainings)} trainings wrote to this folder: this is number {number}.")
        if any(file.damaged for file in parts):
            notes.append("Left out the end of an event file, which was cut short.")
        points, resumed = _points(parts)
        if resumed:
            notes.append("A resumed training wrote epochs again: kept the later run.")
        naming = name_columns(list(points), train_column=train_column, val_column=val_column, where=where)
        label = name if len(trainings) == 1 else f"{name} ({number})"
        members.append(_history(label, points, naming, notes, where=where))
    return members


def _trainings(files: Sequence[EventFile]) -> list[list[EventFile]]:
    """Files by training: one that starts again at the first step is another training, a later step a resumed one."""
    files = sorted((file for file in files if file.points), key=lambda file: file.started)
    lead = next((file.path.parent for file in files if _SPLIT_FOLDERS.get(file.path.parent.name, "") == ""), None)
    trainings: list[list[EventFile]] = []
    first: int | None = None
    tags: set[str] = set()
    for file in files:
        start = min(step for points in file.points.values() for step, _ in points)
        leads = lead is None or file.path.parent == lead
        # Another file of the same moment may hold other tags, as PyTorch's hparams do.
        again = bool(tags & file.points.keys())
        if not trainings or (leads and again and first is not None and start <= first):
            trainings.append([])
            first, tags = None, set()
        if leads:
            first = start if first is None else min(first, start)
            tags |= file.points.keys()
        trainings[-1].append(file)
    return trainings or [list(files)]


def _points(files: Sequence[EventFile]) -> tuple[Points, bool]:
    """Values by step of every measure, and whether some steps were written twice."""
    points: Points = {}
    resumed = False
    for file in files:
        prefix = _SPLIT_FOLDERS.get(file.path.parent.name)
        for tag, pairs in file.points.items():
            values = points.setdefault((prefix or "") + tag, {})
            last = next(reversed(values), None)
            for step, value in pairs:
                if last is not None and step <= last:
                    resumed = True
                    while values and next(reversed(values)) >= step:
                        values.popitem()  # steps ascend, so those from this one on are the last
                values[step] = value
                last = step
    return points, resumed


def _history(name: str, points: Points, naming: Naming, notes: list[str], *, where: str) -> History:
    tags = list(points)
    chosen = {measure: points[tags[position]] for measure, position in naming.columns.items()}
    counter = next((points[tag] for tag in tags if tag.lower() in ("epoch", "train/epoch")), None)
    steps = np.array(sorted({step for values in chosen.values() for step in values}), dtype=np.float64)
    shape = (len(steps), len(chosen))
    block = NumberBlock(np.full(shape, np.nan), np.zeros(shape, dtype=bool))
    for column, values in enumerate(chosen.values()):
        rows = np.searchsorted(steps, np.array(list(values), dtype=np.float64))
        block.values[rows, column] = list(values.values())
        block.valid[rows, column] = True
    table = EpochTable(list(chosen), averaged=naming.averaged, where=where, stepped=True)
    table.add(_epochs(steps, chosen, counter, notes), block)
    return table.history(name, notes=[*naming.notes, *notes])


def _epochs(
    steps: np.ndarray,
    chosen: Mapping[str, Mapping[float, float]],
    counter: Mapping[float, float] | None,
    notes: list[str],
) -> np.ndarray:
    """The epoch of every step; NaN for steps after the last validation."""
    ends = np.array(sorted(chosen.get("val_loss", {})), dtype=np.float64)
    if counter:
        counted_steps = np.array(sorted(counter), dtype=np.float64)
        counted = np.array([counter[step] for step in counted_steps])
        epochs = counted[np.clip(np.searchsorted(counted_steps, steps, side="right") - 1, 0, None)]
        if (epochs != np.floor(epochs)).any():
            epochs = epochs_of_fractions(epochs)
        if len(ends) <= len(np.unique(epochs)) or len(np.unique(epochs)) >= FEW_EPOCHS:
            return epochs
    training = chosen.get("loss", {})
    if not len(ends) or not training or (set(ends) <= set(training) and len(training) <= 2 * len(ends)):
        if len(steps) and (np.diff(steps) != 1).any() and not _mostly_whole(steps):
            notes.append("Each logged step counts as one epoch.")
            return np.arange(len(steps), dtype=np.float64)
        return steps
    notes.append("Each validation counts as the end of an epoch.")
    epochs = epochs_of_validations(np.isin(steps, ends))
    epochs[steps > ends[-1]] = np.nan
    return epochs


def _mostly_whole(steps: np.ndarray) -> bool:
    """Whether steps read as epochs of which a few are missing."""
    return bool(np.median(np.diff(steps)) == 1)
