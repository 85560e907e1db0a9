"""Files that `--out` names: nothing is overwritten, and what cannot be written is one message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulab.atomic import replacing
from regulab.errors import InputError


def new_file(out: str) -> Path:
    """The path, unless something is there.

    Raises:
        InputError: If it exists.
    """
    target = Path(out)
    if target.exists():
        raise InputError(f"Expected --out to be a new file. Received: {out}, which exists.")
    return target


@contextmanager
def writing(target: Path) -> Iterator[Path]:
    """A draft that takes the place of the file when the block ends well.

    Raises:
        InputError: If it cannot be written.
    """
    try:
        with replacing(target) as draft:
            yield draft
    except OSError as error:
        raise InputError(
            f"Expected --out where a file can be written. Received: {target} ({error.strerror})."
        ) from None
