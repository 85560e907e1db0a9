"""The data loss of every validation and test example, which comparisons resample."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from regulab.atomic import replacing
from regulab.errors import InputError


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
        InputError: If the file is damaged or is something else.
        OSError: If it cannot be opened.
    """
    splits: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    try:
        # Opened here, since np.load leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for name in arrays.files:
                variant, seed, split = name.rsplit("/", 2)
                splits.setdefault((variant, int(seed)), {})[split] = arrays[name]
    except (BadZipFile, zlib.error, AttributeError, EOFError, KeyError, RuntimeError, TypeError, ValueError):
        raise InputError(
            f"Expected a complete archive of example losses. Received: {path}, which is damaged or of another kind. "
            "Run the study again."
        ) from None
    for (variant, seed), entry in splits.items():
        if "validation" not in entry:
            raise InputError(
                f"Expected validation losses of every member in {path}. Received: none of '{variant}', seed {seed}. "
                "Run the study again."
            )
    return {key: ExampleLosses(entry["validation"], entry.get("test")) for key, entry in splits.items()}
