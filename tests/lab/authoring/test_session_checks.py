from __future__ import annotations

from collections import Counter

import pytest

from regulab.lab.authoring.loading import load
from regulab.lab.authoring.selftest import Trial, try_session
from regulab.lab.authoring.template import write

SESSION = load("avoid-overfitting")
NAMES = [
    (task.id, name)
    for task in SESSION.tasks
    for check in (SESSION.checks[name] for name in task.checks)
    for name in ["starter", "solution", *(example.name for example in (*check.mistakes, *check.answers))]
]


@pytest.fixture(scope="module")
def trials() -> dict[tuple[str, str], Trial]:
    """The whole session from start to end, with its own small data, and every mistake on the way."""
    return {(trial.task, trial.name): trial for trial in try_session(SESSION)}


@pytest.mark.slow
@pytest.mark.parametrize(("task", "name"), NAMES)
def test_each_check_says_what_its_author_means(trials: dict[tuple[str, str], Trial], task: str, name: str) -> None:
    trial = trials[task, name]
    assert trial.ok, str(trial)


def test_the_trials_of_a_task_have_different_names() -> None:
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []


def test_the_typical_mistakes_are_tried() -> None:
    for name in (
        "penalty on the output layer",
        "dropout after the sigmoid",
        "labels of the wrong shape",
        "comparing penalized with unpenalized loss",
        "trained on the test set",
        "too few epochs",
        "off by the index offset",
    ):
        assert name in {tried for _, tried in NAMES}


def test_a_check_with_an_unexpected_message_is_reported(tmp_path) -> None:
    write(tmp_path / "mine")
    file = tmp_path / "mine/checks/count.yaml"
    file.write_text(file.read_text().replace("says: leaves out", "says: forgets"))
    results = {trial.name: trial.ok for trial in try_session(load(tmp_path / "mine"))}
    assert results == {"starter": True, "rounded down": False, "with the math module": True, "solution": True}


def test_a_solution_that_raises_is_reported(tmp_path) -> None:
    write(tmp_path / "mine")
    file = tmp_path / "mine/notebook.md"
    file.write_text(file.read_text().replace("batches = -(-EXAMPLES // 128)", "batches = 8\nraise ValueError('oh')"))
    failures = {trial.name: str(trial) for trial in try_session(load(tmp_path / "mine")) if not trial.ok}
    assert list(failures) == ["solution"]
    assert "Raised: ValueError: oh." in failures["solution"]
