"""The notebook of a session: one file with starter and solution, and the notebook that a learner gets from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.lab.authoring.records import NOTEBOOK, Session
from regulab.lab.authoring.yaml_files import Table, fault, read_table, read_text

#: What a cell can be: setup (before the first task), given (to run), starter (to complete), solution.
ROLES = ("setup", "given", "starter", "solution")
_TASK = re.compile(r"task-([1-9]\d*)")
_CELL = re.compile(r"(`{3,})\{code-cell\}")


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
    found = [_cell(options, code, line, tasks) for options, code, line in _code_cells(text)]
    cells = Cells(tuple(found))
    for number in range(1, tasks + 1):
        for role in ("starter", "solution"):
            if not cells.code(role, number):
                raise fault(NOTEBOOK, 1, f"Expected a cell tagged task-{number} and {role}. Received: none. Add it.")
    return cells


def _code_cells(text: str) -> Iterator[tuple[Table, str, int]]:
    """Options, code and the code's first line of every code cell.

    This is jupytext's MyST format; jupytext itself takes seconds to import.
    """
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        fence = _CELL.match(lines[at])
        if fence is None:
            at += 1
            continue
        begun = at + 1
        end = next((n for n in range(begun, len(lines)) if lines[n].rstrip() == fence[1]), None)
        if end is None:
            raise fault(
                NOTEBOOK, begun, f"Expected the cell to be closed by {fence[1]}. Received: the end of the file."
            )
        code = begun
        if lines[code].rstrip() == "---":
            code = next((n + 1 for n in range(begun + 1, end) if lines[n].rstrip() == "---"), end)
            options = read_table("\n".join(lines[begun + 1 : code - 1]), NOTEBOOK, first_line=begun + 2)
        else:
            while lines[code].startswith(":"):
                code += 1
            given = "\n".join(line[1:] for line in lines[begun:code])
            options = read_table(given, NOTEBOOK, first_line=begun + 1) if given else Table()
        while code < end and not lines[code].strip():
            code += 1
        yield options, "\n".join(lines[code:end]).rstrip(), code + 1
        at = end + 1


def _cell(options: Table, code: str, line: int, tasks: int) -> Cell:
    listed = options.get("tags", [])
    told = options.lines.get("tags", line)
    tags = [str(tag) for tag in (listed if isinstance(listed, list) else [listed])]
    roles = [tag for tag in tags if tag in ROLES]
    numbers = [int(found[1]) for tag in tags if (found := _TASK.fullmatch(tag))]
    unknown = [tag for tag in tags if tag not in ROLES and not _TASK.fullmatch(tag)]
    if unknown:
        raise fault(NOTEBOOK, told, f"No tag '{unknown[0]}'. Available: task-N, {', '.join(ROLES)}.")
    if len(roles) != 1 or len(numbers) != (roles != ["setup"]):
        received = ", ".join(tags) or "none"
        said = "Expected the tags task-N and one of given, starter, solution; or setup."
        raise fault(NOTEBOOK, told, f"{said} Received: {received}.")
    number = numbers[0] if numbers else 0
    if number > tasks:
        raise fault(NOTEBOOK, told, f"Expected a task from 1 to {tasks}. Received: task-{number}.")
    try:
        compile(code, NOTEBOOK, "exec")
    except (SyntaxError, ValueError) as error:
        at = line + (getattr(error, "lineno", None) or 1) - 1
        raise fault(NOTEBOOK, at, f"Expected Python. Received: a cell that does not parse ({error.args[0]}).") from None
    return Cell(roles[0], number, code, line)


def starter_notebook(session: Session) -> Any:
    """The notebook that a learner begins with: headings, the code that is given and the code to complete.

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
    # Ids that follow from the place, so that the same session gives the same file.
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
        InputError: If there is none that can be read.
    """
    import nbformat

    try:
        return dict(nbformat.read(path, as_version=4))
    except FileNotFoundError:
        received = "no such file. `regulab lab` begins one"
    except OSError as error:
        received = str(error.strerror)
    except Exception as error:  # what nbformat raises for a damaged file has no common base
        received = f"a file that is none ({' '.join(str(error).split()):.80})"
    raise InputError(f"Expected a notebook: {path}. Received: {received}.")
