"""Which files a session consists of, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePath

from regulab.errors import InputError

#: A folder of text is not larger than this, in bytes and files.
MAX_BYTES, MAX_FILES = 20_000_000, 1_000


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each file of a session, in order.

    Raises:
        InputError: If a file leads out of the folder, or there are too many or too large ones.
    """
    root, size = folder.resolve(), 0
    # A link to a folder counts as a file, and is refused as one: the digest would not cover what is read through it.
    files = [
        path
        for path in sorted(root.rglob("*"))
        if not hidden(path.relative_to(root)) and (path.is_symlink() or not path.is_dir())
    ]
    if len(files) > MAX_FILES:
        raise InputError(f"Expected at most {MAX_FILES:,} files in a session. Received: {len(files):,} in {folder}.")
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or not path.resolve().is_relative_to(root):
            raise InputError(f"{name}: Expected a file of the session itself. Received: a link. Replace it by a copy.")
        size += path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"Expected a session of at most {MAX_BYTES // 1_000_000} MB. Received: more in {folder}.")
        yield name, path


def digest_of(folder: Path) -> str:
    """SHA-256 over the names and contents of a session's files.

    Raises:
        InputError: If a file leads out of the folder, or there are too many or too large ones.
    """
    digest = hashlib.sha256()
    for name, path in files_of(folder):
        content = path.read_bytes()
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def visible(folder: Path, pattern: str) -> list[Path]:
    """The files of a session in one of its folders, in order; none where there is no folder."""
    return sorted(path for path in folder.glob(pattern) if not hidden(PurePath(path.name)))


def hidden(path: PurePath) -> bool:
    """Whether a file belongs to an editor, git or Python, and not to the session."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)
