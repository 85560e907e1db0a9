from __future__ import annotations

import pytest

from regulab.diagnosis.checks.penalty_hides import check

TRAIN, RISING = (0.5, 0.3, 0.2, 0.15, 0.1), (0.5, 0.3, 0.33, 0.36, 0.40)


def test_it_fires_where_the_printed_loss_falls_while_the_data_loss_rises(own) -> None:
    found = check(own(TRAIN, RISING, val_loss=(0.9, 0.6, 0.57, 0.55, 0.53)))
    assert found is not None
    assert (found.code, found.severity) == ("PENALTY-HIDES-OVERFITTING", "warning")
    assert found.message == (
        "After epoch 2, validation loss without penalty rises by 0.08 (27%), but val_loss falls by 0.03: "
        "the penalty shrinks by 0.11 meanwhile."
    )
    assert found.evidence["penalty_change"] == pytest.approx(-0.11)


def test_it_reads_a_log_that_has_the_loss_as_a_metric(log) -> None:
    history = log(
        (0.9, 0.6, 0.44, 0.34, 0.23),
        (0.9, 0.6, 0.57, 0.55, 0.53),
        binary_crossentropy=TRAIN,
        val_binary_crossentropy=RISING,
    )
    assert check(history) is not None


def test_it_stays_silent_where_the_printed_loss_shows_the_rise(own) -> None:
    assert check(own(TRAIN, RISING, val_loss=(0.6, 0.4, 0.43, 0.46, 0.5))) is None


def test_it_stays_silent_where_the_data_loss_does_not_rise(own) -> None:
    flat = (0.5, 0.3, 0.3, 0.3, 0.3)
    assert check(own(TRAIN, flat, val_loss=(0.9, 0.6, 0.5, 0.45, 0.4))) is None


def test_it_does_not_apply_without_both_kinds_of_loss(own, log) -> None:
    assert check(own(TRAIN, RISING)) is None
    assert check(log(TRAIN, RISING)) is None
    nothing = (float("nan"),) * 5
    assert check(own(TRAIN, RISING, val_loss=nothing)) is None
