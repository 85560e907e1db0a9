"""The frozen records that a session's folder is read into.

A session is a folder with `session.yaml`, `tasks/ID.md`, `notebook.md`, `checks/NAME.yaml` and, optionally,
`guide/NAME.md`; docs/sessions.md describes them for authors. Reading one runs none of its code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulab.lab.grading.checks import Check

SESSION, TASKS, NOTEBOOK, CHECKS, GUIDE = "session.yaml", "tasks", "notebook.md", "checks", "guide"
#: Where the sessions that come with regulab are; resolved, like the folders that `locate` returns.
BUILT_IN = Path(__file__).resolve().parents[2] / "sessions"
#: In the entries of the guide, a name in braces stands for a part of an error's message.
PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Text:
    """Instructions in Markdown; `line` is where they start in the task's file."""

    markdown: str
    line: int = 1


@dataclass(frozen=True)
class Hint:
    """Help that is shown on request, one hint at a time."""

    title: str
    markdown: str
    line: int = 1


@dataclass(frozen=True)
class Answer:
    """One answer of a quiz, and what to say to a learner who chose it."""

    text: str
    right: bool
    because: str = ""


@dataclass(frozen=True)
class Quiz:
    """A question with answers to choose from, at least one of them right."""

    question: str
    answers: tuple[Answer, ...]
    line: int = 1


@dataclass(frozen=True)
class Verify:
    """A check, where the instructions show it."""

    check: str
    line: int = 1


@dataclass(frozen=True)
class Solution:
    """A task's solution: an explanation, folded away, and the code of notebook.md."""

    markdown: str
    code: str = ""
    line: int = 1


Part = Text | Hint | Quiz | Verify | Solution


@dataclass(frozen=True)
class Task:
    """One step of a session.

    Attributes:
        number: Its number, from 1; cells of notebook.md are tagged `task-NUMBER`.
        id: Its name in files and URLs.
        title: Its name for people.
        minutes: How long it takes.
        parts: Instructions, hints, quizzes, checks and the solution, in the order of the file.
        given: Code that the learner runs as it is.
        starter: Code that the learner completes.
    """

    number: int
    id: str
    title: str
    minutes: int
    parts: tuple[Part, ...]
    given: str
    starter: str

    @property
    def hints(self) -> tuple[Hint, ...]:
        """Its hints, in the order of the file."""
        return tuple(part for part in self.parts if isinstance(part, Hint))

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of its checks."""
        return tuple(part.check for part in self.parts if isinstance(part, Verify))

    @property
    def solution(self) -> Solution | None:
        """Its solution."""
        return next((part for part in self.parts if isinstance(part, Solution)), None)


@dataclass(frozen=True)
class GuideEntry:
    """An error or a mistake that the guide can explain.

    Attributes:
        id: Name of its file.
        title: What it is, for people.
        markdown: The explanation, with placeholders such as `{name}` for what the message says.
        errors: Exceptions that it is about, by name; none for a mistake that raises nothing.
        says: Patterns of which the message has to contain one. `{name}` in them stands for anything short.
        asked: Questions to which it is the answer.
    """

    id: str
    title: str
    markdown: str
    errors: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """A guided session.

    Attributes:
        name: The folder's name.
        folder: Where it is.
        title: Its name for people.
        summary: What it is about, in Markdown.
        data: Where its data comes from, in Markdown.
        conclusion: What can be concluded from it and what cannot, in Markdown, for learners who have finished it.
        tasks: Its steps, in order.
        checks: Its checks by name.
        setup: Code that is run before the first task.
        try_with: Values that replace those of the setup while the session is checked, by variable: less data.
        digest: SHA-256 of its files, by which trust in it is remembered.
        guide: Its own entries for the guide.
    """

    name: str
    folder: Path
    title: str
    summary: str
    data: str
    conclusion: str
    tasks: tuple[Task, ...]
    checks: Mapping[str, Check]
    setup: str
    try_with: Mapping[str, Any]
    digest: str
    guide: tuple[GuideEntry, ...] = ()

    @property
    def minutes(self) -> int:
        """How long the whole session takes."""
        return sum(task.minutes for task in self.tasks)

    @property
    def extent(self) -> tuple[str, str]:
        """How many tasks and minutes, in words: `("1 task", "3 minutes")`."""
        tasks, minutes = len(self.tasks), self.minutes
        return f"{tasks} task{'s' * (tasks != 1)}", f"{minutes} minute{'s' * (minutes != 1)}"

    @property
    def built_in(self) -> bool:
        """Whether it came with regulab, so that the user need not say that they trust its checks."""
        return self.folder.parent == BUILT_IN
