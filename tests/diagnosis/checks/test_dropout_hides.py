from __future__ import annotations

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.dropout_hides import DropoutHidesGap

CHECK = DropoutHidesGap()
BOTH = "needs the training loss both with dropout on and with dropout off"

TRAIN, VALIDATION = (0.5, 0.3, 0.2, 0.1), (0.5, 0.42, 0.40, 0.45)


def test_it_fires_where_dropout_adds_most_of_the_gap_to_the_training_curve(own) -> None:
    finding = finding_of(CHECK, own(TRAIN, VALIDATION, noisy_data_loss=(0.6, 0.4, 0.35, 0.3)))
    assert (finding.code, finding.severity) == ("DROPOUT-HIDES-GAP", "info")
    assert finding.evidence["best_epoch"] == 2
    assert finding.evidence["gap"] > finding.evidence["added_by_dropout"] > 0.5 * finding.evidence["gap"]


def test_it_stays_silent_without_dropout_or_without_a_gap(own) -> None:
    assert passes(CHECK, own(TRAIN, VALIDATION, noisy_data_loss=TRAIN))
    assert passes(CHECK, own(VALIDATION, VALIDATION, noisy_data_loss=(0.6, 0.5, 0.5, 0.5)))


def test_it_does_not_apply_without_a_training_loss_of_both_kinds(own, log) -> None:
    assert reason_of(CHECK, own(TRAIN, VALIDATION)) == BOTH
    assert reason_of(CHECK, log(TRAIN, VALIDATION)) == BOTH
    nan = (float("nan"),) * 4
    assert (
        reason_of(CHECK, own(nan, VALIDATION, noisy_data_loss=TRAIN)) == "a loss around the best epoch is not a number"
    )
    assert reason_of(CHECK, own(TRAIN, nan, noisy_data_loss=TRAIN)) == "validation loss is never a number"
