from __future__ import annotations

import pytest

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.diverged import Diverged
from regulab.diagnosis.run_checks import diagnose_member

CHECK = Diverged()

FLAT = (0.5, 0.5, 0.5, 0.5, 0.5, 0.5)


def test_it_fires_where_training_loss_gets_worse_than_at_the_start(own) -> None:
    finding = finding_of(CHECK, own((0.7, 0.4, 0.9, 2.0, 4.0, 5.0), FLAT))
    assert (finding.code, finding.severity) == ("DIVERGED", "error")
    assert finding.message.startswith("Training loss turns after epoch 2 (0.4) and ends at 4.5")
    assert finding.evidence["train_loss_first"] == 0.7


def test_it_is_a_warning_where_half_of_what_was_learned_is_lost(own) -> None:
    finding = finding_of(CHECK, own((1.0, 0.5, 0.4, 0.6, 0.75, 0.8), FLAT))
    assert finding.severity == "warning"


def test_it_reads_the_training_loss_of_a_log(log) -> None:
    history = log((0.7, 0.4, 0.9, 2.0, 4.0, 5.0), (0.7, 0.5, 0.9, 2.1, 4.2, 5.1))
    assert [finding.code for finding in diagnose_member(history)] == ["DIVERGED"]


@pytest.mark.parametrize(
    "training",
    [
        (0.7, 0.5, 0.4, 0.3, 0.25, 0.2),
        (0.7, 0.5, 0.4, 2.0, 0.4, 0.3),  # one bad epoch
        (0.7, 0.1, 0.001, 0.003, 0.004, 0.005),  # flickers near nothing
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_it_stays_silent(own, training: tuple[float, ...]) -> None:
    assert passes(CHECK, own(training, FLAT))


def test_it_does_not_apply_to_three_epochs_or_without_training_loss(own) -> None:
    assert reason_of(CHECK, own((0.5, 2.0, 9.0), (0.5, 0.5, 0.5))) == "needs at least four epochs"
    assert reason_of(CHECK, own((), FLAT)) == "no training loss recorded"
