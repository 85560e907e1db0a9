from __future__ import annotations

import base64
import html.parser

import nbformat
import pytest
from click.testing import CliRunner

from labs import NUMBERS
from regulab.cli import cli
from regulab.lab.authoring.loading import load
from regulab.lab.grading.verdicts import Verdict
from regulab.lab.learner.progress import Progress
from regulab.lab.learner.progress_file import ProgressFile
from regulab.lab.learner.summary import MAX_IMAGE, Image, summarize
from regulab.lab.learner.summary_page import page

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"pixels").decode()


@pytest.fixture
def session():
    return load(NUMBERS)


def cell(source, *outputs, task=None, role="starter", kind="code"):
    metadata = {"regulab": {"task": task, "role": role}} if task else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, "outputs": list(outputs)}


def shown(**data):
    return {"output_type": "execute_result", "data": {key.replace("_", "/"): value for key, value in data.items()}}


def printed(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def notebook(*cells):
    return {"cells": list(cells)}


def test_a_task_shows_its_own_cells_and_those_added_below(session):
    summary = summarize(
        session,
        Progress("numbers"),
        notebook(
            cell("import numpy"),
            cell("# A half", task="half", role="heading", kind="markdown"),
            cell("rate = 0.5", printed("one\n"), task="half"),
            cell("rate", shown(text_plain="0.5")),
            cell("double = 1", shown(image_png=PNG, text_plain="<Figure>"), task="double"),
        ),
    )
    half, double = summary.tasks
    assert (half.code, half.outputs) == ("rate = 0.5\n\nrate", ("one", "0.5"))
    assert double.outputs == (Image("image/png", PNG),)


def test_a_cell_as_the_session_gave_it_is_not_shown(session):
    half = summarize(session, Progress("numbers"), notebook(cell("rate = ...", task="half"))).tasks[0]
    assert (half.code, half.outputs, half.started) == ("", (), False)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (printed("loss\x1b[1m 0.5\x1b[0m\n"), ("loss 0.5",)),
        (printed("a warning\n", name="stderr"), ()),
        ({"output_type": "error", "ename": "ValueError", "evalue": "no <b>", "traceback": []}, ("ValueError: no <b>",)),
        (shown(text_plain="<Axes: xlabel='epoch'>"), ()),
        (shown(text_plain=["(1,\n", " 2)"]), ("(1,\n 2)",)),
        (shown(text_html="<script>1</script>", text_plain="a table"), ("a table",)),
        (shown(image_png="no base64!"), ()),
        (shown(image_png=base64.b64encode(b"GIF89a").decode()), ()),
        (shown(image_png="A" * 8), ()),
        (shown(**{"application/vnd.widget": "x", "text/plain": "Slider()"}), ()),
    ],
)
def test_outputs_are_shown_as_their_type_or_left_out(session, output, expected):
    summary = summarize(session, Progress("numbers"), notebook(cell("rate = 0.5", output, task="half")))
    assert summary.tasks[0].outputs == expected


def test_a_long_text_keeps_its_end_and_a_picture_too_large_is_left_out(session):
    text = "\n".join(f"epoch {number}" for number in range(1000))
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_IMAGE).decode()
    cells = notebook(cell("rate = 0.5", printed(text), shown(image_png=large), task="half"))
    picture, said = summarize(session, Progress("numbers"), cells).tasks[0].outputs
    assert picture == "(an image too large to show here)"
    assert said.startswith("…\nepoch ")
    assert said.endswith("epoch 999")
    assert len(said) <= 1_502


def finished():
    progress = Progress("numbers").opened("half").at(100.0)
    progress = progress.checked("half", Verdict.PASSED, "`rate` is a half.").at(220.0).hinted("half", 2).solved("half")
    return progress.opened("double").at(221.0).checked("double", Verdict.PASSED, "Twice as much.").at(521.0)


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_the_page_shows_tasks_passed_time_hints_and_solutions(session):
    text = page(summarize(session, finished(), notebook()), when="today")
    assert "2 of 2 tasks passed · 7 min · 2 hints used" in text
    assert "For 1 of them, the solution was opened." in text
    assert "<code>rate</code> is a half." in text


def test_there_is_no_conclusion_before_all_tasks_have_passed(session):
    half = Progress("numbers").checked("half", Verdict.PASSED, "Right.")
    text = page(summarize(session, half, notebook()), when="today")
    assert (
        "Not finished: 1 task has not passed yet, so there is no conclusion. Open: <em>The double of it</em>." in text
    )
    ours = load("avoid-overfitting")
    open_ = page(summarize(ours, Progress(ours.name), notebook()), when="today")
    assert "no detectable difference" not in open_
    done = Progress(ours.name)
    for task in ours.tasks:
        done = done.checked(task.id, Verdict.PASSED, "Right.")
    assert "no detectable difference" in page(summarize(ours, done, notebook()), when="today")


def test_the_page_runs_nothing_and_loads_nothing(session):
    evil = "<script>alert(1)</script><img src=https://example.org/x onerror=alert(2)>"
    svg = f"<svg xmlns='x'>{evil}</svg>"
    progress = Progress("numbers").checked("half", Verdict.PASSED, f"{evil} [a](javascript:alert(3))")
    cells = notebook(cell(f"rate = 0.5 # {evil}", printed(evil), shown(**{"image/svg+xml": svg}), task="half"))
    seen = Tags(page(summarize(session, progress, cells), when=evil))
    assert "script" not in seen.tags
    assert [link for link in seen.links if not link.startswith(("#", "data:image/"))] == []


def test_the_command_writes_the_page(tmp_path):
    run = CliRunner().invoke
    out = tmp_path / "out.html"
    arguments = ["session", "summary", str(NUMBERS), "--folder", str(tmp_path), "--out", str(out)]
    none = run(cli, arguments)
    assert (none.exit_code, "no such file. `regulab lab` creates one" in none.output) == (2, True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "numbers.ipynb").write_text("{")
    assert run(cli, arguments).exit_code == 2
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), tmp_path / "numbers.ipynb")
    ProgressFile(tmp_path / ".regulab", "numbers").change(
        lambda progress: progress.checked("half", Verdict.PASSED, "Right.")
    )
    done = run(cli, arguments)
    assert done.exit_code == 0, done.output
    assert "1 of 2 tasks passed" in out.read_text()
