"""A learner's progress on disk: locked, replaced whole, numbered, and restored when a file is damaged."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from regulab.atomic import replacing
from regulab.errors import RegulabError

FORMAT = 1
LARGEST = 1_000_000  # bytes; a real file has a few thousand
PATIENCE = 5.0  # seconds to wait for another tab's change
TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
VERDICTS = ("passed", "not yet", "not attempted", "could not check")


class ProgressError(RegulabError):
    """The progress can be neither read nor written."""


class StaleError(ProgressError):
    """Another tab has changed the progress since this one read it; `latest` is what it is now."""

    def __init__(self, latest: Progress) -> None:
        self.latest = latest
        super().__init__("The progress was changed in another window since this one read it.")


@dataclass(frozen=True)
class TaskProgress:
    """How far a learner is with one task.

    Attributes:
        done: Whether a check of it has passed.
        checks: How often it was checked.
        verdict: What the last check said, or an empty string.
        message: The words that came with it.
        hints: How many hints were opened.
        solution: Whether the solution was opened.
    """

    done: bool = False
    checks: int = 0
    verdict: str = ""
    message: str = ""
    hints: int = 0
    solution: bool = False

    @classmethod
    def read(cls, document: Any) -> TaskProgress:
        """The one in a document of plain values."""
        task = cls(**document)
        plain = all(type(getattr(task, name)) is type(field_.default) for name, field_ in cls._fields())
        if not plain or task.checks < 0 or task.hints < 0 or task.verdict not in ("", *VERDICTS):
            raise ValueError("not the progress of a task")
        return task

    @classmethod
    def _fields(cls) -> Iterator[tuple[str, Any]]:
        yield from cls.__dataclass_fields__.items()

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name, _ in self._fields()}


@dataclass(frozen=True)
class Progress:
    """Where a learner is in a session.

    Attributes:
        session: Name of the session.
        revision: Counts the changes, so that one window does not overwrite another's.
        current: Id of the task that is open, or an empty string.
        tasks: Progress with each task that was touched, by its id.

    Example:
        >>> progress = Progress("avoid-overfitting").checked("baseline", "not yet", "One layer is missing.")
        >>> progress.tasks["baseline"].checks, progress.tasks["baseline"].done
        (1, False)
    """

    session: str
    revision: int = 0
    current: str = ""
    tasks: Mapping[str, TaskProgress] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Any) -> Progress:
        """The one in a document of plain values; raises `ValueError`, `TypeError` or `KeyError` if it is damaged."""
        session, revision, current = document["session"], document["revision"], document["current"]
        if not (isinstance(session, str) and type(revision) is int and revision >= 0 and isinstance(current, str)):
            raise ValueError("not the progress of a session")
        tasks = {_task_id(name): TaskProgress.read(task) for name, task in document["tasks"].items()}
        return cls(session, revision, current, tasks)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        tasks = {name: task.document() for name, task in self.tasks.items()}
        return {
            "format": FORMAT,
            "session": self.session,
            "revision": self.revision,
            "current": self.current,
            "tasks": tasks,
        }

    def opened(self, task: str) -> Progress:
        """With this task open."""
        return replace(self, current=_task_id(task))

    def checked(self, task: str, verdict: str, message: str) -> Progress:
        """With one more check of this task; what was once passed stays done."""
        before = self.of(task)
        done = before.done or verdict == "passed"
        return self._with(task, done=done, checks=before.checks + 1, verdict=verdict, message=message[:4000])

    def hinted(self, task: str, hints: int) -> Progress:
        """With this many hints of the task opened."""
        return self._with(task, hints=max(hints, self.of(task).hints))

    def solved(self, task: str) -> Progress:
        """With the solution of this task opened."""
        return self._with(task, solution=True)

    def of(self, task: str) -> TaskProgress:
        """Progress with one task."""
        return self.tasks.get(task, TaskProgress())

    def _with(self, task: str, **changes: Any) -> Progress:
        return replace(self, tasks={**self.tasks, _task_id(task): replace(self.of(task), **changes)})


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
            new = act(old)
            if new == old:
                return old
            new = replace(new, revision=old.revision + 1)
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
            draft.write_text(json.dumps(progress.document(), indent=1, ensure_ascii=False), encoding="utf-8")
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


def _task_id(name: str) -> str:
    if not TASK_ID.match(name):
        raise ValueError(f"not the id of a task: {name!r:.80}")
    return name


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
