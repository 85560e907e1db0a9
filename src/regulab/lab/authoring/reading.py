"""Turns a session's folder into its records: reads `session.yaml`, and checks that the other files fit it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.lab.authoring import notebooks, yaml_files
from regulab.lab.authoring.check_files import read_check
from regulab.lab.authoring.guide_files import read_entries
from regulab.lab.authoring.records import CHECKS, GUIDE, SESSION, TASKS, Session, Solution, Task, Verify
from regulab.lab.authoring.session_files import digest_of, visible
from regulab.lab.authoring.task_files import read_parts
from regulab.lab.authoring.yaml_files import Table, fault, read_table, read_text, take
from regulab.lab.grading.checks import Check
from regulab.lab.ids import is_id

_KEYS = ("title", "summary", "data", "conclusion", "tasks", "try_with")
_TASK_KEYS = ("id", "title", "minutes")


def read_session(folder: Path) -> Session:
    """Read a session's folder.

    Raises:
        InputError: For any mistake of its author.
    """
    digest = digest_of(folder)
    table = read_table(read_text(folder / SESSION, SESSION), SESSION)
    yaml_files.only(table, _KEYS, SESSION)
    entries = _entries(table)
    cells = notebooks.read(folder, tasks=len(entries))
    tasks = tuple(_task(folder, number, entry, cells) for number, entry in enumerate(entries, start=1))
    checks = _checks(folder, tasks, cells)
    # Trust depends on the digest, so it has to belong to the files as they were read.
    if digest_of(folder) != digest:
        raise InputError(
            f"Expected a session that does not change while it is read. Received: {folder}, which did. Try again."
        )
    return Session(
        name=folder.name,
        folder=folder,
        title=take(table, "title", str, SESSION),
        summary=take(table, "summary", str, SESSION, default=""),
        data=take(table, "data", str, SESSION, default=""),
        conclusion=take(table, "conclusion", str, SESSION, default=""),
        tasks=tasks,
        checks=checks,
        setup=cells.code("setup"),
        try_with=_try_with(table, cells),
        digest=digest,
        guide=read_entries(folder / GUIDE, shown=f"{GUIDE}/"),
    )


def _entries(table: Table) -> list[Table]:
    entries: list[Table] = take(table, "tasks", list, SESSION)
    if not entries:
        raise fault(SESSION, table.lines["tasks"], "Expected at least one task. Received: an empty list.")
    seen: dict[str, int] = {}
    for entry in entries:
        if not isinstance(entry, Table):
            raise fault(
                SESSION, table.lines["tasks"], f"Expected a task with id, title and minutes. Received: {entry!r}."
            )
        yaml_files.only(entry, _TASK_KEYS, SESSION)
        name = take(entry, "id", str, SESSION)
        line = entry.lines["id"]
        if not is_id(name):
            raise fault(SESSION, line, f"Expected an id of lower-case letters, digits and hyphens. Received: '{name}'.")
        if name in seen:
            raise fault(
                SESSION, line, f"Expected each task's id once. Received: '{name}', which is also in line {seen[name]}."
            )
        seen[name] = line
        take(entry, "title", str, SESSION)
        if not 0 < take(entry, "minutes", int, SESSION) <= 600:
            raise fault(SESSION, entry.lines["minutes"], f"Expected 1 to 600 minutes. Received: {entry['minutes']}.")
    return entries


def _try_with(table: Table, cells: notebooks.Cells) -> dict[str, Any]:
    values: Table = take(table, "try_with", Table, SESSION, default=Table())
    nodes = [*ast.walk(ast.parse(cells.code("setup")))]
    assigned = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assigned |= {
        alias.asname or alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    # What a star imports is known only when the setup has run.
    unknown = [name for name in values if name not in assigned and "*" not in assigned]
    if unknown:
        message = f"Expected try_with to name variables that the notebook's setup assigns. Received: {unknown[0]}."
        raise fault(SESSION, values.lines[unknown[0]], message)
    return dict(values)


def _task(folder: Path, number: int, entry: Table, cells: notebooks.Cells) -> Task:
    name = f"{TASKS}/{entry['id']}.md"
    try:
        text = read_text(folder / TASKS / f"{entry['id']}.md", name)
    except InputError as error:
        raise fault(SESSION, entry.lines["id"], f"Task '{entry['id']}': {error}") from None
    code = cells.code("solution", number)
    parts = read_parts(text, name, check=entry["id"])
    solutions = [part for part in parts if isinstance(part, Solution)]
    if len(solutions) != 1:
        line = solutions[1].line if solutions else 1
        raise fault(name, line, f"Expected one {{solution}}. Received: {len(solutions)}.")
    if not any(isinstance(part, Verify) for part in parts):
        raise fault(name, 1, "This task has no check. Add a {verify}.")
    parts_with_code = tuple(
        Solution(part.markdown, code, part.line) if isinstance(part, Solution) else part for part in parts
    )
    return Task(
        number=number,
        id=entry["id"],
        title=entry["title"],
        minutes=entry["minutes"],
        parts=parts_with_code,
        given=cells.code("given", number),
        starter=cells.code("starter", number),
    )


def _checks(folder: Path, tasks: tuple[Task, ...], cells: notebooks.Cells) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    for task in tasks:
        file = f"{TASKS}/{task.id}.md"
        for part in task.parts:
            if not isinstance(part, Verify):
                continue
            if part.check in checks:
                raise fault(file, part.line, f"Expected each check once. Received: '{part.check}' again.")
            if not (folder / CHECKS / f"{part.check}.yaml").is_file():
                raise fault(
                    file,
                    part.line,
                    f"Expected the file {CHECKS}/{part.check}.yaml for this check. There is no such file.",
                )
            checks[part.check] = read_check(folder, part.check, solution=cells.code("solution", task.number))
    for path in visible(folder / CHECKS, "*.yaml"):
        if path.stem not in checks and not path.stem.startswith("_"):
            raise fault(
                f"{CHECKS}/{path.name}", 1, "No task has this check. Add a {verify} to one, or delete the file."
            )
    for path in visible(folder / TASKS, "*.md"):
        if path.stem not in {task.id for task in tasks}:
            raise fault(
                f"{TASKS}/{path.name}", 1, f"No task in {SESSION} has this id. Add one there, or delete the file."
            )
    return checks
