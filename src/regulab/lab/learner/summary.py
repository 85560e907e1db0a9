"""What a learner has to show for a session: what each task showed, their own plots, and what it took."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regulab.lab.authoring.records import Session, Task
from regulab.lab.learner.progress import Progress, TaskProgress

#: Larger pictures, and more of them, are left out: characters of base64.
LARGEST_IMAGE, LARGEST_IMAGES = 5_000_000, 40_000_000
#: Characters of a cell's output that are shown.
LONGEST_TEXT = 1_500
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


@dataclass(frozen=True)
class Image:
    """A plot: its type, such as image/png, and its bytes in base64, checked to be what the type says."""

    type: str
    data: str


@dataclass(frozen=True)
class Result:
    """What there is of one task.

    Attributes:
        task: The task.
        progress: How far the learner is with it.
        code: What the learner's cells say; empty where they are as they came.
        outputs: Plots, and text, in the order of the notebook.
    """

    task: Task
    progress: TaskProgress
    code: str
    outputs: tuple[Image | str, ...]

    @property
    def begun(self) -> bool:
        """Whether there is anything of it to show."""
        return bool(self.outputs or self.code or self.progress.done)


@dataclass(frozen=True)
class Summary:
    """A session as a learner has gone through it.

    Attributes:
        session: The session.
        results: One for each task, in order.
    """

    session: Session
    results: tuple[Result, ...]

    @property
    def missing(self) -> tuple[Task, ...]:
        """Tasks whose checks have not passed."""
        return tuple(result.task for result in self.results if not result.progress.done)

    @property
    def seconds(self) -> float:
        """How long the learner was at it."""
        return sum(result.progress.seconds for result in self.results)

    @property
    def hints(self) -> int:
        """How many hints were opened."""
        return sum(result.progress.hints for result in self.results)

    @property
    def solutions(self) -> int:
        """How many solutions were opened."""
        return sum(result.progress.solution for result in self.results)


def summarize(session: Session, progress: Progress, notebook: Mapping[str, Any]) -> Summary:
    """Put together what a learner has to show.

    Args:
        session: The session.
        progress: How far the learner is.
        notebook: The learner's notebook, as the plain values of its file.
    """
    cells: dict[str, list[Mapping[str, Any]]] = {task.id: [] for task in session.tasks}
    for task_id, cell in _by_task(notebook, set(cells)):
        cells[task_id].append(cell)
    budget = _Budget()
    return Summary(
        session,
        tuple(
            Result(task, progress.of(task.id), _code(task, cells[task.id]), tuple(_outputs(cells[task.id], budget)))
            for task in session.tasks
        ),
    )


def _by_task(notebook: Mapping[str, Any], known: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The code cells with their task: one that names none belongs to the task above it."""
    at = None
    for cell in notebook.get("cells") or ():
        ours = cell.get("metadata", {}).get("regulab")
        if isinstance(ours, Mapping):
            at = ours.get("task")
        if cell.get("cell_type") == "code" and at in known:
            yield str(at), cell


def _code(task: Task, cells: list[Mapping[str, Any]]) -> str:
    sources = [_joined(cell.get("source")).strip() for cell in cells]
    return "\n\n".join(source for source in sources if source not in ("", task.given.strip(), task.starter.strip()))


class _Budget:
    """How much of pictures may still be taken."""

    def __init__(self) -> None:
        self.left = LARGEST_IMAGES

    def take(self, image: Image) -> bool:
        if len(image.data) > min(self.left, LARGEST_IMAGE):
            return False
        self.left -= len(image.data)
        return True


def _outputs(cells: list[Mapping[str, Any]], budget: _Budget) -> Iterator[Image | str]:
    for cell in cells:
        printed = ""
        for output in cell.get("outputs") or ():
            found = _output(output)
            if isinstance(found, Image):
                yield found if budget.take(found) else "(a picture too large to be shown here)"
            else:
                printed += found
        printed = _ANSI.sub("", printed).strip("\n")
        if len(printed) > LONGEST_TEXT:
            # The end of a training says how it came out.
            printed = "…\n" + printed[-LONGEST_TEXT:].partition("\n")[2]
        if printed.strip():
            yield printed


def _output(output: Mapping[str, Any]) -> Image | str:
    match output.get("output_type"):
        case "stream" if output.get("name") == "stdout":
            return _joined(output.get("text"))
        case "error":
            return f"{output.get('ename')}: {output.get('evalue')}\n"
        case "display_data" | "execute_result":
            data = output.get("data") or {}
            for kind in ("image/png", "image/jpeg", "image/svg+xml"):
                image = _image(kind, _joined(data.get(kind)))
                if image is not None:
                    return image
            said = _joined(data.get("text/plain"))
            # What an object without a form of its own is shown as says nothing.
            return "" if said.startswith("<") or data.keys() - {"text/plain", "text/html"} else f"{said}\n"
        case _:
            return ""


def _image(kind: str, text: str) -> Image | None:
    """A picture that is what it says; as data of an `<img>` even an SVG runs and loads nothing."""
    if not text:
        return None
    if kind == "image/svg+xml":
        return Image(kind, base64.b64encode(text.encode()).decode()) if "<svg" in text[:2_000] else None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return Image(kind, base64.b64encode(content).decode()) if content.startswith(_SIGNATURES[kind]) else None


def _joined(text: Any) -> str:
    """Notebook files hold long texts as a list of lines."""
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""
