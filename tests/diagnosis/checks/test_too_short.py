from __future__ import annotations

import math

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.too_short import TooShort
from regulab.histories.history import History

CHECK = TooShort()


def test_it_fires_below_four_epochs(own, log) -> None:
    finding = finding_of(CHECK, own((0.5, 0.4, 0.3), (0.5, 0.4, 0.6)))
    assert (finding.code, finding.severity) == ("TOO-SHORT", "info")
    assert finding.message.startswith("The log holds 3 epochs with a loss; ")
    assert finding.evidence == {"epochs": 3}
    assert finding_of(CHECK, log((0.5,), (0.5,)))
    assert finding_of(CHECK, History("log.csv", 0, {"loss": (0.5, 0.4)}))


def test_it_counts_the_epochs_that_were_validated(log) -> None:
    finding = finding_of(CHECK, log((0.5, 0.4, 0.3, 0.2, 0.1), (math.nan, 0.4, math.nan, 0.3, math.nan)))
    assert finding.evidence == {"epochs": 2}


def test_it_stays_silent_from_four_epochs_on(own) -> None:
    assert passes(CHECK, own((0.5, 0.4, 0.3, 0.2), (0.5, 0.4, 0.4, 0.4)))


def test_it_does_not_apply_without_losses_or_where_the_run_broke_off(own) -> None:
    assert reason_of(CHECK, History("log.csv", 0, {"accuracy": (0.5,)})) == "no loss recorded"
    broken = own((0.5, math.nan), (0.5, math.nan))
    assert reason_of(CHECK, broken) == "a loss is not a number, which NOT-A-NUMBER reports"
