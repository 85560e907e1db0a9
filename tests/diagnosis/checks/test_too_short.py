from __future__ import annotations

import math

from regulab.diagnosis.checks.too_short import check
from regulab.histories.history import History


def test_it_fires_below_four_epochs(own, log) -> None:
    found = check(own((0.5, 0.4, 0.3), (0.5, 0.4, 0.6)))
    assert found is not None
    assert (found.code, found.severity) == ("TOO-SHORT", "info")
    assert found.message.startswith("The log holds 3 epochs with a loss; ")
    assert found.evidence == {"epochs": 3}
    assert check(log((0.5,), (0.5,))) is not None
    assert check(History("log.csv", 0, {"loss": (0.5, 0.4)})) is not None


def test_it_counts_the_epochs_that_were_validated(log) -> None:
    found = check(log((0.5, 0.4, 0.3, 0.2, 0.1), (math.nan, 0.4, math.nan, 0.3, math.nan)))
    assert found is not None
    assert found.evidence == {"epochs": 2}


def test_it_stays_silent_from_four_epochs_on(own) -> None:
    assert check(own((0.5, 0.4, 0.3, 0.2), (0.5, 0.4, 0.4, 0.4))) is None


def test_it_does_not_apply_without_losses_or_where_the_run_broke_off(own) -> None:
    assert check(History("log.csv", 0, {"accuracy": (0.5,)})) is None
    assert check(own((0.5, math.nan), (0.5, math.nan))) is None
