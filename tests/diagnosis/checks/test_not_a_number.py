from __future__ import annotations

import math

import pytest

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.not_a_number import NotANumber
from regulab.diagnosis.run_checks import diagnose_member
from regulab.histories.history import History

CHECK = NotANumber()


def history(train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History("baseline", 0, {"train_data_loss": train, "val_data_loss": validation})


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        ((0.5, math.nan), (0.5, 0.6), "Training loss is nan after epoch 2."),
        ((0.5, 0.4), (math.inf, 0.6), "Validation loss is inf after epoch 1."),
        ((0.5, -math.inf), (math.nan, 0.6), "Training loss is -inf after epoch 2."),
    ],
)
def test_it_fires_at_the_first_loss_that_is_not_finite(
    train: tuple[float, ...], validation: tuple[float, ...], message: str
) -> None:
    finding = finding_of(CHECK, history(train, validation))
    assert (finding.code, finding.severity, finding.message) == ("NOT-A-NUMBER", "error", message)
    assert finding.evidence["epoch"] == int(message[-2]) - 1


def test_it_stays_silent_on_finite_losses() -> None:
    assert passes(CHECK, history((0.5, 1e30), (0.0, -3.0)))


def test_it_does_not_apply_without_these_losses() -> None:
    assert reason_of(CHECK, History("baseline", 0, {"accuracy": (math.nan,)})) == "no loss recorded"
    assert reason_of(CHECK, History("baseline", 0, {})) == "no loss recorded"


def test_it_is_reported_before_anything_else() -> None:
    diagnosis = diagnose_member(history((0.5, 0.4, 0.3, 0.2), (0.5, 0.4, math.nan, 0.1)))
    assert [finding.code for finding in diagnosis] == ["NOT-A-NUMBER", "STILL-IMPROVING"]
