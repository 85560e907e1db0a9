from __future__ import annotations

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.validation_easier import ValidationEasier

CHECK = ValidationEasier()

TRAIN, BELOW = (0.6, 0.5, 0.45, 0.42), (0.5, 0.4, 0.35, 0.33)


def test_it_fires_where_validation_stays_below_training_of_the_same_model(own) -> None:
    finding = finding_of(CHECK, own(TRAIN, BELOW))
    assert (finding.code, finding.severity) == ("VALIDATION-EASIER", "info")
    assert finding.evidence["train_loss"] == 0.45


def test_it_stays_silent_where_validation_is_not_below_or_hardly(own) -> None:
    assert passes(CHECK, own(BELOW, TRAIN))
    assert passes(CHECK, own(TRAIN, (0.59, 0.49, 0.44, 0.41)))
    assert passes(CHECK, own(TRAIN, (0.5, 0.4, 0.35, 0.43)))


def test_it_does_not_apply_to_a_training_loss_with_dropout_on_or_to_two_epochs(own, log) -> None:
    assert reason_of(CHECK, log(TRAIN, BELOW)) == "needs a training loss measured after each epoch with dropout off"
    assert reason_of(CHECK, own(TRAIN[:2], BELOW[:2])) == "needs at least three epochs"
    assert reason_of(CHECK, own((), BELOW)) == "no training loss recorded"
