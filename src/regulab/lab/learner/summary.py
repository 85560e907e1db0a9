"""What a learner has to show for a session: what each task showed, their own plots, and what it took."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from regulab.lab.authoring.records import Session, Task
from regulab.lab.learner.progress import Progress, TaskProgress

#: Characters of base64 in one image, and in all of them; larger images are left out.
MAX_IMAGE, MAX_IMAGES = 5_000_000, 40_000_000
#: Characters of a cell's output that are shown.
MAX_TEXT = 1_500
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


@dataclass(frozen=True)
class Image:
    """A plot: its type, such as image/png, and its bytes in base64, checked to be what the type says."""

    type: str
    data: str


class TaskState(Enum):
    """How far a learner is with the check of a task."""

    PASSED = "passed"
    NOT_PASSED = "not passed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class TaskSummary:
    """What a learner has to show for one task.

    Attributes:
        task: The task.
        progress: How far the learner is with it.
        code: The code of the learner's cells; empty where they are still as the session gave them.
        outputs: Plots, and text, in the order of the notebook.
    """

    task: Task
    progress: TaskProgress
    code: str
    outputs: tuple[Image | str, ...]

    @property
    def started(self) -> bool:
        """Whether there is anything to show for it."""
        return bool(self.outputs or self.code or self.progress.done)

    @property
    def state(self) -> TaskState:
        """Whether its check has passed."""
        if self.progress.done:
            return TaskState.PASSED
        return TaskState.NOT_PASSED if self.progress.checks else TaskState.NOT_CHECKED


@dataclass(frozen=True)
class Summary:
    """What a learner has to show for a session.

    Attributes:
        session: The session.
        tasks: One summary for each task, in order.
    """

    session: Session
    tasks: tuple[TaskSummary, ...]

    @property
    def passed(self) -> int:
        """How many tasks have passed."""
        return sum(task.progress.done for task in self.tasks)

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """Tasks that have not passed."""
        return tuple(summary.task for summary in self.tasks if not summary.progress.done)

    @property
    def seconds(self) -> float:
        """How long the learner worked on them."""
        return sum(task.progress.seconds for task in self.tasks)

    @property
    def hints(self) -> int:
        """How many hints were opened."""
        return sum(task.progress.hints for task in self.tasks)

    @property
    def solutions(self) -> int:
        """How many solutions were opened."""
        return sum(task.progress.solution for task in self.tasks)


def summarize(session: Session, progress: Progress, notebook: Mapping[str, Any]) -> Summary:
    """Put together what a learner has to show.

    Args:
        session: The session.
        progress: How far the learner is.
        notebook: The learner's notebook, as the plain values of its file.
    """
    cells: dict[str, list[Mapping[str, Any]]] = {task.id: [] for task in session.tasks}
    for task_id, cell in _code_cells_by_task(notebook, set(cells)):
        cells[task_id].append(cell)
    budget = _ImageBudget()
    return Summary(
        session,
        tuple(
            TaskSummary(
                task, progress.of(task.id), _code(task, cells[task.id]), tuple(_outputs(cells[task.id], budget))
            )
            for task in session.tasks
        ),
    )


def _code_cells_by_task(notebook: Mapping[str, Any], task_ids: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The code cells with their task: one that names none belongs to the task above it."""
    task_id = None
    for cell in notebook.get("cells") or ():
        metadata = cell.get("metadata", {}).get("regulab")
        if isinstance(metadata, Mapping):
            task_id = metadata.get("task")
        if cell.get("cell_type") == "code" and task_id in task_ids:
            yield str(task_id), cell


def _code(task: Task, cells: list[Mapping[str, Any]]) -> str:
    sources = [_joined(cell.get("source")).strip() for cell in cells]
    return "\n\n".join(source for source in sources if source not in ("", task.given.strip(), task.starter.strip()))


class _ImageBudget:
    """How many characters of images may still be taken."""

    def __init__(self) -> None:
        self.left = MAX_IMAGES

    def take(self, image: Image) -> bool:
        if len(image.data) > min(self.left, MAX_IMAGE):
            return False
        self.left -= len(image.data)
        return True


def _outputs(cells: list[Mapping[str, Any]], budget: _ImageBudget) -> Iterator[Image | str]:
    for cell in cells:
        text = ""
        for output in cell.get("outputs") or ():
            shown = _output(output)
            if isinstance(shown, Image):
                yield shown if budget.take(shown) else "(an image too large to show here)"
            else:
                text += shown
        text = _ANSI.sub("", text).strip("\n")
        if len(text) > MAX_TEXT:
            # The end of a training tells how it went.
            text = "…\n" + text[-MAX_TEXT:].partition("\n")[2]
        if text.strip():
            yield text


def _output(output: Mapping[str, Any]) -> Image | str:
    match output.get("output_type"):
        case "stream" if output.get("name") == "stdout":
            return _joined(output.get("text"))
        case "error":
            return f"{output.get('ename')}: {output.get('evalue')}\n"
        case "display_data" | "execute_result":
            data = output.get("data") or {}
            for media_type in ("image/png", "image/jpeg", "image/svg+xml"):
                image = _image(media_type, _joined(data.get(media_type)))
                if image is not None:
                    return image
            text = _joined(data.get("text/plain"))
            # The default repr of an object, such as <Axes: ...>, tells a reader nothing.
            return "" if text.startswith("<") or data.keys() - {"text/plain", "text/html"} else f"{text}\n"
        case _:
            return ""


def _image(media_type: str, text: str) -> Image | None:
    """An image, if the text is of that type; as data of an `<img>` even an SVG runs and loads nothing."""
    if not text:
        return None
    if media_type == "image/svg+xml":
        return Image(media_type, base64.b64encode(text.encode()).decode()) if "<svg" in text[:2_000] else None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(_SIGNATURES[media_type]):
        return None
    return Image(media_type, base64.b64encode(content).decode())


def _joined(text: Any) -> str:
    """Notebook files hold long texts as a list of lines."""
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""
