"""What a run folder records about its data."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.data.validate import count_known, repeats_by_chance, row_hashes


def describe(data: Dataset) -> dict[str, Any]:
    """Name, sizes, origin and two things that can be wrong without an error, as plain values.

    `fingerprint` tells data sets of the same name and size apart, so that no run is resumed on other data.
    `duplicates` counts the rows of other splits that the training split holds as well, beyond what rows of few
    possible values do by chance. Streams are not read for either.
    """
    sizes = {name: (split.size if isinstance(split, Stream) else len(split)) for name, split in data.splits()}
    held = {name: split for name, split in data.splits() if isinstance(split, Split)}
    hashes = {name: row_hashes(split.x) for name, split in held.items()}
    return {
        "name": data.name,
        "title": data.title,
        "train": sizes["train"],
        "validation": sizes["validation"],
        "test": sizes.get("test"),
        "synthetic": data.synthetic,
        "source": data.source,
        "validation_is_test": data.validation_is_test,
        "fingerprint": _fingerprint(held, hashes),
        "duplicates": _duplicates(hashes),
    }


def _fingerprint(held: dict[str, Split], hashes: dict[str, np.ndarray]) -> str:
    code = 0
    for name, split in held.items():
        code = zlib.crc32(hashes[name].tobytes(), code)
        code = zlib.crc32(np.ascontiguousarray(split.y).tobytes(), code)
    return f"{code:08x}"


def _duplicates(hashes: dict[str, np.ndarray]) -> dict[str, int]:
    if "train" not in hashes:
        return {}
    train = hashes["train"]
    counts: dict[str, int] = {}
    for name in ("validation", "test"):
        if name in hashes:
            shared = count_known(hashes[name], train)
            counts[name] = shared if shared > repeats_by_chance(train, hashes[name]) else 0
    return counts
