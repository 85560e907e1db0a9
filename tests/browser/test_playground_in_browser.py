from __future__ import annotations

import re

import pytest

from labs import NUMBERS
from themes import darken

__all__ = ["darken"]

pytestmark = pytest.mark.slow

CELL = """
import regulab as rl

data = rl.data.reviews(train=2_000, validation=600, test=100, words=2_000)
build = rl.default_model(data)
rl.playground(build, data, batch_size=64, epochs=12)
"""
# TensorFlow's import, and on a new machine the compiling of the kernels, come before the first epoch.
FIRST = 240_000
LATEST = ".rlp-latest .rlp-validation"


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    return start_lab(NUMBERS)


class Player:
    """Somebody at a playground."""

    def __init__(self, learner):
        self.learner, self.page = learner, learner.page

    def open(self, code=CELL):
        self.learner.run(code, wait=False)
        prompt = self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first
        for _ in range(10):
            # A notebook that has just been opened may not listen yet.
            self.page.wait_for_timeout(1000)
            if prompt.inner_text() != "[ ]:":
                break
            self.page.keyboard.press("Control+Enter")
        self.page.locator(".rlp-playground").wait_for(timeout=FIRST)
        self.done(1)
        self.page.locator(".rlp-playground").scroll_into_view_if_needed()
        return self

    def done(self, number):
        self.page.locator(f'.rlp-latest[data-run="{number}"]').wait_for(timeout=FIRST, state="attached")
        self.button("Train").wait_for(timeout=FIRST)

    def button(self, name):
        return self.page.locator(".rlp-playground").get_by_role("button", name=name, exact=True)

    def slider(self, name):
        return self.page.locator(".rlp-playground").get_by_role("slider", name=name, exact=True)

    def move(self, name, key, times=1):
        self.slider(name).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def said(self):
        return self.page.locator(".rlp-status").inner_text()

    def cells(self):
        return self.page.locator(".jp-Notebook .jp-Cell").count()

    def rows(self):
        return [re.split(r"\t", text) for text in self.page.locator(".rlp-runs tbody tr").all_inner_texts()]


@pytest.fixture
def player(lab, learner):
    def sit(**options):
        options = {"viewport": {"width": 1280, "height": 1000}} | options
        jupyterlab = options.pop("jupyterlab", False)
        return Player(learner(lab, **options).open(lab=jupyterlab))

    return sit


def test_curves_grow_while_it_trains(player):
    # Five hundred steps an epoch, which can be watched.
    visitor = player().open(CELL.replace("batch_size=64", "batch_size=4"))
    lengths = set()
    visitor.move("Epochs", "End")
    visitor.page.locator('.rlp-latest[data-run="2"]').wait_for(state="attached")
    while visitor.button("Stop").count():
        lengths.add(len(visitor.page.locator(LATEST).get_attribute("d") or ""))
        visitor.page.wait_for_timeout(100)
    visitor.done(2)
    assert len(lengths) > 3


def test_ghosts_stay_and_the_code_comes_into_a_cell_by_keyboard_alone(player):
    visitor = player().open()
    assert visitor.said().startswith("Run 1 (as built)")
    cells = visitor.cells()

    visitor.move("L2", "ArrowRight", times=5)
    visitor.done(2)
    assert visitor.page.locator(".rlp-ghost").count() == 1
    assert [row[:2] for row in visitor.rows()] == [["2", "L2 0.001"], ["1", "as built"]]
    assert "that of run 1 (as built). One seed each proves nothing" in visitor.said()
    # None of the keys went to the notebook, as arrows, Enter and the space bar otherwise would.
    assert visitor.cells() == cells

    visitor.button("Write the code").focus()
    visitor.page.keyboard.press("Enter")
    written = visitor.page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".cm-content")
    written.get_by_text("keras.regularizers.L2(l2=0.001)").first.wait_for()
    assert visitor.cells() == cells + 1
    visitor.button("Clear earlier runs").focus()
    visitor.page.keyboard.press("Space")
    visitor.page.locator(".rlp-ghost").wait_for(state="detached")
    assert visitor.learner.problems == []
    assert [
        url for url in visitor.learner.requests if not url.startswith((visitor.learner.lab.base, "data:", "blob:"))
    ] == []

    # It runs, and trains what it says.
    code = visitor.page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    visitor.page.keyboard.press("Escape")
    code.locator(".cm-content").click()
    visitor.page.keyboard.press("Control+Home")
    visitor.page.keyboard.press("Control+Enter")
    code.get_by_text(re.compile(r"Epoch 12/12")).first.wait_for(timeout=FIRST)


def test_the_keys_are_the_notebooks_again_after_a_click_beside_the_sliders(player):
    visitor = player().open()
    cells = visitor.cells()
    visitor.move("Seed", "ArrowRight")
    visitor.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    visitor.page.keyboard.press("b")
    visitor.page.wait_for_function(
        "cells => document.querySelectorAll('.jp-Notebook .jp-Cell').length > cells", arg=cells
    )
    assert visitor.learner.problems == []


def test_a_training_can_be_stopped_and_a_slider_begins_it_anew(player):
    visitor = player().open()
    visitor.move("Epochs", "End")
    visitor.move("Width", "End")
    visitor.page.locator('.rlp-latest[data-run="2"]').wait_for(state="attached")
    # The kernel answers while it trains.
    visitor.learner.run("print(6 * 7)", cell=1)
    visitor.page.get_by_text("42", exact=True).wait_for()
    assert visitor.button("Stop").is_visible()
    visitor.move("Dropout", "ArrowRight", times=5)
    visitor.page.locator('.rlp-latest[data-run="3"]').wait_for(state="attached")
    assert [row[0] for row in visitor.rows()] == ["3", "1"]
    visitor.button("Stop").click()
    visitor.button("Train").wait_for()
    assert "stopped after epoch" in visitor.rows()[0][3]
    assert "dropout 0.5" in visitor.rows()[0][1]


@pytest.mark.parametrize(
    ("dark", "width", "picture"), [(False, 1280, "playground"), (True, 1280, "playground-dark"), (False, 640, "")]
)
def test_it_is_readable_in_both_themes_and_a_narrow_window(lab, player, shoot, darken, faults, dark, width, picture):
    if dark:
        darken(lab)
    visitor = player(viewport={"width": width, "height": 1000}).open()
    visitor.move("Dropout", "ArrowRight", times=5)
    visitor.done(2)
    visitor.move("Width", "End")
    visitor.done(3)
    visitor.page.locator(".rlp-runs").scroll_into_view_if_needed()
    if picture:
        shoot(visitor.page, picture)
    assert faults(visitor.page, ".rlp-playground") == []
    assert visitor.page.eval_on_selector(".rlp-playground", "node => node.scrollWidth <= node.clientWidth + 1")


def test_jupyterlab_shows_it_as_well(player):
    visitor = player(jupyterlab=True).open()
    visitor.move("L2", "ArrowRight")
    visitor.done(2)
    visitor.button("Write the code").click()
    visitor.page.locator(".jp-Notebook .jp-CodeCell").nth(1).get_by_text("keras.Sequential").first.wait_for()
    assert visitor.learner.problems == []
