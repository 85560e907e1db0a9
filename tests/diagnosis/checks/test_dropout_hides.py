from __future__ import annotations

from regulab.diagnosis.checks.dropout_hides import check

TRAIN, VALIDATION = (0.5, 0.3, 0.2, 0.1), (0.5, 0.42, 0.40, 0.45)


def test_it_fires_where_dropout_adds_most_of_the_gap_to_the_training_curve(own) -> None:
    found = check(own(TRAIN, VALIDATION, noisy_data_loss=(0.6, 0.4, 0.35, 0.3)))
    assert found is not None
    assert (found.code, found.severity) == ("DROPOUT-HIDES-GAP", "info")
    assert found.evidence["best_epoch"] == 2
    assert found.evidence["gap"] > found.evidence["added_by_dropout"] > 0.5 * found.evidence["gap"]


def test_it_stays_silent_without_dropout_or_without_a_gap(own) -> None:
    assert check(own(TRAIN, VALIDATION, noisy_data_loss=TRAIN)) is None
    assert check(own(VALIDATION, VALIDATION, noisy_data_loss=(0.6, 0.5, 0.5, 0.5))) is None


def test_it_does_not_apply_without_a_training_loss_of_both_kinds(own, log) -> None:
    assert check(own(TRAIN, VALIDATION)) is None
    assert check(log(TRAIN, VALIDATION)) is None
    nan = (float("nan"),) * 4
    assert check(own(nan, VALIDATION, noisy_data_loss=TRAIN)) is None
    assert check(own(TRAIN, nan, noisy_data_loss=TRAIN)) is None
