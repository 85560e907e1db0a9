"""A session as one .zip file to hand out: packed the same every time, and unpacked within limits.

No archive can decide where a file is written: only regular files with plain relative names are accepted. Sizes are
counted while unpacking; what the archive says about them is ignored.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.lab.authoring.records import SESSION, Session
from regulab.lab.authoring.session_files import MAX_BYTES, MAX_FILES, files_of, hidden
from regulab.lab.user_dirs import cache_folder

#: The longest path inside an archive, in characters.
MAX_PATH = 200
_CHUNK = 1 << 16
# The earliest time that a zip file can hold: the same session gives the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def pack(session: Session, target: Path) -> None:
    """Write a session's files into an archive, in one folder named like the session.

    Raises:
        InputError: If the file cannot be written.
    """
    try:
        with replacing(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files_of(session.folder):
                entry = zipfile.ZipInfo(f"{session.name}/{name}", date_time=_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(entry, path.read_bytes())
    except OSError as error:
        raise InputError(f"Expected a file that can be written. Received: {target} ({error.strerror}).") from None


def unpack(archive: Path, *, into: Path | None = None) -> Path:
    """The folder of a session that came as an archive. It is unpacked once, into a folder named after its content.

    Args:
        archive: The file. It holds the session, either directly or in a single folder.
        into: Where unpacked sessions are kept: by default, in the user's cache.

    Raises:
        InputError: If it is not an archive of a session, or holds anything but plain files within the limits.
    """
    into = into or cache_folder() / "sessions"
    try:
        if archive.stat().st_size > MAX_BYTES:
            raise _refused(archive, f"more than {MAX_BYTES // 1_000_000} MB")
        # The archive's name counts too: a session without a folder of its own is named after it.
        target = into / hashlib.sha256(archive.stem.encode() + b"\0" + archive.read_bytes()).hexdigest()
        if not target.is_dir():
            into.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=into, prefix=".unpacking-"))
            try:
                _extract(archive, draft)
                _move(draft, target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return _session_in(archive, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise _refused(archive, f"a file that cannot be unpacked ({error})") from None
    except OSError as error:
        raise InputError(f"Expected an archive that can be unpacked. Received: {archive} ({error.strerror}).") from None


def _extract(archive: Path, target: Path) -> None:
    remaining = MAX_BYTES
    with zipfile.ZipFile(archive) as opened:
        files = list(_regular_files(archive, opened.infolist()))
        if any(name.as_posix() == SESSION for _, name in files):
            if hidden(PurePosixPath(archive.stem)):
                raise _refused(archive, "a session without a folder, in an archive whose name cannot be that of one")
            target = target / archive.stem
        for entry, name in files:
            path = target.joinpath(*name.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(entry) as source, path.open("xb") as file:
                while chunk := source.read(min(_CHUNK, remaining + 1)):
                    remaining -= len(chunk)
                    if remaining < 0:
                        raise _refused(archive, f"more than {MAX_BYTES // 1_000_000} MB when unpacked")
                    file.write(chunk)


def _regular_files(archive: Path, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The regular files of an archive, once all entries have been found to be harmless."""
    if len(entries) > MAX_FILES:
        raise _refused(archive, f"{len(entries):,} files, more than {MAX_FILES:,}")
    files: dict[str, tuple[zipfile.ZipInfo, PurePosixPath]] = {}
    for entry in entries:
        stored_name = entry.orig_filename
        name = PurePosixPath(stored_name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        unusual = len(stored_name) > MAX_PATH or any(
            character in '\\:*?"<>|' or not character.isprintable() for character in stored_name
        )
        if unusual or name.is_absolute() or ".." in name.parts or not name.parts:
            raise _refused(archive, f"a file called {stored_name!r:.80}")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(archive, f"a link or a device called {stored_name!r:.80}")
        if entry.flag_bits & 1:
            raise _refused(archive, "a file with a password")
        # Files that macOS and editors leave behind are not part of a session.
        if entry.is_dir() or hidden(name) or name.parts[0] == "__MACOSX":
            continue
        if name.as_posix().casefold() in files:
            raise _refused(archive, f"two files called {stored_name!r:.80}")
        files[name.as_posix().casefold()] = entry, name
    yield from files.values()


def _move(draft: Path, target: Path) -> None:
    try:
        os.replace(draft, target)  # noqa: PTH105 - a folder, whole
    except OSError:
        # Another program may have unpacked the same archive in the meantime.
        if not target.is_dir():
            raise


def _session_in(archive: Path, folder: Path) -> Path:
    sessions = [path for path in folder.iterdir() if (path / SESSION).is_file()]
    if len(sessions) != 1:
        raise _refused(archive, f"{len(sessions) or 'no'} folders with a {SESSION}")
    return sessions[0]


def _refused(archive: Path, received: str) -> InputError:
    return InputError(
        f"Expected a session's files in {archive.name}. Received: {received}. "
        "`regulab session pack` writes such a file."
    )
