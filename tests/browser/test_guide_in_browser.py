from __future__ import annotations

import re
import time

import pytest

from assistants import KEY, stand
from themes import darken

__all__ = ["darken", "stand"]
pytestmark = pytest.mark.slow

# Random labels can only be memorized.
TRAINING = """
import os, time
import keras, numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(96, 200)), rng.integers(0, 2, size=(96, 1))
class Pause(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(PAUSE)
keras.utils.set_random_seed(0)
layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
model = keras.Sequential([keras.Input((200,)), *layers])
model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["binary_crossentropy"])
history = model.fit(x[:64], y[:64], epochs=EPOCHS, validation_data=(x[64:], y[64:]), verbose=0, callbacks=[Pause()])
"""

# Slow enough for the guide to look between its two lines.
FIGURE = """
import time
import matplotlib.pyplot as plt
_ = plt.plot([1, 2])
time.sleep(3)
_ = plt.plot([2, 1])
print(len(plt.gca().lines), "lines")
"""


def training(*, epochs, pause):
    return TRAINING.replace("PAUSE", str(pause)).replace("EPOCHS", str(epochs))


@pytest.fixture(scope="module")
def lab(start_lab, browser, stand):
    from labs import NUMBERS

    return start_lab(NUMBERS, "--assistant-url", stand.url, "--assistant-model", "small", REGULAB_ASSISTANT_KEY=KEY)


@pytest.fixture(scope="module")
def course(start_lab, browser, stand):
    return start_lab("avoid-overfitting", "--assistant-url", stand.url, "--assistant-model", "small")


def ask(tab, question):
    tab.panel(".rl-question").fill(question)
    tab.panel(".rl-ask button").click()
    tab.panel(".rl-answers").wait_for()


def test_a_question_is_answered_with_its_source_which_opens(lab, learner):
    tab = learner(lab).open()
    ask(tab, "Why does the validation loss go up?")
    answers = tab.panel(".rl-answered")
    assert "The validation loss rises" in answers.first.inner_text()
    assert answers.count() == 3
    # A page of the documentation, opened as a whole, and back.
    ask(tab, "overconfident")
    tab.panel(".rl-source >> text=Page: OVERCONFIDENT").click()
    tab.panel(".rl-answers h2 >> text=Why it matters").wait_for()
    assert tab.page.evaluate("document.activeElement.className").endswith("rl-back")
    tab.panel(".rl-back").click()
    tab.panel(".rl-answered").first.wait_for()
    # A task, opened in the panel.
    ask(tab, "What is the double of the rate?")
    tab.panel(".rl-source >> text=Task 2").click()
    tab.panel(".rl-article h2 >> text=The double of it").wait_for()
    assert tab.panel(".rl-answers").is_hidden()
    ask(tab, "Who won the football match?")
    assert "knows nothing that fits" in tab.panel(".rl-answers").inner_text()
    assert tab.problems == []


def test_an_error_of_a_cell_is_explained_until_the_cell_runs_well(lab, learner):
    tab = learner(lab).open()
    tab.run("2 * rate_of_learning")
    tab.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    # The focus stays in the notebook.
    assert tab.page.evaluate("!document.activeElement.closest('.rl-panel')")
    tab.panel(".rl-item summary").click()
    assert "Python does not know rate_of_learning" in tab.panel(".rl-item").inner_text()
    # The task whose cell makes the name.
    tab.run("2 * double")
    tab.panel(".rl-item >> text=NameError").wait_for()
    tab.panel(".rl-item summary").click()
    tab.panel(".rl-item .rl-source >> text=Task 2").click()
    tab.panel(".rl-article h2 >> text=The double of it").wait_for()
    tab.run("'0.5' + 1")
    tab.panel(".rl-item >> text=TypeError: A rate has no unit").wait_for()
    tab.run("class OddError(Exception): pass\nraise OddError('odd')")
    tab.panel(".rl-item >> text=OddError: the catalogue has no entry").wait_for()
    tab.run("rate = 0.5")
    tab.panel(".rl-item").wait_for(state="detached")
    assert tab.problems == []


def test_jupyterlab_has_the_same_guide(lab, learner):
    tab = learner(lab).open(lab=True)
    ask(tab, "Why does the validation loss go up?")
    assert "The validation loss rises" in tab.panel(".rl-answered").first.inner_text()
    tab.run("2 * rate_of_learning")
    tab.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    tab.run(training(epochs=60, pause=0.5), wait=False)
    tab.panel(".rl-item[data-about=training-warning]").wait_for(timeout=120_000)
    tab.interrupt()
    assert tab.problems == []


def test_the_guide_remarks_once_on_a_training_that_overfits(lab, learner):
    tab = learner(lab).open()
    tab.run(training(epochs=60, pause=0.5), wait=False)
    remark = tab.panel(".rl-item[data-about=training-warning]")
    remark.wait_for(timeout=120_000)
    # The cell is still running.
    assert tab.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.inner_text() == "[*]:"
    assert re.search(r"Validation loss turned at epoch \d+.*training loss keeps falling", remark.inner_text(), re.S)
    assert tab.panel(".rl-news").get_attribute("aria-live") == "polite"
    assert tab.page.evaluate("!document.activeElement.closest('.rl-panel')")
    # Its page is at hand.
    remark.locator(".rl-source").click()
    tab.panel(".rl-answers h2 >> text=How it is detected").wait_for()
    # The same remark does not come again, not even when the training has ended.
    remark.get_by_label("Dismiss").click()
    time.sleep(3)
    tab.interrupt()
    time.sleep(3)
    assert tab.panel(".rl-item[data-about=training-warning]").count() == 0
    # Another training gets its own remark, even if it ends before the guide looks.
    tab.run(training(epochs=30, pause=0))
    remark.wait_for()
    assert "Validation loss turned at epoch" in remark.inner_text()
    # The remark goes when the cell is run again or replaced.
    tab.run("rate = 0.5")
    remark.wait_for(state="detached")
    # Labels without a column, with the message of a network that was trained before.
    tab.run("model.fit(x[:64], y[:64, 0])")
    tab.panel(".rl-item >> text=ValueError: Labels need one column").wait_for()
    # A training that ended before the page was loaded gets no remark.
    tab.page.reload()
    tab.wait()
    tab.run("rate = 0.5")
    time.sleep(4)
    assert tab.panel(".rl-item").count() == 0
    assert tab.problems == []


def test_a_figure_stays_with_its_cell_while_the_guide_looks(lab, learner):
    tab = learner(lab).open()
    output = tab.page.locator(".jp-Notebook .jp-CodeCell").first.locator(".jp-OutputArea").first
    tab.run(FIGURE)
    output.locator("img").wait_for()
    assert output.inner_text().strip() == "2 lines"
    # A restarted kernel is asked again.
    tab.restart()
    tab.run(FIGURE.replace('"lines"', '"lines again"'))
    output.get_by_text("2 lines again").wait_for()
    assert output.locator("img").count() == 1
    assert tab.problems == []


def test_the_assistant_receives_only_what_the_learner_has_agreed_to(lab, learner, stand):
    stand.reset()
    tab = learner(lab).open()
    tab.run("1 / 0")
    tab.panel(".rl-item").wait_for()
    ask(tab, "What is a half?")
    tab.panel(".rl-outside").click()
    draft = tab.panel(".rl-draft")
    draft.wait_for()
    assert "ZeroDivisionError" not in draft.inner_text()
    tab.panel(".rl-assistant label").first.click()
    tab.panel(".rl-draft >> text=ZeroDivisionError").wait_for()
    shown = tab.panel(".rl-draft").inner_text()
    assert stand.requests == []
    tab.panel(".rl-assistant >> text=Send this").click()
    tab.panel(".rl-from").wait_for()
    assert "Look at the first cell." in tab.panel(".rl-assistant").inner_text()
    [(_, headers, body)] = stand.requests
    assert headers["Authorization"] == f"Bearer {KEY}"
    for message in body["messages"]:
        assert "".join(message["content"].split()) in "".join(shown.split())
    assert KEY not in tab.page.content()
    assert tab.problems == []


def test_the_guide_can_be_used_with_the_keyboard_alone(lab, learner):
    tab = learner(lab).open()
    tab.idle()
    press = tab.page.keyboard.press
    tab.panel(".rl-check").focus()
    for _ in range(10):
        press("Tab")
        if tab.page.evaluate("document.activeElement.id") == "rl-question":
            break
    tab.page.keyboard.type("early stopping")
    press("Enter")
    tab.panel(".rl-answered").first.wait_for()
    for _ in range(12):
        press("Shift+Tab")
        if tab.page.evaluate("document.activeElement.className").find("rl-source") >= 0:
            break
    press("Enter")
    tab.panel(".rl-back").wait_for()
    assert tab.page.evaluate("document.activeElement.className").endswith("rl-back")
    press("Escape")
    assert tab.panel(".rl-answers").is_hidden()
    assert tab.page.evaluate("document.activeElement.id") == "rl-question"


def test_the_guide_has_no_accessibility_fault_in_light_and_dark(course, learner, shoot, darken, faults):
    tab = learner(course).open()
    tab.panel(".rl-toggle").click()
    tab.run(training(epochs=30, pause=0))
    tab.panel(".rl-item[data-about=training-warning]").wait_for()
    tab.run("baseline_history.history", cell=1)
    tab.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    shoot(tab.page, "guide")
    assert faults(tab.page) == []
    tab.panel(".rl-item summary").click()
    ask(tab, "Why does the validation loss go up?")
    assert faults(tab.page) == []
    tab.panel(".rl-answered[open] .rl-source").click()
    tab.panel(".rl-back").wait_for()
    assert faults(tab.page) == []
    tab.close()
    darken(course)
    tab = learner(course).open()
    ask(tab, "Why is the last batch smaller?")
    # With the long task list open, everything still fits into the window.
    box = tab.panel(".rl-ask").bounding_box()
    assert box["y"] + box["height"] <= 800
    tab.panel(".rl-toggle").click()
    assert faults(tab.page) == []
    tab.panel(".rl-outside").click()
    tab.panel(".rl-draft").wait_for()
    shoot(tab.page, "assistant")
    assert faults(tab.page) == []
    tab.run("batches_an_epoch", cell=1)
    tab.panel(".rl-item summary").click()
    assert faults(tab.page) == []
