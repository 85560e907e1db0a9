from __future__ import annotations

import pytest

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.overconfident import Overconfident

CHECK = Overconfident()

TRAIN, RISING = (0.6, 0.3, 0.2, 0.1, 0.05), (0.6, 0.4, 0.5, 0.6, 0.7)


@pytest.mark.parametrize("name", ["val_accuracy", "val_acc", "val_binary_accuracy"])
def test_it_fires_where_loss_rises_and_accuracy_does_not_fall(log, name: str) -> None:
    finding = finding_of(CHECK, log(TRAIN, RISING, **{name: (0.7, 0.85, 0.85, 0.86, 0.86)}))
    assert (finding.code, finding.severity) == ("OVERCONFIDENT", "info")
    assert finding.evidence["val_accuracy_best"] == 0.85
    assert finding.evidence["val_accuracy_end"] == 0.86


def test_it_stays_silent_where_accuracy_falls_too(log) -> None:
    assert passes(CHECK, log(TRAIN, RISING, val_accuracy=(0.85, 0.85, 0.83, 0.81, 0.80)))


def test_it_stays_silent_where_the_loss_does_not_turn(log) -> None:
    assert passes(CHECK, log(TRAIN, (0.6, 0.4, 0.4, 0.4, 0.4), val_accuracy=(0.7, 0.85, 0.85, 0.86, 0.86)))


def test_it_does_not_apply_without_accuracy(log) -> None:
    assert reason_of(CHECK, log(TRAIN, RISING)) == "no validation accuracy recorded"
    assert reason_of(CHECK, log(TRAIN, RISING, val_accuracy=(float("nan"),) * 5)) == "no validation accuracy recorded"
    assert reason_of(CHECK, log((), (), val_accuracy=(0.5,))) == "no loss recorded"
