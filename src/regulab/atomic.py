"""Files that are replaced in one step: a reader, or a run killed halfway, never sees half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, which takes the place of `path` when the block ends well.

    The suffix is kept, for writers that go by it.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "result.txt"
        >>> with replacing(target) as draft:
        ...     _ = draft.write_text("done", encoding="utf-8")
        >>> target.read_text(encoding="utf-8")
        'done'
    """
    draft = path.with_name(f".{path.stem}.{os.getpid()}.draft{path.suffix}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
