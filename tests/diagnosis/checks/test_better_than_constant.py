from __future__ import annotations

import pytest

from regulab.diagnosis.checks.constant import NotBetterThanConstant
from regulab.diagnosis.finding import NotApplicable, Passed
from regulab.histories.history import Histories, History

STUDY = {"constant_loss": {"validation": 0.693, "test": 0.69}}


def trained(*losses: float) -> Histories:
    return Histories(tuple(History(f"v{n}", 0, {"val_data_loss": (0.9, loss)}) for n, loss in enumerate(losses)))


def test_a_study_in_which_no_model_beats_the_constant_is_a_warning() -> None:
    (finding,) = NotBetterThanConstant().run(STUDY, trained(0.75, 0.716))
    assert (finding.code, finding.severity) == ("NOT-BETTER-THAN-CONSTANT", "warning")
    assert finding.message == (
        "No model beats a constant prediction, whose validation loss is 0.693: the lowest is 0.716 (v1)."
    )
    assert finding.evidence == {"val_loss_best": 0.716, "constant_loss": 0.693}


def test_a_lead_of_less_than_a_hundredth_is_an_info() -> None:
    (finding,) = NotBetterThanConstant().run(STUDY, trained(0.75, 0.690))
    assert finding.severity == "info"
    assert "by 1%" in finding.message


def test_one_model_that_beats_the_constant_is_enough() -> None:
    assert isinstance(NotBetterThanConstant().run(STUDY, trained(0.75, 0.68)), Passed)


@pytest.mark.parametrize("study", [{}, {"constant_loss": None}, {"constant_loss": {}}, {"constant_loss": 0.7}])
def test_a_folder_that_does_not_record_the_constant_is_not_judged_by_it(study: dict[str, object]) -> None:
    assert isinstance(NotBetterThanConstant().run(study, trained(0.8)), NotApplicable)
