"""The notebook of a session: one file with starters and solutions, and the notebook that a learner gets from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.lab.authoring.markdown_blocks import closed_fences, split_lines
from regulab.lab.authoring.records import NOTEBOOK, Session
from regulab.lab.authoring.yaml_files import Table, fault, read_table, read_text

#: What a cell can be: setup (before the first task), given (to run), starter (to complete), solution.
ROLES = ("setup", "given", "starter", "solution")
_TASK = re.compile(r"task-([1-9]\d*)")


@dataclass(frozen=True)
class Cell:
    """A code cell: its role, the number of its task (0 for the setup), its code and its line."""

    role: str
    task: int
    code: str
    line: int


@dataclass(frozen=True)
class Cells:
    """The code cells of a session's notebook, in order."""

    cells: tuple[Cell, ...]

    def code(self, role: str, task: int = 0) -> str:
        """The code of all cells of one role and task, joined by empty lines."""
        return "\n\n".join(cell.code for cell in self.cells if (cell.role, cell.task) == (role, task))


def read(folder: Path, *, tasks: int) -> Cells:
    """Read `notebook.md`.

    Args:
        folder: The session's folder.
        tasks: How many tasks there are.

    Raises:
        InputError: If a cell has no role or task, does not parse, or a task has no starter or no solution.
    """
    text = read_text(folder / NOTEBOOK, NOTEBOOK)
    cells = Cells(tuple(_cell(options, code, line, tasks) for options, code, line in _code_cells(text)))
    for number in range(1, tasks + 1):
        for role in ("starter", "solution"):
            if not cells.code(role, number):
                raise fault(NOTEBOOK, 1, f"There is no cell tagged task-{number} and {role}. Add it.")
    return cells


def _code_cells(text: str) -> Iterator[tuple[Table, str, int]]:
    """Options, code and the code's first line of every code cell.

    This is jupytext's MyST format; jupytext itself takes seconds to import.
    """
    for fence in closed_fences(text, NOTEBOOK):
        if fence.directive is None or fence.directive[0] != "code-cell":
            continue
        lines = split_lines(fence.content)
        first_line = fence.start + 2
        if lines[0].rstrip() == "---":
            end = next((index for index, line in enumerate(lines) if index and line.rstrip() == "---"), len(lines))
            options = read_table("\n".join(lines[1:end]), NOTEBOOK, first_line=first_line + 1)
            code = end + 1
        else:
            code = next(index for index, line in enumerate(lines) if not line.startswith(":"))
            header = "\n".join(line[1:] for line in lines[:code])
            options = read_table(header, NOTEBOOK, first_line=first_line) if header else Table()
        while code < len(lines) - 1 and not lines[code].strip():
            code += 1
        yield options, "\n".join(lines[code:]).rstrip(), first_line + code


def _cell(options: Table, code: str, line: int, tasks: int) -> Cell:
    value = options.get("tags", [])
    tags_line = options.lines.get("tags", line)
    tags = [str(tag) for tag in (value if isinstance(value, list) else [value])]
    roles = [tag for tag in tags if tag in ROLES]
    numbers = [int(match[1]) for tag in tags if (match := _TASK.fullmatch(tag))]
    unknown = [tag for tag in tags if tag not in ROLES and not _TASK.fullmatch(tag)]
    if unknown:
        raise fault(NOTEBOOK, tags_line, f"No tag '{unknown[0]}'. Available: task-N, {', '.join(ROLES)}.")
    if len(roles) != 1 or len(numbers) != (roles != ["setup"]):
        received = ", ".join(tags) or "none"
        expected = "Expected the tags task-N and one of given, starter and solution, or the tag setup."
        raise fault(NOTEBOOK, tags_line, f"{expected} Received: {received}.")
    number = numbers[0] if numbers else 0
    if number > tasks:
        raise fault(NOTEBOOK, tags_line, f"Expected a task from 1 to {tasks}. Received: task-{number}.")
    try:
        compile(code, NOTEBOOK, "exec")
    except (SyntaxError, ValueError) as error:
        error_line = line + (getattr(error, "lineno", None) or 1) - 1
        raise fault(
            NOTEBOOK, error_line, f"Expected Python. Received: a cell that does not parse ({error.args[0]})."
        ) from None
    return Cell(roles[0], number, code, line)


def starter_notebook(session: Session) -> Any:
    """The notebook that a learner starts with: headings, the code to run and the code to complete.

    Every cell's metadata names its task under `regulab`, so that a panel can find the cells of a task.

    Returns:
        A notebook of `nbformat`, which the caller writes and signs.
    """
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = [new_markdown_cell(f"# {session.title}")]
    if session.setup:
        cells.append(new_code_cell(session.setup, metadata={"regulab": {"task": None, "role": "setup"}}))
    for task in session.tasks:
        heading = {"regulab": {"task": task.id, "role": "heading"}}
        cells.append(new_markdown_cell(f"## {task.number}. {task.title}", metadata=heading))
        for role, code in (("given", task.given), ("starter", task.starter)):
            if code:
                cells.append(new_code_cell(code, metadata={"regulab": {"task": task.id, "role": role}}))
    # Numbered ids, so that the same session gives the same file.
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": kernel,
            "language_info": {"name": "python"},
            "regulab": {"session": session.name, "digest": session.digest},
        },
    )
    nbformat.validate(notebook)
    return notebook


def read_notebook(path: Path) -> dict[str, Any]:
    """A learner's notebook as plain values.

    Raises:
        InputError: If it does not exist or cannot be read.
    """
    import nbformat

    try:
        return dict(nbformat.read(path, as_version=4))
    except FileNotFoundError:
        received = "no such file. `regulab lab` creates one"
    except OSError as error:
        received = str(error.strerror)
    except Exception as error:  # nbformat's errors for damaged files have no common base class
        received = f"a file that is not one ({' '.join(str(error).split()):.80})"
    raise InputError(f"Expected a notebook: {path}. Received: {received}.")
