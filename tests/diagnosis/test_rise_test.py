from __future__ import annotations

import numpy as np
import pytest

from regulab.diagnosis.rise_test import rise

EPOCHS = np.arange(20)


def test_a_straight_rise_is_sure_and_has_its_height() -> None:
    result = rise(np.array([1.0, 0.8, 0.82, 0.85, 0.88]))
    assert result.significant
    assert (result.epochs, result.height) == (3, pytest.approx(0.1))


def test_a_curve_that_never_rises_has_no_strength() -> None:
    result = rise(np.array([1.0, 0.6, 0.6, 0.5, 0.45, 0.45]))
    assert (result.significant, result.strength, result.height) == (False, 0.0, 0.0)


def test_noise_on_a_plateau_is_rarely_sure_and_a_rise_through_it_often() -> None:
    rng = np.random.default_rng(0)
    level = 0.5 + 0.5 * np.exp(-EPOCHS / 2)
    rising = level * (1 + 0.2 * np.clip(EPOCHS - 6, 0, None) / 13)
    noise = 1 + 0.03 * rng.standard_normal((300, 20))
    assert np.mean([rise(level * factor).significant for factor in noise]) <= 0.02
    assert np.mean([rise(rising * factor).significant for factor in noise]) >= 0.95


def test_a_smooth_rise_of_a_few_per_cent_is_sure_and_the_same_through_noise_is_not() -> None:
    rising = (1 - 0.5 * (1 - np.exp(-EPOCHS))) * (1 + 0.08 * np.clip(EPOCHS - 6, 0, None) / 13)
    rng = np.random.default_rng(3)
    assert rise(rising).significant
    assert np.mean([rise(rising * np.exp(0.04 * rng.standard_normal(20))).significant for _ in range(100)]) <= 0.5


def test_the_noise_is_estimated_from_what_neither_a_fall_nor_a_rise_explains() -> None:
    rng = np.random.default_rng(1)
    values = np.exp(0.05 * rng.standard_normal(200))
    assert rise(values).noise == pytest.approx(0.05, rel=0.2)


def test_a_bump_at_the_end_does_not_last() -> None:
    assert rise(np.array([0.6, 0.4, 0.41, 0.40, 0.41, 0.9])).epochs == 1
    assert rise(np.array([0.6, 0.4, 0.41, 0.40, 0.41, 0.40, 0.9, 0.9])).epochs == 2


def test_the_scale_of_the_loss_does_not_matter() -> None:
    values = np.array([0.6, 0.4, 0.45, 0.42, 0.5, 0.55])
    assert rise(1000 * values).strength == pytest.approx(rise(values).strength)


def test_losses_below_zero_are_judged_in_units_of_their_size() -> None:
    assert rise(np.array([-0.5, -1.0, -0.95, -0.9, -0.8])).significant
    assert not rise(np.array([-0.5, -1.0, -1.01, -1.0, -1.02])).significant


def test_a_long_curve_is_judged_as_quickly() -> None:
    rng = np.random.default_rng(2)
    noise = np.exp(0.3 * rng.standard_normal(100_000))
    assert not rise(noise).significant
    slow = rise(noise * np.linspace(1.0, 1.1, 100_000))
    assert slow.significant
    assert slow.noise == pytest.approx(0.3, rel=0.2)


@pytest.mark.parametrize("values", [[0.5], [0.0, 0.0], [1e300, 1e-300, 1e300], [0.0, 1.0, 1e-199], [-1e100, 1e100]])
def test_any_finite_values_have_an_answer(values: list[float]) -> None:
    assert np.isfinite(rise(np.array(values)).strength)
