from __future__ import annotations

import keras
import numpy as np
import pytest

from regulab.training.kernels.schedules import Schedules

SCHEDULES = keras.optimizers.schedules
STEPS = np.arange(5, 45)


@pytest.mark.parametrize(
    "rate",
    [
        SCHEDULES.ExponentialDecay(0.01, 10, 0.9),
        SCHEDULES.CosineDecay(0.01, 30, warmup_target=0.1, warmup_steps=10),
        SCHEDULES.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]),
    ],
    ids=lambda rate: type(rate).__name__,
)
def test_a_schedule_gives_the_rates_that_keras_computes_step_by_step(rate) -> None:
    rates = Schedules()([rate, 0.5], STEPS)
    assert rates.dtype == np.float32
    np.testing.assert_allclose(rates[:, 0], [float(rate(step)) for step in STEPS], rtol=1e-6)
    assert (rates[:, 1] == 0.5).all()


def test_equal_schedules_are_traced_once(monkeypatch) -> None:
    evaluated = []
    call = SCHEDULES.ExponentialDecay.__call__
    monkeypatch.setattr(
        SCHEDULES.ExponentialDecay, "__call__", lambda self, step: evaluated.append(step) or call(self, step)
    )
    schedules = Schedules()
    for first in (0, 40):
        schedules([SCHEDULES.ExponentialDecay(0.01, 10, 0.9) for _ in range(5)], first + STEPS)
    assert len(evaluated) == 1


def test_a_users_own_schedule_may_be_plain_python() -> None:
    class Halved(SCHEDULES.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 if int(step) < 10 else 0.05

    assert Schedules()([Halved()], STEPS)[:, 0].tolist() == pytest.approx([0.1] * 5 + [0.05] * 35)
