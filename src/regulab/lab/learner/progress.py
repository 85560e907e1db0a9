"""A learner's progress with a session, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from regulab.errors import RegulabError
from regulab.lab.grading.verdicts import Verdict
from regulab.lab.ids import is_id

FORMAT = 2  # 1 had neither times nor the message of a passed check
#: Seconds that count at most between two actions of a learner: a longer silence is a break.
LONGEST_PAUSE = 900.0


class ProgressError(RegulabError):
    """The progress cannot be read or written."""


class StaleError(ProgressError):
    """Another window has changed the progress since this one read it; `latest` is what it is now."""

    def __init__(self, latest: Progress) -> None:
        self.latest = latest
        super().__init__("The progress was changed in another window since this one read it.")


@dataclass(frozen=True)
class TaskProgress:
    """How far a learner is with one task.

    Attributes:
        done: Whether a check of it has passed.
        checks: How many times it was checked.
        verdict: The verdict of the last check, or None.
        message: The message that came with it.
        hints: How many hints were opened.
        solution: Whether the solution was opened.
        showed: The message of the last check that passed.
        seconds: How long the learner worked on it.
    """

    done: bool = False
    checks: int = 0
    verdict: Verdict | None = None
    message: str = ""
    hints: int = 0
    solution: bool = False
    showed: str = ""
    seconds: float = 0.0

    @classmethod
    def read(cls, document: Any) -> TaskProgress:
        """Read a document of plain values; raises `ValueError` or `TypeError` if it is damaged."""
        verdict = document.get("verdict", "")
        task = cls(**document | {"verdict": Verdict(verdict) if verdict else None})
        counts = (task.checks, task.hints, task.seconds)
        types = tuple(type(value) for value in asdict(replace(task, verdict=None)).values())
        if types != tuple(type(part.default) for part in fields(cls)) or min(counts) < 0:
            raise ValueError("not the progress of a task")
        return task

    def document(self) -> dict[str, Any]:
        """Plain values for JSON; without a verdict, an empty string stands for it."""
        return asdict(self) | {"verdict": self.verdict or ""}


@dataclass(frozen=True)
class Progress:
    """Where a learner is in a session.

    Attributes:
        session: Name of the session.
        revision: Number of changes so far, so that one window does not overwrite another's.
        current: Id of the task that is open, or an empty string.
        seen: When the learner last did something, in seconds since 1970; 0 if never.
        tasks: Progress with each task that the learner has begun, by its id.

    Example:
        >>> progress = Progress("avoid-overfitting").checked("baseline", Verdict.NOT_YET, "One layer is missing.")
        >>> progress.tasks["baseline"].checks, progress.tasks["baseline"].done
        (1, False)
    """

    session: str
    revision: int = 0
    current: str = ""
    seen: float = 0.0
    tasks: Mapping[str, TaskProgress] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Any) -> Progress:
        """Read a document of plain values; raises `ValueError`, `TypeError` or `KeyError` if it is damaged."""
        session, revision, current = document["session"], document["revision"], document["current"]
        seen = document.get("seen", 0.0)
        numbers = type(revision) is int and revision >= 0 and type(seen) is float
        if not (isinstance(session, str) and numbers and isinstance(current, str)):
            raise ValueError("not the progress of a session")
        tasks = {_task_id(name): TaskProgress.read(task) for name, task in document["tasks"].items()}
        return cls(session, revision, current, seen, tasks)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        tasks = {name: task.document() for name, task in self.tasks.items()}
        return {
            "format": FORMAT,
            "session": self.session,
            "revision": self.revision,
            "current": self.current,
            "seen": self.seen,
            "tasks": tasks,
        }

    def opened(self, task: str) -> Progress:
        """With this task open."""
        return replace(self, current=_task_id(task))

    def checked(self, task: str, verdict: Verdict, message: str) -> Progress:
        """With one more check of this task; a task that has passed stays done."""
        before = self.of(task)
        done = before.done or verdict is Verdict.PASSED
        message = message[:4000]
        showed = message if verdict is Verdict.PASSED else before.showed
        return self._with(task, done=done, checks=before.checks + 1, verdict=verdict, message=message, showed=showed)

    def hinted(self, task: str, hints: int) -> Progress:
        """With this many hints of the task opened."""
        return self._with(task, hints=max(hints, self.of(task).hints))

    def solved(self, task: str) -> Progress:
        """With the solution of this task opened."""
        return self._with(task, solution=True)

    def at(self, now: float) -> Progress:
        """With an action of the learner at this time: the time since the one before it went to the open task.

        Example:
            >>> begun = Progress("avoid-overfitting").opened("baseline").at(1000.0)
            >>> begun.at(1060.0).at(1060.0 + 7200.0).of("baseline").seconds
            960.0
        """
        if not (self.current and self.seen):
            return replace(self, seen=now)
        elapsed = min(max(now - self.seen, 0.0), LONGEST_PAUSE)
        return replace(self._with(self.current, seconds=self.of(self.current).seconds + elapsed), seen=now)

    def of(self, task: str) -> TaskProgress:
        """Progress with one task."""
        return self.tasks.get(task, TaskProgress())

    def _with(self, task: str, **changes: Any) -> Progress:
        return replace(self, tasks={**self.tasks, _task_id(task): replace(self.of(task), **changes)})


def _task_id(name: str) -> str:
    if not is_id(name):
        raise ValueError(f"not the id of a task: {name!r:.80}")
    return name
