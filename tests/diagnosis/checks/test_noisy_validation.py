from __future__ import annotations

from regulab.diagnosis.checks.noisy_validation import check

TRAIN = (0.5,) * 10
JUMPS = (0.6, 0.45, 0.55, 0.4, 0.52, 0.38, 0.5, 0.41, 0.55, 0.4)


def test_it_fires_where_the_loss_jumps_about(own, log) -> None:
    found = check(own(TRAIN, JUMPS))
    assert found is not None
    assert (found.code, found.severity) == ("NOISY-VALIDATION", "info")
    assert found.evidence["noise"] > 0.05
    assert check(log(TRAIN, JUMPS)) is not None


def test_it_stays_silent_on_a_smooth_loss_and_on_one_that_flickers_near_nothing(own) -> None:
    assert check(own(TRAIN, (0.6, 0.5, 0.45, 0.42, 0.40, 0.41, 0.40, 0.405, 0.40, 0.40))) is None
    assert check(own(TRAIN, (0.7, 0.1, 0.01, 0.001, 0.002, 0.001, 0.002, 0.001, 0.002, 0.001))) is None
    assert check(own(TRAIN, (0.0,) * 10)) is None


def test_it_does_not_apply_to_short_runs_or_without_the_loss(own) -> None:
    assert check(own(TRAIN[:7], JUMPS[:7])) is None
    assert check(own(TRAIN, ())) is None
