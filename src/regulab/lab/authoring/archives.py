"""A session as one .zip file, to hand out: packed the same every time, unpacked with limits and without surprises.

Nothing in an archive decides where a file is written: only plain relative names of regular files are taken, and sizes
are counted while unpacking, not believed.
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
from regulab.lab.authoring.session_files import LARGEST, MOST_FILES, files_of, hidden
from regulab.lab.user_dirs import cache_folder

#: The longest path inside an archive, in characters.
LONGEST = 200
_CHUNK = 1 << 16
# The earliest time that a zip file can hold: the same session gives the same file.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack(session: Session, target: Path) -> None:
    """Write a session's files into an archive, in one folder of the session's name.

    Raises:
        InputError: If the file cannot be written.
    """
    try:
        with replacing(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files_of(session.folder):
                entry = zipfile.ZipInfo(f"{session.name}/{name}", date_time=_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(entry, path.read_bytes())
    except OSError as error:
        raise InputError(f"Expected a file that can be written. Received: {target} ({error.strerror}).") from None


def unpack(archive: Path, *, into: Path | None = None) -> Path:
    """The folder of a session that came as an archive; unpacked once, in a place that follows from its content.

    Args:
        archive: The file. The session lies in it, or in the one folder that it has.
        into: Where unpacked sessions are kept; in the user's cache by default.

    Raises:
        InputError: If it is no archive of a session, or holds anything but plain files within the limits.
    """
    into = into or cache_folder() / "sessions"
    try:
        if archive.stat().st_size > LARGEST:
            raise _refused(archive, f"more than {LARGEST // 1_000_000} MB")
        # With the name, which a session without a folder of its own takes from its archive.
        place = into / hashlib.sha256(archive.stem.encode() + b"\0" + archive.read_bytes()).hexdigest()
        if not place.is_dir():
            into.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=into, prefix=".unpacking-"))
            try:
                _extract(archive, draft)
                _move(draft, place)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return _session_in(archive, place)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise _refused(archive, f"a file that cannot be unpacked ({error})") from None
    except OSError as error:
        raise InputError(f"Expected an archive that can be unpacked. Received: {archive} ({error.strerror}).") from None


def _extract(archive: Path, target: Path) -> None:
    left = LARGEST
    with zipfile.ZipFile(archive) as opened:
        wanted = list(_wanted(archive, opened.infolist()))
        if any(name.as_posix() == SESSION for _, name in wanted):
            if hidden(PurePosixPath(archive.stem)):
                raise _refused(archive, "no folder in it, and no name to give it one")
            target = target / archive.stem
        for entry, name in wanted:
            path = target.joinpath(*name.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(entry) as source, path.open("xb") as file:
                while chunk := source.read(min(_CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise _refused(archive, f"more than {LARGEST // 1_000_000} MB when unpacked")
                    file.write(chunk)


def _wanted(archive: Path, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The regular files of an archive, once all entries were found to be harmless."""
    if len(entries) > MOST_FILES:
        raise _refused(archive, f"{len(entries):,} files, more than {MOST_FILES:,}")
    wanted: dict[str, tuple[zipfile.ZipInfo, PurePosixPath]] = {}
    for entry in entries:
        said = entry.orig_filename
        name = PurePosixPath(said)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        odd = len(said) > LONGEST or any(sign in '\\:*?"<>|' or not sign.isprintable() for sign in said)
        if odd or name.is_absolute() or ".." in name.parts or not name.parts:
            raise _refused(archive, f"a file called {said!r:.80}")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(archive, f"a link or a device called {said!r:.80}")
        if entry.flag_bits & 1:
            raise _refused(archive, "a file with a password")
        # What macOS and editors leave behind is no part of a session.
        if entry.is_dir() or hidden(name) or name.parts[0] == "__MACOSX":
            continue
        if name.as_posix().casefold() in wanted:
            raise _refused(archive, f"two files called {said!r:.80}")
        wanted[name.as_posix().casefold()] = entry, name
    yield from wanted.values()


def _move(draft: Path, place: Path) -> None:
    try:
        os.replace(draft, place)  # noqa: PTH105 - a folder, whole
    except OSError:
        # Another program has unpacked the same archive meanwhile.
        if not place.is_dir():
            raise


def _session_in(archive: Path, place: Path) -> Path:
    inside = [path for path in place.iterdir() if (path / SESSION).is_file()]
    if len(inside) != 1:
        raise _refused(archive, f"{len(inside) or 'no'} folders with a {SESSION}")
    return inside[0]


def _refused(archive: Path, received: str) -> InputError:
    return InputError(
        f"Expected a session's files in {archive.name}. Received: {received}. `regulab session pack` makes such a file."
    )
