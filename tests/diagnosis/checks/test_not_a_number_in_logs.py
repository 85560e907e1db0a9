from __future__ import annotations

import math

import pytest

from outcomes import finding_of, passes
from regulab.diagnosis.checks.not_a_number import NotANumber

CHECK = NotANumber()

NAN = math.nan


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        ((0.5, 0.4, NAN, NAN), (0.5, 0.4, NAN, NAN), "Training loss is nan after epoch 3."),
        ((0.5, 0.4, math.inf, 0.2), (0.5, 0.4, 0.4, 0.4), "Training loss is inf after epoch 3."),
        ((NAN, NAN), (NAN, NAN), "Training loss is nan in every epoch."),
        ((0.5, 0.4), (NAN, NAN), "Validation loss is nan in every epoch."),
    ],
)
def test_it_fires_where_a_log_has_no_number_for_good(log, train, validation, message: str) -> None:
    finding = finding_of(CHECK, log(train, validation))
    assert (finding.severity, finding.message) == ("error", message)


@pytest.mark.parametrize(
    ("train", "validation", "epoch"),
    [
        ((0.5, 0.4, 0.3, 0.2), (0.5, 0.4, NAN, NAN), 3),
        ((5.0, 4.0, 3.0, 2.0, 1.0, 0.5), (NAN, 4.0, NAN, 3.0, NAN, NAN), 6),
    ],
)
def test_it_warns_where_only_validation_loss_ends_which_may_have_been_left_out(log, train, validation, epoch) -> None:
    finding = finding_of(CHECK, log(train, validation))
    assert finding.severity == "warning"
    assert finding.message == f"Validation loss has no number from epoch {epoch} on, but training loss has."


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        ((0.5, 0.4, 0.3, 0.2, 0.1), (NAN, 0.4, NAN, 0.3, NAN)),  # validated every second epoch
        ((0.5, NAN, 0.3, 0.2), (0.5, NAN, 0.3, 0.2)),  # an epoch that the log leaves out
        ((0.5, 0.4), ()),  # never validated
    ],
)
def test_it_stays_silent_where_nothing_was_measured(log, train, validation) -> None:
    assert passes(CHECK, log(train, validation))
