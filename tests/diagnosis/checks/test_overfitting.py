from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes import finding_of, is_silent, passes, reason_of
from regulab.diagnosis.checks.overfitting import Overfitting
from regulab.diagnosis.run_checks import diagnose_member
from regulab.histories.history import History

CHECK = Overfitting()

NAN, INF = math.nan, math.inf
FALLING = (0.6, 0.3, 0.2, 0.1, 0.05)


def history(train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History("baseline", 0, {"train_data_loss": train, "val_data_loss": validation})


def test_it_fires_where_validation_turns_while_training_goes_on_falling() -> None:
    finding = finding_of(CHECK, history(FALLING, (0.6, 0.4, 0.5, 0.6, 0.7)))
    assert (finding.code, finding.severity) == ("OVERFITTING", "warning")
    assert finding.message == (
        "Validation loss is best after epoch 2 (0.4) and ends at 0.65, while training loss falls from 0.3 to 0.05."
    )
    assert finding.evidence == pytest.approx(
        {
            "best_epoch": 1,
            "best_epoch_first": 1,
            "best_epoch_last": 1,
            "onset": 2,
            "val_loss_best": 0.4,
            "val_loss_end": 0.65,
            "rise": 0.625,
            "noise": 0.0,
            "train_loss_best": 0.3,
            "train_loss_end": 0.05,
            "penalty_free": True,
        }
    )
    assert finding.document()["code"] == "OVERFITTING"


def test_it_judges_a_log_with_losses_only_and_says_what_they_may_hold() -> None:
    finding = finding_of(CHECK, History("log.csv", 0, {"loss": FALLING, "val_loss": (0.6, 0.4, 0.5, 0.6, 0.7)}))
    assert finding.message.startswith("Validation loss (penalty included, if there is one) is best after epoch 2")


def test_it_prefers_a_loss_without_penalty_among_the_metrics() -> None:
    hidden = {
        "loss": (1.0, 0.8, 0.7, 0.6, 0.5),
        "val_loss": (1.0, 0.8, 0.8, 0.8, 0.8),
        "binary_crossentropy": FALLING,
        "val_binary_crossentropy": (0.6, 0.4, 0.5, 0.6, 0.7),
    }
    finding = finding_of(CHECK, History("log.csv", 0, hidden))
    assert finding.evidence["val_loss_best"] == 0.4


def test_it_fires_at_a_rise_of_a_tenth_and_not_at_a_small_one() -> None:
    assert finding_of(CHECK, history(FALLING, (1.0, 0.8, 0.82, 0.85, 0.88)))
    assert is_silent(CHECK, history(FALLING, (1.0, 0.8, 0.81, 0.82, 0.83)))


def test_the_rise_of_a_negative_loss_is_measured_by_its_size() -> None:
    train = (-1.0, -2.0, -3.0, -4.0, -5.0)
    assert passes(CHECK, history(train, (-0.5, -1.0, -0.99, -0.97, -0.96)))
    assert finding_of(CHECK, history(train, (-0.5, -1.0, -0.95, -0.9, -0.8)))


def test_one_noisy_epoch_decides_nothing() -> None:
    falling = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
    assert is_silent(CHECK, history(falling, (0.6, 0.4, 0.41, 0.40, 0.41, 0.9)))
    assert is_silent(CHECK, history(falling, (0.6, 0.4, 0.9, 0.41, 0.40, 0.41)))
    assert is_silent(CHECK, history((*falling, 0.04, 0.03, 0.02), (0.6, 0.5, 0.45, 0.2, 0.44, 0.43, 0.44, 0.43, 0.44)))


def test_noise_is_no_rise_and_a_rise_is_found_through_noise() -> None:
    rng = np.random.default_rng(0)
    train = tuple(1 / (epoch + 1) for epoch in range(40))
    level = 0.5 + 0.5 * np.exp(-np.arange(40) / 3)
    noise = 0.02 * rng.standard_normal(40)
    assert passes(CHECK, history(train, tuple(level * (1 + noise))))
    rising = level + 0.1 * np.clip(np.arange(40) - 15, 0, None) / 24
    assert finding_of(CHECK, history(train, tuple(rising * (1 + noise))))


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        ((0.6, 0.4, 0.3, 0.25, 0.2), (0.6, 0.45, 0.4, 0.39, 0.38)),  # healthy: still falling
        ((0.6, 0.4, 0.3, 0.25, 0.2), (0.6, 0.4, 0.39, 0.40, 0.395)),  # healthy: levels off
        ((0.6, 0.4, 0.5, 0.7, 0.8), (0.6, 0.4, 0.6, 0.8, 0.9)),  # both rise: diverges, does not overfit
        ((0.1, 0.1, 0.1, 0.1), (0.0, 0.0, 0.0, 0.0)),  # perfect from the start
        ((0.6, NAN, NAN, NAN, NAN), (0.6, NAN, NAN, NAN, NAN)),
        ((0.6, 0.3, 0.1, 0.1, 0.1), (0.6, INF, INF, INF, INF)),
        ((NAN, NAN), (NAN, NAN)),
    ],
)
def test_it_stays_silent(train: tuple[float, ...], validation: tuple[float, ...]) -> None:
    assert is_silent(CHECK, history(train, validation))


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        ({"train_data_loss": (0.5,), "val_data_loss": (0.6,)}, "needs at least four epochs"),
        ({"loss": (0.5, 0.4, 0.3), "val_loss": (0.6, 0.9, 1.2)}, "needs at least four epochs"),
        ({"val_data_loss": (0.6, 0.9, 1.2, 1.5)}, "no training loss recorded"),
        ({"loss": FALLING}, "no validation loss recorded"),
        ({"train_data_loss": (), "val_data_loss": ()}, "no loss recorded"),
        ({}, "no loss recorded"),
    ],
)
def test_it_does_not_apply_to_three_epochs_or_without_both_losses(
    measures: dict[str, tuple[float, ...]], reason: str
) -> None:
    assert reason_of(CHECK, History("baseline", 0, measures)) == reason


def test_a_validation_loss_too_noisy_to_tell_is_not_called_free_of_overfitting() -> None:
    noisy = (0.9, 0.6, 0.5, 0.58, 0.44, 0.55, 0.46, 0.6, 0.45, 0.57, 0.49, 0.62)
    training = tuple(1 / (epoch + 1) for epoch in range(12))
    assert reason_of(CHECK, history(training, noisy)) == "validation loss is too noisy to tell"


values = st.floats(-1e300, 1e300) | st.sampled_from([NAN, INF, -INF, 0.0, 0.5])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(values, st.floats()), max_size=12), st.booleans())
def test_no_history_makes_a_check_fail(losses: list[tuple[float, float]], foreign: bool) -> None:
    train, validation = (tuple(pair[side] for pair in losses) for side in (0, 1))
    member = History("log", 0, {"loss": train, "val_loss": validation}) if foreign else history(train, validation)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diagnosis = diagnose_member(member)
    finite = all(math.isfinite(value) for pair in losses for value in pair)
    broken = any(finding.code == "NOT-A-NUMBER" for finding in diagnosis)
    assert not (broken and finite)
    assert foreign or broken != finite
    assert len({finding.code for finding in diagnosis}) == len(diagnosis)
