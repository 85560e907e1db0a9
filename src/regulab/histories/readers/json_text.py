"""The JSON in a file: one document, or an object on every line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories.readers.column_names import shown
from regulab.histories.readers.text import read_text, shown_path


def parse(path: Path) -> tuple[Any, list[str]]:
    """The document in a file, a list of objects where each has a line of its own; and what was left out.

    Raises:
        InputError: If it cannot be read or is no JSON.
    """
    text = read_text(path)
    try:
        return json.loads(text), []
    except (ValueError, RecursionError) as error:
        # Not splitlines, which also takes characters that may stand within JSON for the end of a line.
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2 or not isinstance(_object(lines[0][1]), dict):
            raise _no_json(path, text, error) from None
    records = []
    for number, line in lines:
        record = _object(line)
        if isinstance(record, dict):
            records.append(record)
        elif number == lines[-1][0] and isinstance(record, Exception) and not text.endswith("\n"):
            return records, ["Left out the last line, which was cut short."]
        else:
            raise InputError(
                f"Expected a JSON object in every line of {shown_path(path)}, as in its first. "
                f"Received: '{shown(line.strip())}' in line {number}."
            )
    return records, []


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
