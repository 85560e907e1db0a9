from __future__ import annotations

import re
import time

import pytest

from assistants import KEY, stand
from themes import darken

__all__ = ["darken", "stand"]
pytestmark = pytest.mark.slow

# Random labels can only be learned by heart.
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

# Slow enough to be looked at between its two lines.
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


def ask(one, question):
    one.panel(".rl-question").fill(question)
    one.panel(".rl-ask button").click()
    one.panel(".rl-answers").wait_for()


def test_a_question_is_answered_with_its_source_which_opens(lab, learner):
    one = learner(lab).open()
    ask(one, "Why does the validation loss go up?")
    answers = one.panel(".rl-answered")
    assert "The validation loss rises" in answers.first.inner_text()
    assert answers.count() == 3
    # A page of the documentation, opened as a whole, and back.
    ask(one, "overconfident")
    one.panel(".rl-source >> text=Page: OVERCONFIDENT").click()
    one.panel(".rl-answers h2 >> text=Why it matters").wait_for()
    assert one.page.evaluate("document.activeElement.className").endswith("rl-back")
    one.panel(".rl-back").click()
    one.panel(".rl-answered").first.wait_for()
    # A task, opened in the panel.
    ask(one, "What is the double of the rate?")
    one.panel(".rl-source >> text=Task 2").click()
    one.panel(".rl-article h2 >> text=The double of it").wait_for()
    assert one.panel(".rl-answers").is_hidden()
    ask(one, "Who won the football match?")
    assert "knows nothing that fits" in one.panel(".rl-answers").inner_text()
    assert one.problems == []


def test_an_error_of_a_cell_is_explained_until_the_cell_runs_well(lab, learner):
    one = learner(lab).open()
    one.run("2 * rate_of_learning")
    one.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    # It says so beside the learner's work, and takes nothing away from it.
    assert one.page.evaluate("!document.activeElement.closest('.rl-panel')")
    one.panel(".rl-item summary").click()
    assert "Python knows no rate_of_learning" in one.panel(".rl-item").inner_text()
    # The task whose cell makes the name.
    one.run("2 * double")
    one.panel(".rl-item >> text=NameError").wait_for()
    one.panel(".rl-item summary").click()
    one.panel(".rl-item .rl-source >> text=Task 2").click()
    one.panel(".rl-article h2 >> text=The double of it").wait_for()
    one.run("'0.5' + 1")
    one.panel(".rl-item >> text=TypeError: A rate has no unit").wait_for()
    one.run("class OddError(Exception): pass\nraise OddError('odd')")
    one.panel(".rl-item >> text=OddError: the catalogue has no entry").wait_for()
    one.run("rate = 0.5")
    one.panel(".rl-item").wait_for(state="detached")
    assert one.problems == []


def test_jupyterlab_has_the_same_guide(lab, learner):
    one = learner(lab).open(lab=True)
    ask(one, "Why does the validation loss go up?")
    assert "The validation loss rises" in one.panel(".rl-answered").first.inner_text()
    one.run("2 * rate_of_learning")
    one.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    one.run(training(epochs=60, pause=0.5), wait=False)
    one.panel(".rl-item[data-about=training-warning]").wait_for(timeout=120_000)
    one.interrupt()
    assert one.problems == []


def test_it_speaks_once_while_a_training_overfits(lab, learner):
    one = learner(lab).open()
    one.run(training(epochs=60, pause=0.5), wait=False)
    remark = one.panel(".rl-item[data-about=training-warning]")
    remark.wait_for(timeout=120_000)
    # Said while the cell is running.
    assert one.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.inner_text() == "[*]:"
    assert re.search(r"Validation loss turned at epoch \d+.*training loss goes on falling", remark.inner_text(), re.S)
    assert one.panel(".rl-news").get_attribute("aria-live") == "polite"
    assert one.page.evaluate("!document.activeElement.closest('.rl-panel')")
    # Its page is at hand.
    remark.locator(".rl-source").click()
    one.panel(".rl-answers h2 >> text=How it is detected").wait_for()
    # The same is not said again, also not when the training has ended.
    remark.get_by_label("Dismiss").click()
    time.sleep(3)
    one.interrupt()
    time.sleep(3)
    assert one.panel(".rl-item[data-about=training-warning]").count() == 0
    # Another training is another matter, also one that is over too soon to be looked at.
    one.run(training(epochs=30, pause=0))
    remark.wait_for()
    assert "Validation loss turned at epoch" in remark.inner_text()
    # Run again, or replaced, a cell has another training, of which nothing has been said yet.
    one.run("rate = 0.5")
    remark.wait_for(state="detached")
    # Labels without a column, told as by a network that has been trained before.
    one.run("model.fit(x[:64], y[:64, 0])")
    one.panel(".rl-item >> text=ValueError: Labels need one column").wait_for()
    # What has ended before the page is loaded is no news.
    one.page.reload()
    one.wait()
    one.run("rate = 0.5")
    time.sleep(4)
    assert one.panel(".rl-item").count() == 0
    assert one.problems == []


def test_a_figure_stays_with_its_cell_while_the_guide_looks(lab, learner):
    one = learner(lab).open()
    output = one.page.locator(".jp-Notebook .jp-CodeCell").first.locator(".jp-OutputArea").first
    one.run(FIGURE)
    output.locator("img").wait_for()
    assert output.inner_text().strip() == "2 lines"
    # A kernel that was restarted is asked anew.
    one.restart()
    one.run(FIGURE.replace('"lines"', '"lines again"'))
    output.get_by_text("2 lines again").wait_for()
    assert output.locator("img").count() == 1
    assert one.problems == []


def test_the_assistant_is_told_what_the_learner_has_agreed_to(lab, learner, stand):
    stand.reset()
    one = learner(lab).open()
    one.run("1 / 0")
    one.panel(".rl-item").wait_for()
    ask(one, "What is a half?")
    one.panel(".rl-outside").click()
    draft = one.panel(".rl-draft")
    draft.wait_for()
    assert "ZeroDivisionError" not in draft.inner_text()
    one.panel(".rl-assistant label").first.click()
    one.panel(".rl-draft >> text=ZeroDivisionError").wait_for()
    shown = one.panel(".rl-draft").inner_text()
    assert stand.requests == []
    one.panel(".rl-assistant >> text=Send this").click()
    one.panel(".rl-from").wait_for()
    assert "Look at the first cell." in one.panel(".rl-assistant").inner_text()
    [(_, headers, body)] = stand.requests
    assert headers["Authorization"] == f"Bearer {KEY}"
    for message in body["messages"]:
        assert "".join(message["content"].split()) in "".join(shown.split())
    assert KEY not in one.page.content()
    assert one.problems == []


def test_the_guide_needs_no_mouse(lab, learner):
    one = learner(lab).open()
    one.idle()
    press = one.page.keyboard.press
    one.panel(".rl-check").focus()
    for _ in range(10):
        press("Tab")
        if one.page.evaluate("document.activeElement.id") == "rl-question":
            break
    one.page.keyboard.type("early stopping")
    press("Enter")
    one.panel(".rl-answered").first.wait_for()
    for _ in range(12):
        press("Shift+Tab")
        if one.page.evaluate("document.activeElement.className").find("rl-source") >= 0:
            break
    press("Enter")
    one.panel(".rl-back").wait_for()
    assert one.page.evaluate("document.activeElement.className").endswith("rl-back")
    press("Escape")
    assert one.panel(".rl-answers").is_hidden()
    assert one.page.evaluate("document.activeElement.id") == "rl-question"


def test_the_guide_has_no_accessibility_fault_in_light_and_dark(course, learner, shoot, darken, faults):
    one = learner(course).open()
    one.panel(".rl-toggle").click()
    one.run(training(epochs=30, pause=0))
    one.panel(".rl-item[data-about=training-warning]").wait_for()
    one.run("baseline_history.history", cell=1)
    one.panel(".rl-item >> text=NameError: A name that no cell has made yet").wait_for()
    shoot(one.page, "guide")
    assert faults(one.page) == []
    one.panel(".rl-item summary").click()
    ask(one, "Why does the validation loss go up?")
    assert faults(one.page) == []
    one.panel(".rl-answered[open] .rl-source").click()
    one.panel(".rl-back").wait_for()
    assert faults(one.page) == []
    one.close()
    darken(course)
    one = learner(course).open()
    ask(one, "Why is the last batch smaller?")
    # With the long task list open, everything is still within the window.
    box = one.panel(".rl-ask").bounding_box()
    assert box["y"] + box["height"] <= 800
    one.panel(".rl-toggle").click()
    assert faults(one.page) == []
    one.panel(".rl-outside").click()
    one.panel(".rl-draft").wait_for()
    shoot(one.page, "assistant")
    assert faults(one.page) == []
    one.run("batches_an_epoch", cell=1)
    one.panel(".rl-item summary").click()
    assert faults(one.page) == []
