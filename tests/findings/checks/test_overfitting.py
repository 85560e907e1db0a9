from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulab.findings.checks import diagnose_member
from regulab.findings.checks.overfitting import check
from regulab.histories.history import History

NAN, INF = math.nan, math.inf


def history(train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History("baseline", 0, {"train_data_loss": train, "val_data_loss": validation})


def test_it_fires_where_validation_turns_while_training_goes_on_falling() -> None:
    found = check(history((0.6, 0.3, 0.2, 0.1, 0.05), (0.6, 0.4, 0.5, 0.6, 0.7)))
    assert found is not None
    assert (found.code, found.severity) == ("OVERFITTING", "warning")
    assert found.message == (
        "Validation loss turns after epoch 2 (0.400) and ends at 0.600, while training loss falls from 0.300 to 0.100."
    )
    assert found.evidence == {
        "best_epoch": 1,
        "val_loss_best": 0.4,
        "val_loss_end": 0.6,
        "train_loss_best": 0.3,
        "train_loss_end": 0.1,
    }
    assert found.document()["code"] == "OVERFITTING"


def test_it_fires_at_a_rise_of_a_tenth_and_not_below() -> None:
    assert check(history((0.5, 0.4), (1.0, 1.1))) is not None
    assert check(history((0.5, 0.4), (1.0, 1.09))) is None


def test_the_rise_of_a_negative_loss_is_measured_by_its_size() -> None:
    assert check(history((-1.0, -2.0), (-1.0, -0.95))) is None
    assert check(history((-1.0, -2.0), (-1.0, -0.85))) is not None


def test_one_noisy_epoch_at_the_end_decides_nothing() -> None:
    falling = (0.5, 0.4, 0.3, 0.2, 0.1)
    assert check(history(falling, (0.6, 0.4, 0.41, 0.42, 0.9))) is None
    assert check(history(falling, (0.6, 0.4, 0.6, 0.7, 0.41))) is not None


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        ((0.6, 0.4, 0.3, 0.25), (0.6, 0.45, 0.4, 0.39)),  # healthy: still falling
        ((0.6, 0.4, 0.3, 0.25), (0.6, 0.4, 0.39, 0.40)),  # healthy: levels off
        ((0.6, 0.4, 0.5, 0.7), (0.6, 0.4, 0.6, 0.8)),  # both rise: diverges, does not overfit
        ((0.1, 0.1, 0.1), (0.0, 0.0, 0.0)),  # perfect from the start
        ((0.6, NAN, NAN), (0.6, NAN, NAN)),
        ((0.6, 0.3, 0.1), (0.6, INF, INF)),
        ((NAN, NAN), (NAN, NAN)),
    ],
)
def test_it_stays_silent(train: tuple[float, ...], validation: tuple[float, ...]) -> None:
    assert check(history(train, validation)) is None


@pytest.mark.parametrize(
    "measures",
    [
        {"train_data_loss": (0.5,), "val_data_loss": (0.6,)},
        {"loss": (0.5, 0.4), "val_loss": (0.6, 0.9)},
        {"val_data_loss": (0.6, 0.9)},
        {"train_data_loss": (), "val_data_loss": ()},
        {},
    ],
)
def test_it_does_not_apply_to_one_epoch_or_without_both_losses(measures: dict[str, tuple[float, ...]]) -> None:
    assert check(History("baseline", 0, measures)) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e300, 1e300) | st.sampled_from([NAN, INF, -INF]), st.floats()), max_size=6))
def test_no_history_makes_a_check_fail(losses: list[tuple[float, float]]) -> None:
    train, validation = ([pair[side] for pair in losses] for side in (0, 1))
    found = diagnose_member(history(tuple(train), tuple(validation)))
    finite = all(math.isfinite(value) for pair in losses for value in pair)
    assert any(finding.code == "NOT-A-NUMBER" for finding in found) != finite
    assert len({finding.code for finding in found}) == len(found)
