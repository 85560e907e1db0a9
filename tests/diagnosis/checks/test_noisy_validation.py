from __future__ import annotations

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.noisy_validation import NoisyValidation

CHECK = NoisyValidation()

TRAIN = (0.5,) * 10
JUMPS = (0.6, 0.45, 0.55, 0.4, 0.52, 0.38, 0.5, 0.41, 0.55, 0.4)


def test_it_fires_where_the_loss_jumps_about(own, log) -> None:
    finding = finding_of(CHECK, own(TRAIN, JUMPS))
    assert (finding.code, finding.severity) == ("NOISY-VALIDATION", "info")
    assert finding.evidence["noise"] > 0.05
    assert finding_of(CHECK, log(TRAIN, JUMPS))


def test_it_stays_silent_on_a_smooth_loss_and_on_one_that_flickers_near_nothing(own) -> None:
    assert passes(CHECK, own(TRAIN, (0.6, 0.5, 0.45, 0.42, 0.40, 0.41, 0.40, 0.405, 0.40, 0.40)))
    assert passes(CHECK, own(TRAIN, (0.7, 0.1, 0.01, 0.001, 0.002, 0.001, 0.002, 0.001, 0.002, 0.001)))
    assert passes(CHECK, own(TRAIN, (0.0,) * 10))


def test_it_does_not_apply_to_short_runs_or_without_the_loss(own) -> None:
    assert reason_of(CHECK, own(TRAIN[:7], JUMPS[:7])) == "needs at least eight epochs"
    assert reason_of(CHECK, own(TRAIN, ())) == "no validation loss recorded"
