from __future__ import annotations

import math

import pytest

from regulab.findings.checks import diagnose_member
from regulab.findings.checks.still_improving import check
from regulab.histories.history import History


def history(*validation: float) -> History:
    falling = tuple(1.0 / (epoch + 1) for epoch in range(len(validation)))
    return History("baseline", 0, {"train_data_loss": falling, "val_data_loss": validation})


def test_it_fires_where_the_last_epoch_is_the_best() -> None:
    found = check(history(0.6, 0.5, 0.4))
    assert found is not None
    assert (found.code, found.severity) == ("STILL-IMPROVING", "info")
    assert found.message == "Validation loss is lowest after the last epoch (0.400 after epoch 3)."
    assert found.evidence == {"val_loss_last": 0.4, "val_loss_before": 0.5}


@pytest.mark.parametrize(
    "validation", [(0.6, 0.4, 0.5), (0.4, 0.4), (0.5, 0.4, math.nan), (math.nan, math.nan), (0.3, math.inf)]
)
def test_it_stays_silent_where_an_earlier_epoch_is_as_good(validation: tuple[float, ...]) -> None:
    assert check(history(*validation)) is None


@pytest.mark.parametrize("measures", [{"val_data_loss": (0.5,)}, {"val_data_loss": ()}, {"val_loss": (0.5, 0.4)}, {}])
def test_it_does_not_apply_to_one_epoch_or_without_the_loss(measures: dict[str, tuple[float, ...]]) -> None:
    assert check(History("baseline", 0, measures)) is None


def test_nothing_is_found_in_a_healthy_history() -> None:
    assert diagnose_member(history(0.6, 0.45, 0.40, 0.39, 0.395, 0.392)) == ()
