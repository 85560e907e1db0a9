"""The JSON in a file: one document, or an object on every line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories.readers.column_names import shown
from regulab.histories.readers.text import read_text, shown_path

#: An empty record is two characters of text and many times that in memory.
MOST_OBJECTS = 2_000_000


def parse(path: Path) -> tuple[Any, list[str]]:
    """The document in a file, a list of objects where each has a line of its own; and what was left out.

    Raises:
        InputError: If it cannot be read or is no JSON.
    """
    text = read_text(path)
    if text.count("{") + text.count("[") > MOST_OBJECTS:
        raise InputError(
            f"Expected at most {MOST_OBJECTS:,} records or lists in {shown_path(path)}. Received: more. "
            "Write one record an epoch, or a CSV with an epoch column."
        )
    try:
        return json.loads(text), []
    except (ValueError, RecursionError) as error:
        leading = list(islice(_lines(text), 2))
        if len(leading) < 2 or not isinstance(_object(leading[0][1]), dict):
            raise _no_json(path, text, error) from None
    records = []
    lines = _lines(text)
    for number, line in lines:
        record = _object(line)
        if isinstance(record, dict):
            records.append(record)
        elif isinstance(record, Exception) and not text.endswith("\n") and next(lines, None) is None:
            return records, ["Left out the last line, which was cut short."]
        else:
            raise InputError(
                f"Expected a JSON object in every line of {shown_path(path)}, as in its first. "
                f"Received: '{shown(line.strip())}' in line {number}."
            )
    return records, []


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank with their numbers from 1, one at a time."""
    # Not splitlines, which also takes characters that may stand within JSON for the end of a line.
    end = -1
    for number in count(1):
        start, end = end + 1, text.find("\n", end + 1)
        line = text[start:] if end < 0 else text[start:end]
        if line.strip():
            yield number, line
        if end < 0:
            return


def number(value: Any) -> float | None:
    """A value as a number, None where it is none.

    Example:
        >>> number(3), number("0.5"), number(True), number("much")
        (3.0, 0.5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _object(line: str) -> Any:
    """The value in a line, or what is wrong with it."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return error


def _no_json(path: Path, text: str, error: Exception) -> InputError:
    detail = " ".join(str(error).split())
    if text.lstrip().startswith("{'"):
        detail = "a dict as Python prints it; write it with json.dump(history.history, file)"
    return InputError(f"Expected JSON in {shown_path(path)}. Received: {detail}.")
