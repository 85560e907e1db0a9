from __future__ import annotations

import re

import pytest

from regulab.lab.authoring.loading import load
from themes import darken

__all__ = ["darken"]
pytestmark = pytest.mark.slow
#: What learners get wrong most often; tests/lab tries all mistakes that the checks know.
MISTAKES = (
    "off by the index offset",
    "labels of the wrong shape",
    "trained on the test set",
    "too few epochs",
    "penalty on the output layer",
    "comparing penalized with unpenalized loss",
    "dropout after the sigmoid",
)
WIDTH = re.compile(r"\d+")


def plain(markdown):
    """What is read of a message, without its signs."""
    return " ".join(re.sub("[`*]", "", markdown).split())


@pytest.fixture(scope="module")
def session():
    return load("avoid-overfitting")


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    return start_lab("avoid-overfitting")


def test_the_course_opens_alongside_its_notebook(lab, session, learner, shoot, faults):
    window = learner(lab, viewport={"width": 1280, "height": 800}).open()
    minutes = [int(WIDTH.search(text)[0]) for text in window.panel(".rl-minutes").all_inner_texts()]
    assert minutes == [task.minutes for task in session.tasks]
    assert "0 of 15 tasks done · about 73 min left" in window.panel(".rl-count").inner_text()
    assert window.page.get_by_text("Trusted", exact=True).is_visible()
    assert window.page.locator(".jp-toast, .jp-Dialog").count() == 0
    # The cell to begin with is the setup, below the title.
    assert window.page.locator(".jp-Notebook h1").bounding_box()["y"] > 100
    shoot(window.page, "start")
    assert faults(window.page) == []


def test_the_panel_is_dark_with_the_theme_and_has_no_accessibility_fault(lab, learner, shoot, darken, faults):
    darken(lab)
    window = learner(lab, viewport={"width": 1280, "height": 800}).open()
    window.choose(1)
    window.run("batches = 39", cell=1)
    assert "Not yet" in window.check()
    window.panel(".rl-hint").click()
    window.panel(".rl-solution").click()
    window.panel(".rl-aid-solution").wait_for()
    shoot(window.page, "dark")
    assert faults(window.page) == []


@pytest.mark.parametrize("width", [1000, 640])
def test_a_narrow_window_cuts_nothing_off(lab, learner, width):
    window = learner(lab, viewport={"width": width, "height": 800}).open()
    for selector in (".rl-check", ".rl-solution", ".rl-step >> nth=1"):
        box = window.panel(selector).bounding_box()
        panel = window.page.locator(".rl-panel").bounding_box()
        assert panel["x"] <= box["x"]
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    fits = "node => node.scrollWidth <= node.clientWidth"
    assert window.page.eval_on_selector(".rl-body", fits)


def test_the_course_is_solved_task_by_task_and_typical_mistakes_are_named(lab, session, learner, shoot, faults):
    window = learner(lab, viewport={"width": 1280, "height": 800}).open()
    small = "".join(f"\n{name} = {value!r}" for name, value in session.try_with.items())
    window.run(session.setup + small)
    window.choose(1)
    cell, verdicts, named = 1, {}, {}
    for task in session.tasks:
        if task.given:
            window.run(task.given, cell=cell)
            cell += 1
        solution = task.solution.code
        for mistake in (mistake for name in task.checks for mistake in session.checks[name].mistakes):
            if mistake.name not in MISTAKES or mistake.name in named:
                continue
            if mistake.after_solution:
                window.run(solution, cell=cell)
            window.run(f"kept = dict(globals())\n{mistake.code}", cell=cell)
            verdict = window.check()
            named[mistake.name] = ("Not yet" in verdict and plain(mistake.message) in plain(verdict)) or verdict
            # What earlier tasks had made is as it was.
            window.run("globals().update(kept)", cell=cell)
        window.run(solution, cell=cell)
        cell += 1
        verdicts[task.id] = window.check()
        if task is not session.tasks[-1]:
            window.panel(".rl-step").nth(1).click()
    assert {name: text for name, text in verdicts.items() if "Passed" not in text} == {}
    assert named == dict.fromkeys(MISTAKES, True)
    assert "All 15 tasks done" in window.panel(".rl-count").inner_text()

    page = window.summary(".rl-onward")
    assert "15 of 15 tasks passed" in page.locator(".lead").inner_text()
    assert "Against the baseline, " in page.locator(".conclusion").inner_text()
    assert page.locator("img.plot").count() >= 6
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    page.set_viewport_size({"width": 900, "height": 1500})
    shoot(page, "summary")
    assert faults(page, None) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page, None) == []
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The saved file shows the same, with no server.
    with page.expect_download() as download:
        page.locator(".save a").click()
    page.goto(download.value.path().as_uri())
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert window.problems == []
