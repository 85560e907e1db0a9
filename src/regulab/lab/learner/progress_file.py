"""Progress on disk: locked, replaced whole, numbered, and restored when a file is damaged."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from regulab.atomic import replacing
from regulab.lab.learner.progress import FORMAT, Progress, ProgressError, StaleError

LARGEST = 1_000_000  # bytes; a real file has a few thousand
PATIENCE = 5.0  # seconds to wait for another tab's change


class ProgressFile:
    """The progress with one session, in a folder.

    Args:
        folder: Where `progress.json`, a copy of the one before it, and the lock lie.
        session: Name of the session.
    """

    def __init__(self, folder: Path, session: str) -> None:
        self.session = session
        self.path = folder / "progress.json"
        self._before = folder / "progress-before.json"
        self._lock = folder / "progress.lock"
        self._notice = folder / "progress-notice.txt"

    def load(self) -> Progress:
        """The progress now; a damaged file is set aside and the last good one takes its place."""
        with self._locked():
            return self._load()

    def change(self, act: Callable[[Progress], Progress], *, revision: int | None = None) -> Progress:
        """Change the progress and write it, in one step that no other window can come between.

        Args:
            act: Gives the new progress from the old.
            revision: What the window that asks has seen; None for changes that cannot undo another's.

        Raises:
            StaleError: If another change came first.
            ProgressError: If the files cannot be read or written.
        """
        with self._locked():
            old = self._load()
            if revision is not None and revision != old.revision:
                raise StaleError(old)
            if act(old) == old:
                return old
            # What has passed since the last sign goes to the task that was open.
            new = replace(act(old.at(time.time())), revision=old.revision + 1)
            self._write(new)
            return new

    def notice(self) -> str:
        """What the learner has to be told about the files, or an empty string."""
        try:
            return self._notice.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def dismiss_notice(self) -> None:
        """The learner has read it."""
        self._notice.unlink(missing_ok=True)

    def _load(self) -> Progress:
        damaged = False
        for path in (self.path, self._before):
            try:
                progress = self._parse(path)
            except FileNotFoundError:
                continue
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                self._set_aside(path)
                damaged = True
                continue
            if path == self._before:
                self._restore(progress)
            return progress
        if damaged:
            self._tell("Your saved progress was damaged and no earlier copy of it could be read, so it starts anew.")
        return Progress(self.session)

    def _parse(self, path: Path) -> Progress:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        document = json.loads(path.read_text(encoding="utf-8"))
        if type(document["format"]) is int and document["format"] > FORMAT:
            raise ProgressError(
                f"Expected progress in format {FORMAT}. Received: format {document['format']} in {path.name}, which "
                "a later regulab has written. Use that version, or another folder."
            )
        progress = Progress.read(document)
        if progress.session != self.session:
            raise ProgressError(
                f"Expected a folder for the session {self.session}. Received: the progress of {progress.session} in "
                f"{path.name}. Use another folder."
            )
        return progress

    def _set_aside(self, path: Path) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        kept = path.with_name(f"progress-damaged-{stamp}-{time.time_ns() % 1_000_000:06}{path.suffix}")
        path.replace(kept)

    def _restore(self, progress: Progress) -> None:
        self._put(self.path, progress)
        self._tell(
            "Your saved progress was missing or damaged. The last good copy is in use again; one step may be missing. "
            "A damaged file is kept beside it."
        )

    def _write(self, progress: Progress) -> None:
        if self.path.exists():
            with replacing(self._before) as draft:
                draft.write_bytes(self.path.read_bytes())
                _to_disk(draft)
        self._put(self.path, progress)

    def _put(self, path: Path, progress: Progress) -> None:
        with replacing(path) as draft:
            text = json.dumps(progress.document(), indent=1, ensure_ascii=False)
            # Half a pair of surrogates, which a message may quote, is written as JSON escapes it.
            draft.write_text(text, encoding="utf-8", errors="backslashreplace")
            _to_disk(draft)

    def _tell(self, text: str) -> None:
        with replacing(self._notice) as draft:
            draft.write_text(text, encoding="utf-8")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.open("a+b") as file:
                _take(file)
                try:
                    yield
                finally:
                    _give_back(file)
        except OSError as error:
            raise ProgressError(f"The progress cannot be kept in {self.path.parent} ({error.strerror}).") from None


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _take(file: Any) -> None:
    """Lock an open file; the system gives the lock back when a process dies."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _lock_now(file)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise ProgressError("The progress is locked by another program for too long. Try again.") from None
            time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def _lock_now(file: Any) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give_back(file: Any) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock_now(file: Any) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(file: Any) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
