"""JSON documents on disk, without the numbers that JSON cannot hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from regulab.atomic import replacing
from regulab.errors import InputError

#: What a JSON file holds.
Document = dict[str, Any]


def plain(value: Any) -> Any:
    """The value as JSON can hold it: NaN and infinity become None, tuples lists, NumPy numbers Python's.

    Example:
        >>> plain({"loss": (0.5, float("nan")), "epoch": np.int64(3)})
        {'loss': [0.5, None], 'epoch': 3}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_json(document: Any) -> str:
    """A document as JSON text; values that JSON cannot hold (NaN, infinity) become null."""
    return json.dumps(plain(document), indent=2, allow_nan=False)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document as `to_json` has it, replacing the file as a whole."""
    with replacing(path) as draft:
        draft.write_text(to_json(document) + "\n", encoding="utf-8")


def read_json(path: Path) -> Document:
    """Read a JSON document.

    Raises:
        InputError: If the file is not a JSON object.
        OSError: If it cannot be opened.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # also too many digits, or brackets nested too deep
        raise InputError(f"Expected JSON in {path}. Received: {error}.") from None
    if not isinstance(document, dict):
        raise InputError(f"Expected a JSON object in {path}. Received: {type(document).__name__}.")
    return document
