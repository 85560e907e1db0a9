"""Tries whether a session's checks say what their author means, each with its solution, its starter and its mistakes.

This runs the session's own code in this process, so check only sessions that you would run.
"""

from __future__ import annotations

import io
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from regulab.lab.authoring.records import Session, Task
from regulab.lab.grading.checks import Check
from regulab.lab.grading.judgements import Judgement
from regulab.lab.grading.judging import judge
from regulab.lab.grading.verdicts import Verdict
from regulab.lab.grading.wording import message_for
from regulab.lab.kernel.facts import namespace_facts

#: Characters of an error that a report shows: some errors quote whole arrays.
_MAX_ERROR = 2_000


@dataclass(frozen=True)
class Trial:
    """One piece of code that a check was tried with.

    Attributes:
        task: Id of the task.
        check: Name of the check.
        name: What was tried: `solution`, `starter`, or the name of a mistake or answer.
        expected: Verdict that should come.
        message: Part of the message that should come, or empty.
        judgement: What came.
        error: What the code raised, in one line, or empty. Mistakes may raise.
        location: File and line, for the author.
    """

    task: str
    check: str
    name: str
    expected: Verdict
    message: str
    judgement: Judgement
    error: str
    location: str

    @property
    def ok(self) -> bool:
        """Whether the check said what its author means."""
        right = self.judgement.verdict == self.expected and self.message in str(message_for(self.judgement))
        return right and not (self.error and self.expected != Verdict.NOT_YET)

    def __str__(self) -> str:
        if self.ok:
            return f"{self.task}: {self.name}: {self.judgement.verdict}"
        message = f" and '{self.message}'" if self.message else ""
        raised = f" Raised: {self.error}." if self.error else ""
        return (
            f"{self.task}: {self.name} ({self.location}): Expected '{self.expected}'{message}. "
            f"Received: '{self.judgement.verdict}': {message_for(self.judgement)}{raised}"
        )


class Notebook:
    """A namespace that runs cells as a kernel would, to try checks without one.

    Attributes:
        names: The variables.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "In": [""]}

    def run(self, code: str) -> str:
        """Run a cell, and drop what it prints.

        Returns:
            What it raised, in one line, or empty.
        """
        self.names["In"] = [*self.names["In"], code]
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
            # A learner's cell may warn; Matplotlib does if it has no window to show.
            warnings.simplefilter("ignore")
            try:
                exec(compile(code, "<cell>", "exec"), self.names)
            except (Exception, SystemExit) as error:
                return " ".join(traceback.format_exception_only(error)[-1].split())[:_MAX_ERROR]
        return ""

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what the block assigns, in the same dict, so that functions still see their names."""
        before = dict(self.names)
        try:
            yield
        finally:
            self.names.clear()
            self.names.update(before)

    def judge(self, check: Check) -> Judgement:
        """What a check says now."""
        return judge(check, namespace_facts(self.names, check.names()))


def try_session(
    session: Session,
    *,
    values: Mapping[str, Any] | None = None,
    mistakes: bool = True,
    on_check: Callable[[str], None] | None = None,
) -> Iterator[Trial]:
    """Run a session from start to end and try every check on the way.

    Args:
        session: What to try.
        values: What replaces the setup's values, by variable; the session's `try_with` by default.
        mistakes: Whether to try the wrong answers and the other right ones too.
        on_check: Called with the title of a task before each of its checks.

    Yields:
        A trial for each piece of code, as soon as it is done.

    Raises:
        RuntimeError: If the setup or a task's given code raises: then nothing can be tried.
    """
    import matplotlib

    notebook = Notebook()
    before = matplotlib.get_backend()
    matplotlib.use("agg")
    try:
        _prepare(notebook, session.setup, "the setup")
        replacements = session.try_with if values is None else values
        unknown = sorted(set(replacements) - set(notebook.names))
        if unknown:
            raise RuntimeError(f"Expected try_with to name variables of the setup. Received: {', '.join(unknown)}.")
        notebook.names.update(replacements)
        for task in session.tasks:
            _prepare(notebook, task.given, f"the given code of task {task.number}")
            for name in task.checks:
                if on_check is not None:
                    on_check(f"{task.number}. {task.title}")
                yield from _try(notebook, task, session.checks[name], mistakes=mistakes)
            _close_figures()
    finally:
        matplotlib.use(before)


def _prepare(notebook: Notebook, code: str, name: str) -> None:
    error = notebook.run(code) if code else ""
    if error:
        raise RuntimeError(f"Expected {name} to run. Received: {error}.")


def _try(notebook: Notebook, task: Task, check: Check, *, mistakes: bool) -> Iterator[Trial]:
    solution = task.solution.code if task.solution else ""

    def attempt(name: str, code: str, expected: Verdict, message: str = "", line: int = 0) -> Trial:
        error = notebook.run(code)
        location = f"{check.file}, line {line}" if line else "notebook.md"
        return Trial(task.id, check.name, name, expected, message, notebook.judge(check), error, location)

    def examples(*, after_solution: bool) -> Iterator[Trial]:
        for expected, group in ((Verdict.NOT_YET, check.mistakes), (Verdict.PASSED, check.answers)):
            for example in group:
                if mistakes and example.after_solution is after_solution:
                    # A mistake trains for an epoch or two, which is quicker than tracing its graph.
                    with notebook.undone(), _eagerly(expected == Verdict.NOT_YET):
                        yield attempt(example.name, example.code, expected, example.message, example.line)
                    _close_figures()

    with notebook.undone():
        yield attempt("starter", task.starter, Verdict.NOT_ATTEMPTED)
    yield from examples(after_solution=False)
    yield attempt("solution", solution, Verdict.PASSED)
    yield from examples(after_solution=True)


@contextmanager
def _eagerly(enabled: bool) -> Iterator[None]:
    """Run TensorFlow without graphs, if it is loaded."""
    tensorflow = sys.modules.get("tensorflow")
    if not enabled or tensorflow is None:
        yield
        return
    before = tensorflow.config.functions_run_eagerly()
    tensorflow.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tensorflow.config.run_functions_eagerly(before)


def _close_figures() -> None:
    from matplotlib import pyplot

    pyplot.close("all")
