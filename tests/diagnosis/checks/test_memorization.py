from __future__ import annotations

import numpy as np
import pytest

from outcomes import finding_of, is_silent, passes, reason_of
from regulab.diagnosis.checks.memorization import Memorization
from regulab.diagnosis.diagnose import diagnose_history
from regulab.histories.history import History

CHECK = Memorization()

EPOCHS = np.arange(20)
FALL = np.exp(-EPOCHS / 3)


def history(training: np.ndarray, validation: np.ndarray) -> History:
    return History("model", 0, {"loss": tuple(map(float, training)), "val_loss": tuple(map(float, validation))})


@pytest.mark.parametrize(
    ("training", "validation"),
    [(2.3 * FALL, 2.0 + 0.3 * FALL), (0.69 * FALL + 0.001, np.full(20, 0.693)), (1.2 * FALL, 0.62 + 0.05 * FALL)],
    ids=["classes", "chance", "regression"],
)
def test_a_training_loss_that_falls_alone_is_memorization(training: np.ndarray, validation: np.ndarray) -> None:
    log = history(training, validation)
    finding = finding_of(CHECK, log)
    assert (finding.code, finding.severity) == ("MEMORIZATION", "warning")
    assert finding.evidence["carried"] < 1 / 2
    assert diagnose_history(log).state == "not healthy"


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        (0.9 * FALL + 0.001, 0.05 + 0.3 * FALL),
        (0.27 + 0.03 * FALL, np.full(20, 0.305)),
        (0.8 * FALL + 0.3, 1.5 + 0.5 * FALL),
        (0.7 * FALL, 0.25 + 0.02 * EPOCHS + 0.4 * FALL),
        (0.7 * FALL, 0.65 - 0.01 * EPOCHS),
        (-2.0 + FALL, -0.9 + 0.1 * FALL),
        ((0.7 * FALL)[:3], np.full(3, 0.69)),
    ],
    ids=[
        "learned in the first epoch",
        "near",
        "harder examples",
        "turns",
        "still falling",
        "below zero",
        "three epochs",
    ],
)
def test_other_gaps_are_not_memorization(training: np.ndarray, validation: np.ndarray) -> None:
    assert is_silent(CHECK, history(training, validation))


@pytest.mark.parametrize(
    ("training", "validation", "reason"),
    [
        (0.7 * FALL, 0.25 + 0.02 * EPOCHS + 0.4 * FALL, "validation loss turns, which OVERFITTING reports"),
        (0.7 * FALL, 0.65 - 0.01 * EPOCHS, "validation loss is still falling"),
        (-2.0 + FALL, -0.9 + 0.1 * FALL, "needs a validation loss above zero"),
        ((0.7 * FALL)[:3], np.full(3, 0.69), "needs at least four epochs"),
    ],
)
def test_it_says_why_it_does_not_apply(training: np.ndarray, validation: np.ndarray, reason: str) -> None:
    assert reason_of(CHECK, history(training, validation)) == reason


def test_a_bump_at_the_end_does_not_count() -> None:
    validation = 0.2 + 0.5 * FALL
    validation[-2:] *= 3
    assert passes(CHECK, history(0.7 * FALL + 0.01, validation))
