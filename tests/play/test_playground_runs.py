from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.play.runs import Runs
from regulab.play.settings import Settings

ASKED: ContextVar[str] = ContextVar("ASKED", default="nobody")
LOSSES = (0.6, 0.5, 0.4, 0.3)


class Paced:
    """Trains without training; an epoch ends when the test lets it."""

    def __init__(self) -> None:
        self.begun: list[Settings] = []
        self.may = threading.Semaphore(0)
        self.reached = threading.Semaphore(0)
        self.failure: Exception | None = None

    def begin(self, settings):
        if self.failure is not None:
            raise self.failure
        self.begun.append(settings)
        return Epochs(self)


class Epochs:
    def __init__(self, paced):
        self.paced, self.count = paced, 0

    def epoch(self, *, tick):
        self.paced.reached.release()
        while not self.paced.may.acquire(timeout=0.01):
            tick()
        self.count += 1
        return History("baseline", 0, {"val_data_loss": LOSSES[: self.count]})


@pytest.fixture
def paced():
    return Paced()


@pytest.fixture
def runs(paced):
    runs = Runs(paced.begin, changed=lambda: None, pause=0.0)
    yield runs
    runs.stop()
    runs.join(10)


def let(paced, epochs):
    for _ in range(epochs):
        assert paced.reached.acquire(timeout=10)
        paced.may.release()


def finish(runs, paced, settings):
    runs.start(settings)
    let(paced, settings.epochs)
    runs.join(10)


def test_a_run_grows_epoch_by_epoch_and_ends(paced):
    seen = []
    runs = Runs(paced.begin, changed=lambda: seen.append(runs.view), pause=0.0)
    finish(runs, paced, Settings(epochs=3))
    grown = [(view.runs[-1].history.epochs if view.runs else 0, view.busy) for view in seen]
    assert grown == [(0, True), (1, True), (2, True), (3, False)]
    assert [run.state for run in runs.view.runs] == ["done"]


def test_finished_runs_stay_when_another_begins(runs, paced):
    finish(runs, paced, Settings(epochs=2))
    finish(runs, paced, Settings(epochs=2, l2=0.001))
    assert [(run.number, run.settings.label) for run in runs.view.runs] == [(1, "as built"), (2, "L2 0.001")]


def test_new_settings_during_a_training_replace_it(runs, paced):
    runs.start(Settings(epochs=4))
    let(paced, 2)
    assert paced.reached.acquire(timeout=10)
    runs.start(Settings(epochs=1, dropout=0.5))
    let(paced, 1)
    runs.join(10)
    assert [(run.settings.label, run.state) for run in runs.view.runs] == [("dropout 0.5", "done")]
    assert not runs.view.busy


def test_a_stopped_run_keeps_what_it_has_reached(runs, paced):
    runs.start(Settings(epochs=4))
    let(paced, 2)
    assert paced.reached.acquire(timeout=10)
    runs.stop()
    assert not runs.view.busy
    runs.join(10)
    assert [(run.state, run.history.epochs) for run in runs.view.runs] == [("stopped", 2)]


def test_settings_that_keep_changing_are_not_trained(paced):
    runs = Runs(paced.begin, changed=lambda: None, pause=0.2)
    for strength in (0.1, 0.2, 0.3):
        runs.start(Settings(epochs=1, l2=strength))
    let(paced, 1)
    runs.join(10)
    assert paced.begun == [Settings(epochs=1, l2=0.3)]


def test_the_same_settings_again_take_the_place_of_the_earlier_run(runs, paced):
    finish(runs, paced, Settings(epochs=1))
    finish(runs, paced, Settings(epochs=1, l2=0.1))
    finish(runs, paced, Settings(epochs=1))
    assert [run.number for run in runs.view.runs] == [2, 3]


def test_clearing_keeps_the_latest_run(runs, paced):
    finish(runs, paced, Settings(epochs=1))
    finish(runs, paced, Settings(epochs=1, l2=0.1))
    runs.clear()
    assert [run.number for run in runs.view.runs] == [2]


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (InputError("Expected labels. Received: none."), "Expected labels. Received: none."),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_a_training_that_fails_says_why_and_leaves_earlier_runs(paced, failure, message):
    runs = Runs(paced.begin, changed=lambda: None, pause=0.0)
    finish(runs, paced, Settings(epochs=1))
    paced.failure = failure
    runs.start(Settings(epochs=1, l2=0.1))
    runs.join(10)
    assert (runs.view.error, runs.view.busy) == (message, False)
    assert [run.number for run in runs.view.runs] == [1]
    paced.failure = None
    finish(runs, paced, Settings(epochs=1, l2=0.2))
    assert runs.view.error == ""


def test_a_training_shows_its_progress_in_the_context_that_started_it(paced):
    seen = []
    runs = Runs(paced.begin, changed=lambda: seen.append(ASKED.get()), pause=0.0)
    ASKED.set("the cell")
    runs.start(Settings(epochs=2))
    ASKED.set("another request")
    let(paced, 2)
    runs.join(10)
    assert seen == ["the cell"] * 3
