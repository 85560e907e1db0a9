from __future__ import annotations

from regulab.diagnosis.checks.validation_easier import check

TRAIN, BELOW = (0.6, 0.5, 0.45, 0.42), (0.5, 0.4, 0.35, 0.33)


def test_it_fires_where_validation_stays_below_training_of_the_same_model(own) -> None:
    found = check(own(TRAIN, BELOW))
    assert found is not None
    assert (found.code, found.severity) == ("VALIDATION-EASIER", "info")
    assert found.evidence["train_loss"] == 0.45


def test_it_stays_silent_where_validation_is_not_below_or_hardly(own) -> None:
    assert check(own(BELOW, TRAIN)) is None
    assert check(own(TRAIN, (0.59, 0.49, 0.44, 0.41))) is None
    assert check(own(TRAIN, (0.5, 0.4, 0.35, 0.43))) is None


def test_it_does_not_apply_to_a_training_loss_with_dropout_on_or_to_two_epochs(own, log) -> None:
    assert check(log(TRAIN, BELOW)) is None
    assert check(own(TRAIN[:2], BELOW[:2])) is None
    assert check(own((), BELOW)) is None
