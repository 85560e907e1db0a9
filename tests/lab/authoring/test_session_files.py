from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from regulab.errors import InputError
from regulab.lab.authoring.loading import load
from regulab.lab.authoring.notebooks import read as read_cells
from regulab.lab.authoring.notebooks import starter_notebook
from regulab.lab.authoring.records import BUILT_IN
from regulab.lab.authoring.template import write
from regulab.lab.server.panel_data import page, revealed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The session that `regulab session new` writes."""
    write(tmp_path / "mine")
    return tmp_path / "mine"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_session_is_read_into_records(folder: Path) -> None:
    session = load(folder)
    (task,) = session.tasks
    assert (session.name, session.title, session.minutes) == ("mine", "My session", 3)
    assert (task.number, task.id, task.checks) == (1, "count", ("count",))
    assert task.hints[0].title == "What about the rest?"
    assert task.starter == "batches = ...  # of 128 examples"
    assert task.solution is not None
    assert task.solution.code == "batches = -(-EXAMPLES // 128)"
    assert session.setup == "EXAMPLES = 1000"
    assert session.checks["count"].asks == {"batches": ("number",)}
    assert not session.built_in


def test_the_session_that_comes_with_regulab_has_the_course_in_73_minutes() -> None:
    session = load("avoid-overfitting")
    assert session.built_in
    assert session.minutes == 73
    assert [task.id for task in session.tasks][:4] == ["interface", "overfitting", "data", "baseline"]
    assert all(session.checks[name].mistakes for task in session.tasks for name in task.checks)


def test_a_built_in_session_is_recognized_where_regulab_is_imported_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(BUILT_IN.parents[1], target_is_directory=True)
    folder = tmp_path / "linked/regulab/sessions/avoid-overfitting"
    code = f"from regulab.lab.authoring import loading; print(loading.__file__, loading.load({str(folder)!r}).built_in)"
    paths = {"PYTHONPATH": str(tmp_path / "linked")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | paths, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "linked/regulab/lab/authoring/loading.py"), "True"]


# File, what stands there, what the author writes instead, and the error's beginning and a part of it.
MISTAKES = [
    ("session.yaml", "title: My session", "titel: My session", "session.yaml, line 1: No key 'titel'", "title, "),
    ("session.yaml", "    minutes: 3", "    minutes: 0", "session.yaml, line 6: Expected 1 to 600", "0"),
    ("session.yaml", "    minutes: 3", "    minutes: long", "session.yaml, line 6: Expected 'minutes'", "'long'"),
    ("session.yaml", "- id: count", "- id: ../count", "session.yaml, line 4: Expected an id", "../count"),
    ("session.yaml", "- id: count", "- id: tally", "session.yaml, line 4: Task 'tally'", "tasks/tally.md"),
    ("session.yaml", "tasks:", "tasks: [", "session.yaml, line ", "Expected YAML"),
    ("session.yaml", "tasks:", "title: Again\ntasks:", "session.yaml, line 3: Expected each key once", "'title'"),
    (
        "session.yaml",
        "try_with:",
        "  - {id: count, title: Again, minutes: 1}\ntry_with:",
        "session.yaml, line 8: Expected each task's id once",
        "which is also in line 4",
    ),
    ("session.yaml", "title: My session", 'title: " "', "session.yaml, line 1: Expected 'title' as text", "' '"),
    (
        "session.yaml",
        "title: My session",
        "title: 2024-02-30",
        "session.yaml, line 1: Expected 'title' as a value that YAML can read",
        "day is out of range for month. Put text in quotes.",
    ),
    ("session.yaml", "minutes: 3", "minutes: !!int few", "session.yaml, line 6: Expected 'minutes'", "'few'"),
    ("session.yaml", "minutes: 3", f"minutes: {'[' * 5000}{']' * 5000}", "session.yaml, line 1: Expected YAML", ""),
    ("session.yaml", "  - id: count", "  - &a\n    id: count", "session.yaml, line 4: Expected values without", "&a"),
    (
        "session.yaml",
        "EXAMPLES: 1000",
        "EXAMPLES: *a",
        "session.yaml, line 9: Expected values without",
        "*a. Write the value",
    ),
    (
        "tasks/count.md",
        "```{verify}\n```",
        "```{quiz}\nquestion: Well?\nanswers: &all\n  - *all\n```\n\n```{verify}\n```",
        "tasks/count.md, line 9: Expected values without",
        "&all",
    ),
    ("session.yaml", "EXAMPLES: 1000", "EXAMPELS: 1000", "session.yaml, line 9: Expected try_with", "EXAMPELS."),
    ("tasks/count.md", "```{hint}", "```{tip}", "tasks/count.md, line 3: No directive {tip}", "{hint}, {quiz}"),
    ("tasks/count.md", "```{verify}\n```\n", "", "tasks/count.md, line 1: This task has no check", "{verify}"),
    (
        "tasks/count.md",
        "```{verify}",
        "```{verify} sum",
        "tasks/count.md, line 7: Expected the file checks/sum.yaml",
        "no such file",
    ),
    (
        "tasks/count.md",
        "```{verify}\n```\n",
        "```{verify}\n```\n```{verify}\n```\n",
        "tasks/count.md, line 9: Expected each check once",
        "'count' again",
    ),
    ("tasks/count.md", "Divide, and round up.\n```\n", "Divide.\n", "tasks/count.md, line 10", "to be closed by ```"),
    ("tasks/count.md", "```{solution}", "```{hint}", "tasks/count.md, line 1: Expected one {solution}", "Received: 0"),
    (
        "tasks/count.md",
        "```{verify}\n```",
        "```{quiz}\nquestion: Well?\nanswers:\n  - text: One\n    rihgt: true\n```\n\n```{verify}\n```",
        "tasks/count.md, line 11: No key 'rihgt'",
        "text, right, because",
    ),
    (
        "tasks/count.md",
        "```{verify}\n```",
        "```{quiz}\nquestion: Well?\nanswers:\n  - text: One\n  - text: Two\n```\n\n```{verify}\n```",
        "tasks/count.md, line 7: Expected at least two answers",
        "right: true",
    ),
    (
        "notebook.md",
        "[task-1, starter]",
        "[task-1, startr]",
        "notebook.md, line 15: No tag 'startr'",
        "starter, solution",
    ),
    ("notebook.md", "[task-1, starter]", "[starter]", "notebook.md, line 15: Expected the tags task-N", "starter"),
    ("notebook.md", "[task-1, starter]", "[task-2, starter]", "notebook.md, line 15: Expected a task from 1", "task-2"),
    (
        "notebook.md",
        "[task-1, solution]",
        "[task-1, given]",
        "notebook.md, line 1: There is no cell tagged",
        "solution",
    ),
    ("notebook.md", "batches = -(-EXAM", "batches = -(-(EXAM", "notebook.md, line 2", "Expected Python"),
    ("checks/count.yaml", "batches: number", "batches: integer", "checks/count.yaml, line 2: No kind", "number"),
    ("checks/count.yaml", "batches: number", "batches: {kind: number}", "checks/count.yaml, line 2: No kind", "number"),
    ("checks/count.yaml", "batches: number", "batches: [[number]]", "checks/count.yaml, line 2: No kind", "number"),
    ("checks/count.yaml", "batches: number", "batches: []", "checks/count.yaml, line 2: No kind", "number"),
    ("checks/count.yaml", "batches: number", "2nd: number", "checks/count.yaml, line 2: Expected the name", "2nd"),
    (
        "checks/count.yaml",
        "reads: [EXAMPLES]",
        "reads: [batches]",
        "checks/count.yaml, line 3: Expected each",
        "batches",
    ),
    (
        "checks/count.yaml",
        "  - require: batches.value !=",
        "  - requires: batches.value !=",
        "checks/count.yaml, line 5: No",
        "",
    ),
    (
        "checks/count.yaml",
        "batches.value != EXAMPLES.value // 128",
        "open('x')",
        "checks/count.yaml, line 5: Expected rules that can be evaluated",
        "no function 'open'",
    ),
    (
        "checks/count.yaml",
        "reads: [EXAMPLES]\n",
        "",
        "checks/count.yaml, line 4: Expected variables that are listed in the check's `asks` or `reads`",
        "Received: EXAMPLES.",
    ),
    (
        "checks/count.yaml",
        "make {batches.value} batches",
        "make {batch.value} batches",
        "checks/count.yaml, line 14: Expected variables",
        "Received: batch.",
    ),
    (
        "checks/count.yaml",
        "make {batches.value} batches",
        "make {batches.value:.2f} batches",
        "checks/count.yaml, line 14: Expected rules that can be evaluated",
        "not an expression",
    ),
    (
        "checks/count.yaml",
        "`batches` is {batches.value}.",
        "`batches` is {batches.value.",
        "checks/count.yaml, line 5: Expected braces in pairs",
        "single '{' in '`batches` is {batches.value.'",
    ),
    (
        "checks/count.yaml",
        "make {batches.value} batches",
        "make batches.value} batches",
        "checks/count.yaml, line 14: Expected braces in pairs",
        "single '}'",
    ),
    (
        "checks/count.yaml",
        "batches.value == ceil",
        "batches.valeu == ceil",
        "checks/count.yaml, line 10: No fact 'valeu' of `batches`",
        "kind, there, type, value",
    ),
    (
        "checks/count.yaml",
        "when: EXAMPLES.value",
        "when: EXAMPLES.size",
        "checks/count.yaml, line 5: No fact",
        "'size'",
    ),
    (
        "checks/count.yaml",
        "make {batches.value} batches",
        "make {batches.values} batches",
        "checks/count.yaml, line 14: No fact 'values' of `batches`",
        "value.",
    ),
    (
        "checks/count.yaml",
        "{EXAMPLES.value} examples",
        "{EXAMPLES.} examples",
        "checks/count.yaml",
        "not an expression",
    ),
    (
        "checks/count.yaml",
        "  - require: batches.value !=",
        "  - use: none\n  - require: batches.value !=",
        "checks/count.yaml, line 5",
        "_none.yaml",
    ),
    (
        "checks/count.yaml",
        "code: batches = EXAMPLES // 128",
        "replace: {ceil: floor}",
        "checks/count.yaml, line 18: Expected part of the solution",
        "'ceil'",
    ),
    (
        "checks/count.yaml",
        "    says: leaves out the last, smaller batch\n",
        "",
        "checks/count.yaml, line 17: The key 'says' is missing",
        "",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "begins", "says"), MISTAKES)
def test_a_mistake_of_an_author_is_reported_with_file_and_line(
    folder: Path, file: str, old: str, new: str, begins: str, says: str
) -> None:
    change(folder / file, old, new)
    with pytest.raises(InputError) as caught:
        load(folder)
    assert str(caught.value).startswith(begins)
    assert says in str(caught.value)


@pytest.mark.parametrize("setup", ["from math import pi as EXAMPLES", "from math import *"])
def test_names_that_the_setup_imports_can_be_replaced_too(folder: Path, setup: str) -> None:
    change(folder / "notebook.md", "EXAMPLES = 1000", setup)
    assert load(folder).try_with == {"EXAMPLES": 1000}


def test_files_that_nothing_refers_to_are_reported(folder: Path) -> None:
    (folder / "checks/other.yaml").write_text("asks: {a: number}\n")
    with pytest.raises(InputError, match=r"checks/other.yaml, line 1: No task has this check"):
        load(folder)
    (folder / "checks/other.yaml").unlink()
    (folder / "tasks/other.md").write_text("Words.\n")
    with pytest.raises(InputError, match=r"tasks/other.md, line 1: No task in session.yaml has this id"):
        load(folder)


def test_a_missing_notebook_is_reported(folder: Path) -> None:
    (folder / "notebook.md").unlink()
    with pytest.raises(InputError, match=r"notebook.md: A session needs this file"):
        load(folder)


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / "tasks/link.md").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=r"tasks/link.md: Expected a file of the session itself"):
        load(folder)


def test_a_linked_folder_is_refused_since_the_digest_does_not_cover_its_files(folder: Path, tmp_path: Path) -> None:
    (folder / "checks").rename(tmp_path / "checks")
    (folder / "checks").symlink_to(tmp_path / "checks", target_is_directory=True)
    with pytest.raises(InputError, match=r"checks: Expected a file of the session itself. Received: a link"):
        load(folder)


def test_files_that_an_editor_or_a_system_leaves_behind_are_ignored(folder: Path) -> None:
    before = load(folder)
    (folder / "guide").mkdir()
    for name in ("checks/._count.yaml", "tasks/._count.md", "guide/._count.md"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07\xff")
    # Emacs locks a file by a link to nowhere.
    (folder / "tasks/.#count.md").symlink_to("me@here.1:2")
    assert load(folder) == before


def test_an_unknown_session_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"avoid-overfitting"):
        load(tmp_path / "nothing")


def test_the_digest_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    before = load(folder).digest
    (folder / ".cache").write_text("x")
    assert load(folder).digest == before
    change(folder / "checks/count.yaml", "rounded down", "rounded off")
    assert load(folder).digest != before


def test_yaml_creates_only_plain_values(folder: Path) -> None:
    change(folder / "session.yaml", "title: My session", "title: !!python/object/apply:os.getcwd []")
    with pytest.raises(InputError, match=r"session.yaml, line 1: Expected YAML"):
        load(folder)


def test_the_learners_notebook_has_the_starters_and_no_solution(folder: Path) -> None:
    notebook = starter_notebook(load(folder))
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert codes == ["EXAMPLES = 1000", "batches = ...  # of 128 examples"]
    assert [cell.metadata["regulab"]["role"] for cell in notebook.cells[1:]] == ["setup", "heading", "starter"]
    assert notebook == starter_notebook(load(folder))


QUIZ = "```{quiz}\nquestion: Well?\nanswers:\n  - text: One\n    right: true\n  - text: Two\n```\n\n"


def test_a_task_shows_its_solution_only_on_request(folder: Path) -> None:
    change(folder / "tasks/count.md", "```{verify}", f"{QUIZ}```{{verify}}")
    session = load(folder)
    shown = page(session, trusted=True)
    assert [part["kind"] for part in shown["tasks"][0]["parts"]] == ["text", "quiz"]
    assert [answer["right"] for answer in shown["tasks"][0]["parts"][1]["answers"]] == [True, False]
    assert shown["tasks"][0]["hints"] == ["What about the rest?"]
    hint, solution = (revealed(session.tasks[0], kind, 1) for kind in ("hint", "solution"))
    for secret in ("-(-EXAMPLES", "Divide, and round up", "The last batch may be smaller"):
        assert secret not in str(shown)
        assert secret in str(hint) + str(solution)


def test_the_notebook_is_read_as_jupytext_reads_it() -> None:
    session = load("avoid-overfitting")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jupytext
    notebook = jupytext.reads((session.folder / "notebook.md").read_text(), fmt="md:myst")
    expected = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    tags = [cell.metadata["tags"] for cell in notebook.cells if cell.cell_type == "code"]
    cells = read_cells(session.folder, tasks=15).cells
    assert [cell.code for cell in cells] == expected
    assert [cell.role for cell in cells] == [tag[-1] for tag in tags]


def test_a_new_session_does_not_overwrite_anything(folder: Path) -> None:
    with pytest.raises(InputError, match="Expected a new or an empty folder"):
        write(folder)
