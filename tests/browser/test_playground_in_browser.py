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
    # Two thousand steps an epoch, which can be watched.
    one = player().open(CELL.replace("train=2_000", "train=8_000").replace("batch_size=64", "batch_size=4"))
    lengths = set()
    one.move("Epochs", "End")
    one.page.locator('.rlp-latest[data-run="2"]').wait_for(state="attached")
    while one.button("Stop").count():
        lengths.add(len(one.page.locator(LATEST).get_attribute("d") or ""))
        one.page.wait_for_timeout(100)
    one.done(2)
    assert len(lengths) > 3


def test_ghosts_stay_and_the_code_comes_into_a_cell_by_keyboard_alone(player):
    one = player().open()
    assert one.said().startswith("Run 1 (as built)")
    cells = one.cells()

    one.move("Epochs", "End")
    one.move("L2", "ArrowRight", times=5)
    one.done(2)
    assert one.page.locator(".rlp-ghost").count() == 1
    assert [row[:2] for row in one.rows()] == [["2", "L2 0.001"], ["1", "as built"]]
    assert "that of run 1 (as built). One seed each proves nothing" in one.said()
    # None of the keys went to the notebook, as arrows, Enter and the space bar otherwise would.
    assert one.cells() == cells

    one.button("Write the code").focus()
    one.page.keyboard.press("Enter")
    written = one.page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".cm-content")
    written.get_by_text("keras.regularizers.L2(l2=0.001)").first.wait_for()
    assert one.cells() == cells + 1
    one.button("Clear earlier runs").focus()
    one.page.keyboard.press("Space")
    one.page.locator(".rlp-ghost").wait_for(state="detached")
    assert one.learner.problems == []
    assert [url for url in one.learner.requests if not url.startswith((one.learner.lab.base, "data:", "blob:"))] == []

    # It runs, and trains what it says.
    code = one.page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    one.page.keyboard.press("Escape")
    code.locator(".cm-content").click()
    one.page.keyboard.press("Control+Home")
    one.page.keyboard.press("Control+Enter")
    code.get_by_text(re.compile(r"Epoch 100/100")).first.wait_for(timeout=FIRST)


def test_the_keys_are_the_notebooks_again_after_a_click_beside_the_sliders(player):
    one = player().open()
    cells = one.cells()
    one.move("Seed", "ArrowRight")
    one.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    one.page.keyboard.press("b")
    one.page.wait_for_function("cells => document.querySelectorAll('.jp-Notebook .jp-Cell').length > cells", arg=cells)
    assert one.learner.problems == []


def test_a_training_can_be_stopped_and_a_slider_begins_it_anew(player):
    one = player().open()
    one.move("Epochs", "End")
    one.move("Width", "End")
    one.page.locator('.rlp-latest[data-run="2"]').wait_for(state="attached")
    # The kernel answers while it trains.
    one.learner.run("print(6 * 7)", cell=1)
    one.page.get_by_text("42", exact=True).wait_for()
    assert one.button("Stop").is_visible()
    one.move("Dropout", "ArrowRight", times=5)
    one.page.locator('.rlp-latest[data-run="3"]').wait_for(state="attached")
    assert [row[0] for row in one.rows()] == ["3", "1"]
    one.button("Stop").click()
    one.button("Train").wait_for()
    assert "stopped after epoch" in one.rows()[0][3]
    assert "dropout 0.5" in one.rows()[0][1]


@pytest.mark.parametrize(
    ("dark", "width", "picture"), [(False, 1280, "playground"), (True, 1280, "playground-dark"), (False, 640, "")]
)
def test_it_is_readable_in_both_themes_and_a_narrow_window(lab, player, shoot, darken, faults, dark, width, picture):
    if dark:
        darken(lab)
    one = player(viewport={"width": width, "height": 1000}).open()
    one.move("Dropout", "ArrowRight", times=5)
    one.done(2)
    one.move("Width", "End")
    one.done(3)
    one.page.locator(".rlp-runs").scroll_into_view_if_needed()
    if picture:
        shoot(one.page, picture)
    assert faults(one.page, ".rlp-playground") == []
    assert one.page.eval_on_selector(".rlp-playground", "node => node.scrollWidth <= node.clientWidth + 1")


def test_jupyterlab_shows_it_as_well(player):
    one = player(jupyterlab=True).open()
    one.move("L2", "ArrowRight")
    one.done(2)
    one.button("Write the code").click()
    one.page.locator(".jp-Notebook .jp-CodeCell").nth(1).get_by_text("keras.Sequential").first.wait_for()
    assert one.learner.problems == []
