"""The data loss of every validation and test example, which comparisons resample."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.histories.history import Histories


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


#: What reading an archive of arrays raises where it is none, or was changed.
DAMAGED_ARCHIVE = (
    BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    SyntaxError,
    MemoryError,
    OverflowError,
    struct.error,
)

#: Example losses by variant and seed.
LossTable = Mapping[tuple[str, int], ExampleLosses]


def losses_by_variant(losses: LossTable, histories: Histories, split: str) -> dict[str, np.ndarray]:
    """Every variant's losses in a split, seeds in the order of the histories, shape `(seeds, examples)`.

    Example:
        >>> from regulab.histories.history import History
        >>> losses = {("baseline", 0): ExampleLosses(np.array([0.1, 0.2]))}
        >>> losses_by_variant(losses, Histories((History("baseline", 0, {}),)), "validation")
        {'baseline': array([[0.1, 0.2]])}
    """
    rows: dict[str, list[np.ndarray]] = {}
    for member in histories:
        rows.setdefault(member.variant, []).append(getattr(losses[member.variant, member.seed], split))
    return {variant: np.stack(values) for variant, values in rows.items()}


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


def read_losses(
    path: Path,
    *,
    sizes: Mapping[str, int | None] | None = None,
    check_members: Callable[[AbstractSet[tuple[str, int]]], None] | None = None,
) -> dict[tuple[str, int], ExampleLosses]:
    """Read what `write_losses` wrote.

    The header of every array is checked before one is read, so no more memory is taken than the study's own losses
    need, whatever an archive unpacks to.

    Args:
        path: The file.
        sizes: Number of examples in the splits `validation` and `test`, None where it is not known.
        check_members: Called with all members in the file before the losses of one are read, to refuse others than
            the study's.

    Raises:
        InputError: If the file is damaged or is something else, or its arrays do not fit each other or `sizes`.
        OSError: If it cannot be opened.
    """
    splits: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    try:
        with ZipFile(path) as archive:
            headers = {_key(info.filename): _header(archive, info) for info in archive.infolist()}
            _check_sizes(headers, dict(sizes or {}), path)
            if check_members is not None:
                check_members({(variant, seed) for variant, seed, _ in headers})
            for (variant, seed, split), header in headers.items():
                with archive.open(header.name) as file:
                    array = np.lib.format.read_array(file, allow_pickle=False)
                splits.setdefault((variant, seed), {})[split] = array
    except InputError:
        raise
    except DAMAGED_ARCHIVE:
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


@dataclass(frozen=True)
class _Header:
    """What an archive says of one of its arrays."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    stored: int  # bytes, unpacked
    packed: int  # bytes in the file


def _key(name: str) -> tuple[str, int, str]:
    variant, seed, split = name.removesuffix(".npy").rsplit("/", 2)
    return variant, int(seed), split


def _header(archive: ZipFile, info: ZipInfo) -> _Header:
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    return _Header(info.filename, shape, dtype, info.file_size, info.compress_size)


def _check_sizes(headers: Mapping[tuple[str, int, str], _Header], sizes: dict[str, int | None], path: Path) -> None:
    """Refuse arrays that are no losses of the same examples, before any of them is read."""
    splits = {split: [header for key, header in headers.items() if key[2] == split] for *_, split in headers}
    for (variant, seed, split), header in headers.items():
        if split not in ("validation", "test"):
            raise ValueError("no split of that name")
        kind = f"{header.dtype} of shape {header.shape}"
        if header.dtype.kind != "f" or len(header.shape) != 1 or not header.shape[0]:
            expected = "a row of losses"
        elif sizes.get(split) is not None and header.shape != (sizes[split],):
            expected = f"the losses of {sizes[split]:,} examples"
        elif header.shape != splits[split][0].shape:
            expected = f"the losses of {splits[split][0].shape[0]:,} examples, as of the first member"
        elif header.shape[0] * header.dtype.itemsize > header.stored or (
            sizes.get(split) is None and header.packed < header.stored
        ):
            # Longer than what there is; or packed by another program, to a size that nothing else tells.
            raise ValueError("not as it was written")
        else:
            continue
        raise InputError(
            f"Expected {expected} for each member in {path}. "
            f"Received: {kind} for '{variant}', seed {seed}, {split}. Run the study again."
        )
