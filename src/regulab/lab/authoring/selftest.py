"""Whether a session's checks say what their author means: each tried with its solution, its starter and its mistakes.

This runs the session's own code, in this process: check only sessions that you would run.
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
_ERROR = 2_000


@dataclass(frozen=True)
class Trial:
    """One piece of code that a check was tried with.

    Attributes:
        task: Id of the task.
        check: Name of the check.
        name: What was tried: `solution`, `starter`, or the name of a mistake or answer.
        expected: Verdict that should come.
        said: Part of the message that should come, or empty.
        judgement: What came.
        error: What the code raised, in one line, or empty. Mistakes may raise.
        place: File and line, for the author.
    """

    task: str
    check: str
    name: str
    expected: Verdict
    said: str
    judgement: Judgement
    error: str
    place: str

    @property
    def ok(self) -> bool:
        """Whether the check said what its author means."""
        right = self.judgement.verdict == self.expected and self.said in str(message_for(self.judgement))
        return right and not (self.error and self.expected != Verdict.NOT_YET)

    def __str__(self) -> str:
        if self.ok:
            return f"{self.task}: {self.name}: {self.judgement.verdict}"
        said = f" and '{self.said}'" if self.said else ""
        raised = f" Raised: {self.error}." if self.error else ""
        return (
            f"{self.task}: {self.name} ({self.place}): Expected '{self.expected}'{said}. "
            f"Received: '{self.judgement.verdict}': {message_for(self.judgement)}{raised}"
        )


class Notebook:
    """A namespace in which cells are run as a kernel would, for trying checks without one.

    Attributes:
        names: The variables.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "In": [""]}

    def run(self, code: str) -> str:
        """Run a cell; what it prints is dropped.

        Returns:
            What it raised, in one line, or empty.
        """
        self.names["In"] = [*self.names["In"], code]
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
            # A learner's cell may warn; Matplotlib does where it has no window to show.
            warnings.simplefilter("ignore")
            try:
                exec(compile(code, "<cell>", "exec"), self.names)
            except (Exception, SystemExit) as error:
                return " ".join(traceback.format_exception_only(error)[-1].split())[:_ERROR]
        return ""

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Forget afterwards what was assigned within, in the same dict: functions go on seeing their names."""
        kept = dict(self.names)
        try:
            yield
        finally:
            self.names.clear()
            self.names.update(kept)

    def judge(self, check: Check) -> Judgement:
        """What a check says now."""
        return judge(check, namespace_facts(self.names, check.names()))


def try_session(
    session: Session,
    *,
    values: Mapping[str, Any] | None = None,
    mistakes: bool = True,
    told: Callable[[str], None] | None = None,
) -> Iterator[Trial]:
    """Run a session from start to end and try every check on the way.

    Args:
        session: What to try.
        values: What replaces the setup's values, by variable; the session's `try_with` by default.
        mistakes: Whether to try the wrong and the other right answers too.
        told: Is told each thing that begins.

    Yields:
        A trial for each code tried, as soon as it is done.

    Raises:
        RuntimeError: If the setup or what a task gives raises: nothing can be tried then.
    """
    import matplotlib

    notebook = Notebook()
    before = matplotlib.get_backend()
    matplotlib.use("agg")
    try:
        _prepare(notebook, session.setup, "the setup")
        replaced = session.try_with if values is None else values
        unknown = sorted(set(replaced) - set(notebook.names))
        if unknown:
            raise RuntimeError(f"Expected try_with to name variables of the setup. Received: {', '.join(unknown)}.")
        notebook.names.update(replaced)
        for task in session.tasks:
            _prepare(notebook, task.given, f"what task {task.number} gives")
            for name in task.checks:
                if told is not None:
                    told(f"{task.number}. {task.title}")
                yield from _try(notebook, task, session.checks[name], mistakes=mistakes)
            _close_figures()
    finally:
        matplotlib.use(before)


def _prepare(notebook: Notebook, code: str, what: str) -> None:
    error = notebook.run(code) if code else ""
    if error:
        raise RuntimeError(f"Expected {what} to run. Received: {error}.")


def _try(notebook: Notebook, task: Task, check: Check, *, mistakes: bool) -> Iterator[Trial]:
    solution = task.solution.code if task.solution else ""

    def attempt(name: str, code: str, expected: Verdict, said: str = "", line: int = 0) -> Trial:
        error = notebook.run(code)
        place = f"{check.file}, line {line}" if line else "notebook.md"
        return Trial(task.id, check.name, name, expected, said, notebook.judge(check), error, place)

    def examples(*, after_solution: bool) -> Iterator[Trial]:
        for expected, some in ((Verdict.NOT_YET, check.mistakes), (Verdict.PASSED, check.answers)):
            for each in some:
                if mistakes and each.after_solution is after_solution:
                    # A mistake trains for an epoch or two, which is quicker than tracing its graph.
                    with notebook.apart(), _eager(expected == Verdict.NOT_YET):
                        yield attempt(each.name, each.code, expected, each.message, each.line)
                    _close_figures()

    with notebook.apart():
        yield attempt("starter", task.starter, Verdict.NOT_ATTEMPTED)
    yield from examples(after_solution=False)
    yield attempt("solution", solution, Verdict.PASSED)
    yield from examples(after_solution=True)


@contextmanager
def _eager(wanted: bool) -> Iterator[None]:
    """TensorFlow without graphs, where it is loaded."""
    tensorflow = sys.modules.get("tensorflow")
    if not wanted or tensorflow is None:
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
