from __future__ import annotations

import math

import numpy as np
import pytest

from outcomes import finding_of, is_silent, passes, reason_of
from regulab.diagnosis.checks.still_improving import StillImproving
from regulab.diagnosis.run_checks import diagnose_member
from regulab.histories.history import History

CHECK = StillImproving()


def history(*validation: float) -> History:
    falling = tuple(1.0 / (epoch + 1) for epoch in range(len(validation)))
    return History("baseline", 0, {"train_data_loss": falling, "val_data_loss": validation})


def test_it_fires_where_the_loss_falls_to_the_end() -> None:
    finding = finding_of(CHECK, history(0.6, 0.5, 0.4))
    assert (finding.code, finding.severity) == ("STILL-IMPROVING", "info")
    assert finding.message == "Validation loss is still falling: from 0.5 to 0.4 in the last epoch."
    assert finding.evidence == pytest.approx({"val_loss_before": 0.5, "val_loss_last": 0.4, "gained": 0.25})


def test_it_looks_at_the_last_fifth_of_a_long_run() -> None:
    finding = finding_of(CHECK, history(*(2 ** (-epoch / 10) for epoch in range(20))))
    assert finding.message.endswith("in the last 4 epochs.")


@pytest.mark.parametrize(
    "validation",
    [
        (0.6, 0.4, 0.5),
        (0.4, 0.4),
        (0.5, 0.4, 0.399),
        (0.5, 0.4, math.nan),
        (math.nan, math.nan),
        (0.3, math.inf),
        (0.6, 0.2, 0.5, 0.4, 0.3),
    ],
)
def test_it_stays_silent_where_an_earlier_epoch_is_about_as_good(validation: tuple[float, ...]) -> None:
    assert is_silent(CHECK, history(*validation))


def test_a_lucky_last_epoch_on_a_noisy_level_is_no_improvement() -> None:
    level = 0.4 + 0.01 * np.random.default_rng(1).standard_normal(20)
    assert passes(CHECK, history(*level[:-1], float(level.min()) - 0.001))


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        ({"val_data_loss": (0.5,)}, "needs at least two epochs"),
        ({"val_data_loss": ()}, "no validation loss recorded"),
        ({"loss": (0.5, 0.4)}, "no validation loss recorded"),
        ({}, "no validation loss recorded"),
    ],
)
def test_it_does_not_apply_to_one_epoch_or_without_the_loss(
    measures: dict[str, tuple[float, ...]], reason: str
) -> None:
    assert reason_of(CHECK, History("baseline", 0, measures)) == reason


def test_nothing_is_found_in_a_healthy_history() -> None:
    assert diagnose_member(history(0.6, 0.45, 0.40, 0.39, 0.395, 0.392)) == ()
