"""Reading a log's text: the encoding by its first bytes, a limit on its size, and one message when it is no text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from regulab.errors import InputError
from regulab.histories.readers.column_names import shown
from regulab.printable import printable

#: Formats that `read_log` reads, for the error about any other.
KINDS = (
    "a CSV with a header (Keras's CSVLogger, Lightning's metrics.csv or your own), Keras's history as JSON, "
    "JSON lines with a record an epoch, "
    "Hugging Face's trainer_state.json, a TensorBoard folder or event file, or a regulab run folder"
)
_MAX_JSON = 100_000_000


_PRINTED = re.compile(rb"^(?:\x1b\[[0-9;]*m)*Epoch \d+/\d+\s*$", re.MULTILINE)


def refuse_printed(path: Path, start: bytes) -> None:
    """Refuse what Keras prints while it trains, which holds rounded numbers between progress bars.

    Raises:
        InputError: If the first bytes of the file show it.
    """
    if _PRINTED.search(start.replace(b"\0", b"")):
        raise unknown_format(
            path,
            "which is what Keras prints while it trains; it is not read. Pass "
            "callbacks=[keras.callbacks.CSVLogger('history.csv')] to fit and diagnose history.csv",
        )


def unknown_format(path: Path, received: str) -> InputError:
    """The error about a file that is none of the known logs."""
    return InputError(f"Expected {KINDS}. Received: {shown_path(path)}, {received}.")


def shown_path(path: Path) -> str:
    """A path as it can be shown."""
    return printable(path)


def name_of(path: Path) -> str:
    """What a person calls a log: the last part of its path."""
    return shown(path.name or path.resolve().name or path)


def head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file."""
    with reading(path), path.open("rb") as file:
        return file.read(size)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is read into one message."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"Expected a readable log. Received: {shown_path(path)} ({error.strerror or error})."
        ) from None
    except UnicodeError:
        # Spreadsheets save in the encoding of the machine.
        received = "which is no event file and no text in UTF-8; if it is text, save it as UTF-8"
        raise unknown_format(path, received) from None


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file in the encoding that its first bytes tell, UTF-8 without any.

    Raises:
        InputError: If it cannot be read or is no text.
    """
    start = head(path, 4)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    with reading(path), path.open(encoding="utf-16" if wide else "utf-8-sig") as file:
        yield file


def read_text(path: Path) -> str:
    """The whole text of a file that has to be read at once.

    Raises:
        InputError: If it cannot be read, is no text, or is too large.
    """
    with reading(path):
        size = path.stat().st_size
    if size > _MAX_JSON:
        raise InputError(
            f"Expected a JSON log of at most {_MAX_JSON // 1_000_000} MB. "
            f"Received: {shown_path(path)} with {size // 1_000_000} MB. "
            "Write one value an epoch, or a CSV with an epoch column."
        )
    with open_text(path) as file:
        return file.read()
