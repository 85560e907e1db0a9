"""Progress on disk: locked, replaced as a whole, numbered, and restored when a file is damaged."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from regulab.atomic import replacing
from regulab.lab.learner.progress import FORMAT, Progress, ProgressError, StaleError

LARGEST = 1_000_000  # bytes; a real file has a few thousand
PATIENCE = 5.0  # seconds to wait for another window's change


class ProgressFile:
    """The progress with one session, in a folder.

    Args:
        folder: Holds `progress.json`, a copy of the one before it, and the lock.
        session: Name of the session.
    """

    def __init__(self, folder: Path, session: str) -> None:
        self.session = session
        self.path = folder / "progress.json"
        self._before = folder / "progress-before.json"
        self._lock = folder / "progress.lock"
        self._notice = folder / "progress-notice.txt"

    def load(self) -> Progress:
        """The progress now; a damaged file is set aside, and the last good one takes its place."""
        with self._locked():
            return self._load()

    def change(self, act: Callable[[Progress], Progress], *, revision: int | None = None) -> Progress:
        """Change the progress and write it, in one step that no other window can interrupt.

        Args:
            act: Makes the new progress from the old.
            revision: The revision that the window asking has seen; None for changes that cannot undo another's.

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
            # The time since the last action goes to the task that was open.
            new = replace(act(old.at(time.time())), revision=old.revision + 1)
            self._write(new)
            return new

    def notice(self) -> str:
        """What the learner should know about the files, or an empty string."""
        try:
            return self._notice.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def dismiss_notice(self) -> None:
        """Forget the notice: the learner has read it."""
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
            self._write_notice(
                "Your saved progress was damaged, and no earlier copy could be read. You start from the beginning."
            )
        return Progress(self.session)

    def _parse(self, path: Path) -> Progress:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        document = json.loads(path.read_text(encoding="utf-8"))
        if type(document["format"]) is int and document["format"] > FORMAT:
            raise ProgressError(
                f"Expected progress in format {FORMAT}. Received: format {document['format']} in {path.name}, written "
                "by a later regulab. Use that version, or another folder."
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
        aside = path.with_name(f"progress-damaged-{stamp}-{time.time_ns() % 1_000_000:06}{path.suffix}")
        path.replace(aside)

    def _restore(self, progress: Progress) -> None:
        self._write_file(self.path, progress)
        self._write_notice(
            "Your saved progress was missing or damaged. The last good copy was restored, so your last step may be "
            "missing. A damaged file is kept in the same folder."
        )

    def _write(self, progress: Progress) -> None:
        if self.path.exists():
            with replacing(self._before) as draft:
                draft.write_bytes(self.path.read_bytes())
                _to_disk(draft)
        self._write_file(self.path, progress)

    def _write_file(self, path: Path, progress: Progress) -> None:
        with replacing(path) as draft:
            text = json.dumps(progress.document(), indent=1, ensure_ascii=False)
            # A message may quote half a surrogate pair, which is written as JSON's escape for it.
            draft.write_text(text, encoding="utf-8", errors="backslashreplace")
            _to_disk(draft)

    def _write_notice(self, text: str) -> None:
        with replacing(self._notice) as draft:
            draft.write_text(text, encoding="utf-8")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # A lock of its own for each change: the handlers' threads must wait for each other, too.
            with FileLock(self._lock, timeout=PATIENCE, poll_interval=0.01):
                yield
        except Timeout:
            raise ProgressError("Another program has locked your progress for too long. Try again.") from None
        except OSError as error:
            raise ProgressError(f"Your progress cannot be saved in {self.path.parent} ({error.strerror}).") from None


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
