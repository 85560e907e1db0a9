"""The run folder: plain files that any tool can read, each replaced atomically.

`study.json` holds what was asked, `histories.csv` one measured value a line, `losses.npz` the data loss
of each validation and test example at every member's best epoch, `results.json` what came out.
"""

from __future__ import annotations

import csv
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.histories.history import Histories, History

STUDY, HISTORIES, LOSSES, RESULTS = "study.json", "histories.csv", "losses.npz", "results.json"
_COLUMNS = ("variant", "seed", "epoch", "measure", "value")

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class ExampleLosses:
    """Data losses of single examples at a member's best epoch.

    Attributes:
        validation: Shape `(n_validation,)`.
        test: Shape `(n_test,)`, or None where there is no test split.
    """

    validation: np.ndarray
    test: np.ndarray | None = None

    def __repr__(self) -> str:
        test = "no" if self.test is None else f"{len(self.test):,}"
        return f"<ExampleLosses: {len(self.validation):,} validation and {test} test examples>"


#: Example losses by variant and seed.
LossTable = Mapping[tuple[str, int], ExampleLosses]


def to_json(document: Any) -> str:
    """A document as JSON; values that JSON cannot hold (NaN, infinity) become null."""
    return json.dumps(plain(document), indent=2, allow_nan=False)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document as `to_json` has it."""
    with replacing(path) as draft:
        draft.write_text(to_json(document) + "\n", encoding="utf-8")


def read_json(path: Path) -> Document:
    """Read a JSON document.

    Raises:
        InputError: If the file is missing or not JSON.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from None
    except (ValueError, RecursionError) as error:  # also of too many digits, or of brackets too deep
        raise InputError(f"Expected JSON in {path}. Received: {error}.") from None
    if not isinstance(document, dict):
        raise InputError(f"Expected a JSON object in {path}. Received: {type(document).__name__}.")
    return document


def write_histories(path: Path, histories: Histories) -> None:
    """Write histories in long form: variant, seed, 0-based epoch, measure, value."""
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for member in histories:
            for measure, values in member.measures.items():
                writer.writerows(
                    (member.variant, member.seed, epoch, measure, value) for epoch, value in enumerate(values)
                )


def read_histories(path: Path) -> Histories:
    """Read what `write_histories` wrote.

    Raises:
        InputError: If the file is missing, has other columns or a line that cannot be read, or ends early.
    """
    found: dict[tuple[str, int], dict[str, list[float]]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = tuple(next(rows, ()))
            if header != _COLUMNS:
                raise InputError(
                    f"Expected the columns {', '.join(_COLUMNS)} in {path}. "
                    f"Received: {', '.join(header) or 'an empty file'}."
                )
            for line, row in enumerate(rows, start=2):
                try:
                    if len(row) != len(_COLUMNS):
                        raise ValueError(f"{len(row)} values instead of {len(_COLUMNS)}")
                    variant, seed, epoch, measure, value = row
                    values = found.setdefault((variant, int(seed)), {}).setdefault(measure, [])
                    if int(epoch) != len(values):
                        raise ValueError(f"epoch {epoch} after {len(values)} epochs")
                    values.append(float(value))
                except ValueError as error:
                    raise InputError(f"Cannot read line {line} of {path}: {error}.") from None
    except OSError as error:
        raise _unreadable(path, error) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"Expected text in CSV format in {path}. Received: {error}.") from None
    for (name, number), measures in found.items():
        lengths = {measure: len(values) for measure, values in measures.items()}
        short = min(lengths, key=lengths.__getitem__)
        if lengths[short] < max(lengths.values()):
            raise InputError(
                f"Expected all measures after every epoch in {path}. Received: {lengths[short]} of "
                f"{max(lengths.values())} epochs of '{short}' for '{name}', seed {number}. Run the study again."
            )
    return Histories(
        tuple(
            History(variant, seed, {name: tuple(values) for name, values in measures.items()})
            for (variant, seed), measures in found.items()
        )
    )


def write_losses(path: Path, losses: LossTable) -> None:
    """Write the data losses of single examples, as float32 arrays named `variant/seed/split`."""
    arrays = {
        f"{variant}/{seed}/{split}": values.astype(np.float32)
        for (variant, seed), entry in losses.items()
        for split, values in (("validation", entry.validation), ("test", entry.test))
        if values is not None
    }
    with replacing(path) as draft:
        np.savez(draft, **arrays)  # type: ignore[arg-type]


def read_losses(path: Path) -> dict[tuple[str, int], ExampleLosses]:
    """Read what `write_losses` wrote.

    Raises:
        InputError: If the file is missing or damaged.
    """
    parts: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    try:
        # Opened here, since np.load leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for name in arrays.files:
                variant, seed, split = name.rsplit("/", 2)
                parts.setdefault((variant, int(seed)), {})[split] = arrays[name]
    except (BadZipFile, zlib.error, AttributeError, EOFError, KeyError, RuntimeError, TypeError, ValueError):
        raise InputError(
            f"Expected a complete archive of example losses. Received: {path}, which is damaged or of another kind. "
            "Run the study again."
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    for (variant, seed), entry in parts.items():
        if "validation" not in entry:
            raise InputError(
                f"Expected validation losses of every member in {path}. Received: none of '{variant}', seed {seed}. "
                "Run the study again."
            )
    return {key: ExampleLosses(entry["validation"], entry.get("test")) for key, entry in parts.items()}


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError) and path.parent.is_dir():
        return InputError(f"Expected a run folder with {path.name}. Received: {path.parent}, which has none.")
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        kind = "is a file" if path.parent.exists() else "does not exist"
        return InputError(f"Expected a run folder. Received: {path.parent}, which {kind}.")
    return InputError(f"Expected a readable {path.name} in {path.parent}. Received: {error.strerror or error}.")


def plain(value: Any) -> Any:
    """The value as JSON can hold it: NaN and infinity become None, tuples lists, numpy numbers Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
