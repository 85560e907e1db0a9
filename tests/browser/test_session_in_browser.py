from __future__ import annotations

import re

import nbformat
import pytest

from regulab.lab.sessions import load
from themes import darken, faults

__all__ = ["darken"]
pytestmark = pytest.mark.slow
WIDTH = re.compile(r"\d+")


@pytest.fixture(scope="module")
def session():
    return load("avoid-overfitting")


@pytest.fixture(scope="module")
def lab(session, start_lab, browser, tmp_path_factory):
    """The real session, beside a notebook with all its solutions on less data."""
    folder = tmp_path_factory.mktemp("course")
    setup = session.setup
    for name, value in session.try_with.items():
        setup += f"\n{name} = {value!r}"
    cells = [setup]
    for task in session.tasks:
        cells += [code for code in (task.given, task.solution.code) if code]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    nbformat.write(notebook, folder / "solved.ipynb")
    return start_lab("avoid-overfitting", folder=folder)


def test_the_course_begins_beside_its_notebook(lab, session, learner, shoot):
    one = learner(lab, viewport={"width": 1280, "height": 800}).open()
    minutes = [int(WIDTH.search(text)[0]) for text in one.panel(".rl-minutes").all_inner_texts()]
    assert minutes == [task.minutes for task in session.tasks]
    assert "0 of 15 tasks done · about 73 min left" in one.panel(".rl-count").inner_text()
    assert one.page.get_by_text("Trusted", exact=True).is_visible()
    assert one.page.locator(".jp-toast, .jp-Dialog").count() == 0
    shoot(one.page, "start")
    assert faults(one.page) == []


def test_the_panel_is_dark_with_the_theme_and_has_no_accessibility_fault(lab, learner, shoot, darken):
    darken(lab)
    one = learner(lab, viewport={"width": 1280, "height": 800}).open()
    one.choose(1)
    one.run("batches = 39", cell=1)
    assert "Not yet" in one.check()
    one.panel(".rl-hint").click()
    one.panel(".rl-solution").click()
    one.panel(".rl-aid-solution").wait_for()
    shoot(one.page, "dark")
    assert faults(one.page) == []


@pytest.mark.parametrize("width", [1000, 640])
def test_a_narrow_window_cuts_nothing_off(lab, learner, width):
    one = learner(lab, viewport={"width": width, "height": 800}).open()
    for selector in (".rl-check", ".rl-solution", ".rl-step >> nth=1"):
        box = one.panel(selector).bounding_box()
        panel = one.page.locator(".rl-panel").bounding_box()
        assert panel["x"] <= box["x"]
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    fits = "node => node.scrollWidth <= node.clientWidth"
    assert one.page.eval_on_selector(".rl-body", fits)


def test_the_course_passes_with_its_own_solutions(lab, session, learner):
    lab.notebook, notebook = "solved.ipynb", lab.notebook
    one = learner(lab, viewport={"width": 1280, "height": 800}).open()
    lab.notebook = notebook
    one.page.get_by_role("menuitem", name="Run", exact=True).click()
    one.page.get_by_text("Run All Cells", exact=True).click()
    one.page.wait_for_function(
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(p => /\\[\\d+\\]/.test(p.textContent))",
        timeout=120_000,
    )
    said = {}
    for task in session.tasks:
        said[task.id] = one.check()
        if task is not session.tasks[-1]:
            one.panel(".rl-step").nth(1).click()
    assert {name: text for name, text in said.items() if "Passed" not in text} == {}
    assert "All 15 tasks done" in one.panel(".rl-count").inner_text()
    assert one.problems == []
