from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.running_median import running_median
from regulab.diagnosis.trend import noise_of, recent_gain, trend, worsened
from regulab.diagnosis.turning_point import TurningPoint, turning_point

TRAIN = [0.6, 0.4, 0.3, 0.2, 0.1]


def turned(validation: list[float], training: list[float] | None = None) -> TurningPoint:
    turn = turning_point(validation, [1 / (k + 1) for k in range(len(validation))] if training is None else training)
    assert turn is not None
    return turn


def test_a_turn_has_a_best_epoch_an_onset_and_a_cost() -> None:
    turn = turned([0.6, 0.4, 0.5, 0.6, 0.7])
    assert (turn.best_epoch, turn.interval, turn.onset, turn.overfits, turn.known) == (1, (1, 1), 2, True, True)
    assert turn.rise == pytest.approx(0.25)
    assert turn.relative_rise == pytest.approx(0.625)
    assert str(turn) == "best after epoch 2; worse from epoch 3 on; ends 62% above its best"


def test_epochs_that_noise_cannot_tell_from_the_best_make_the_interval() -> None:
    rng = np.random.default_rng(3)
    level = 0.4 + 0.3 * np.exp(-np.arange(30) / 2) + 0.008 * np.clip(np.arange(30) - 15, 0, None)
    turn = turned(list(level + 0.004 * rng.standard_normal(30)))
    first, last = turn.interval
    assert first <= 12 <= last < 20
    assert turn.onset is not None
    assert 15 <= turn.onset <= 20
    assert turn.noise == pytest.approx(0.004, rel=0.6)


def test_a_run_that_is_still_improving_or_too_short_is_not_known_yet() -> None:
    for validation in ([1.0, 0.8, 0.6, 0.5, 0.4], [0.6, 0.4, 0.5]):
        turn = turned(validation)
        assert (turn.known, turn.onset) == (False, None)
        assert str(turn).endswith("whether it turns is not known yet")


def test_a_run_that_levels_off_is_known_not_to_turn() -> None:
    turn = turned([0.6, 0.45, 0.40, 0.39, 0.395, 0.392])
    assert (turn.known, turn.onset) == (True, None)
    assert str(turn).endswith("it does not turn")


def test_without_a_training_loss_or_with_a_rising_one_nothing_overfits() -> None:
    validation = [0.6, 0.4, 0.5, 0.6, 0.7]
    assert turned(validation, []).onset is None
    assert turned(validation, [0.6, 0.4, 0.5, 0.6, 0.7]).onset is None
    assert turned(validation, [0.6, 0.4, 0.3, 0.2, math.nan]).onset is None


def test_a_training_loss_of_nothing_need_not_fall_further() -> None:
    assert turned([0.6, 0.4, 0.5, 0.6, 0.7], [0.6, 0.0, 0.0, 0.0, 0.0]).onset == 2


def test_epochs_without_validation_are_passed_over() -> None:
    nan = math.nan
    turn = turned([nan, 0.6, nan, 0.4, nan, 0.5, nan, 0.6, nan, 0.7])
    assert (turn.best_epoch, turn.onset) == (3, 5)
    assert turning_point([nan, math.inf]) is None
    assert turning_point([]) is None


def test_a_best_of_zero_has_no_share() -> None:
    assert math.isnan(turned([0.5, 0.0, 0.1, 0.2]).relative_rise)


@pytest.mark.parametrize("epochs", [20, 50, 200])
def test_noise_is_estimated_whatever_the_trend(epochs: int) -> None:
    rng = np.random.default_rng(epochs)
    estimates = [noise_of(0.5 + np.exp(-np.arange(epochs) / 4) + 0.02 * rng.standard_normal(epochs)) for _ in range(20)]
    assert np.median(estimates) == pytest.approx(0.02, rel=0.35)


def test_a_short_smooth_valley_has_no_noise() -> None:
    assert noise_of(np.array([0.69, 0.30, 0.26, 0.29, 0.35, 0.41])) == pytest.approx(0)


def test_a_running_median_drops_a_spike_and_keeps_the_length() -> None:
    assert list(running_median(np.array([1.0, 1.0, 9.0, 1.0, 1.0]), 3)) == [1.0] * 5
    assert list(running_median(np.array([1.0, 9.0]), 2)) == [1.0, 9.0]


def test_a_rise_has_to_last() -> None:
    assert trend(np.array([0.6, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.9])).persists is False
    assert trend(np.array([0.6, 0.4, 0.4, 0.4, 0.4, 0.7, 0.8, 0.9])).persists is True


def test_what_the_last_fifth_gained_is_a_share_of_the_level() -> None:
    assert recent_gain(np.array([1.0, 0.8, 0.6, 0.5, 0.4])) == pytest.approx(0.25)
    assert recent_gain(np.array([1.0, 0.5, 0.5, 0.5, 0.5])) == 0
    assert recent_gain(np.array([1.0])) == 0


def crept(share: float, epochs: int = 40) -> np.ndarray:
    epoch = np.arange(epochs)
    return (0.5 + 0.5 * np.exp(-epoch / 2)) * (1 + share * np.clip(epoch / epochs - 0.4, 0, None) / 0.6)


def test_a_slight_rise_is_left_open_where_training_loss_falls_by_a_quarter_meanwhile() -> None:
    learned, steady = (list(np.exp(-np.arange(40) / scale)) for scale in (10, 100))
    turn = turned(list(crept(0.04)), learned)
    assert (turn.overfits, turn.inconclusive) == (False, Inconclusive.RISES_SLIGHTLY)
    assert turned(list(crept(0.04)), steady).inconclusive is None
    assert turned(list(crept(0.0)), learned).inconclusive is None
    assert turned(list(crept(0.04)), [-value for value in learned]).inconclusive is None
    assert turned(list(crept(0.2)), learned).overfits


def test_a_short_smooth_rise_is_left_open_and_noise_on_a_short_plateau_rarely_looks_like_one() -> None:
    # Eight epochs of a model with L2: without its penalty, the loss rises by a tenth.
    printed = [0.766, 0.602, 0.506, 0.484, 0.486, 0.496, 0.503, 0.519]
    learned = [0.835, 0.626, 0.427, 0.309, 0.240, 0.199, 0.173, 0.154]
    turn = turned(printed, learned)
    assert (turn.overfits, turn.inconclusive) == (False, Inconclusive.RISES_SLIGHTLY)
    assert turned(printed, [0.31] * 3 + [0.309, 0.305, 0.30, 0.295, 0.29]).inconclusive is None
    rng = np.random.default_rng(6)
    plateaus = [0.5 + 0.5 * np.exp(-np.arange(10) / 1.5) for _ in range(300)]
    noisy = [level * np.exp(0.02 * rng.standard_normal(10)) for level in plateaus]
    assert np.mean([worsened(curve) is not None for curve in noisy]) <= 0.06
    assert worsened(np.array([0.5, 0.6])) is None
    assert worsened(np.array([0.4, 0.5, 0.6])) is None


def test_noise_on_a_plateau_rarely_looks_like_a_slight_rise() -> None:
    rng = np.random.default_rng(5)
    noise = np.exp(0.02 * rng.standard_normal((300, 40)))
    assert np.mean([worsened(crept(0.0) * curve) is not None for curve in noise]) <= 0.06
    assert np.mean([worsened(crept(0.05) * curve) is not None for curve in noise]) >= 0.6
