from __future__ import annotations

import pytest

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.penalty_hides import PenaltyHidesOverfitting

CHECK = PenaltyHidesOverfitting()

TRAIN, RISING = (0.5, 0.3, 0.2, 0.15, 0.1), (0.5, 0.3, 0.33, 0.36, 0.40)


def test_it_fires_where_the_printed_loss_falls_while_the_data_loss_rises(own) -> None:
    finding = finding_of(CHECK, own(TRAIN, RISING, val_loss=(0.9, 0.6, 0.57, 0.55, 0.53)))
    assert (finding.code, finding.severity) == ("PENALTY-HIDES-OVERFITTING", "warning")
    assert finding.message == (
        "After epoch 2, validation loss without penalty rises by 0.08 (27%), but val_loss falls by 0.03: "
        "the penalty shrinks by 0.11 meanwhile."
    )
    assert finding.evidence["penalty_change"] == pytest.approx(-0.11)


def test_it_reads_a_log_that_has_the_loss_as_a_metric(log) -> None:
    history = log(
        (0.9, 0.6, 0.44, 0.34, 0.23),
        (0.9, 0.6, 0.57, 0.55, 0.53),
        binary_crossentropy=TRAIN,
        val_binary_crossentropy=RISING,
    )
    assert finding_of(CHECK, history)


def test_it_stays_silent_where_the_printed_loss_shows_the_rise(own) -> None:
    assert passes(CHECK, own(TRAIN, RISING, val_loss=(0.6, 0.4, 0.43, 0.46, 0.5)))


def test_it_stays_silent_where_the_data_loss_does_not_rise(own) -> None:
    flat = (0.5, 0.3, 0.3, 0.3, 0.3)
    assert passes(CHECK, own(TRAIN, flat, val_loss=(0.9, 0.6, 0.5, 0.45, 0.4)))


def test_it_does_not_apply_without_both_kinds_of_loss(own, log) -> None:
    assert reason_of(CHECK, own(TRAIN, RISING)) == "no val_loss recorded"
    assert reason_of(CHECK, log(TRAIN, RISING)) == "no loss without penalty recorded"
    nothing = (float("nan"),) * 5
    assert (
        reason_of(CHECK, own(TRAIN, RISING, val_loss=nothing))
        == "needs val_loss in at least two epochs from the best one on"
    )
