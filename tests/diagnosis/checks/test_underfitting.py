from __future__ import annotations

import pytest

from regulab.diagnosis.checks.underfitting import check, check_study
from regulab.histories.history import Histories, History

TRAIN, VALIDATION = (0.693, 0.690, 0.688, 0.688, 0.688), (0.692, 0.690, 0.689, 0.689, 0.689)
GOOD = (0.6, 0.4, 0.3, 0.25, 0.24, 0.24)


def test_it_fires_where_neither_loss_falls(own) -> None:
    found = check(own(TRAIN, VALIDATION))
    assert found is not None
    assert (found.code, found.severity) == ("UNDERFITTING", "warning")
    assert found.message.startswith("Neither loss falls: training loss goes from 0.693 to 0.688")
    assert found.evidence["fall"] < 0.05


def test_a_log_without_accuracy_weighs_less_since_the_model_may_have_been_trained_before(log) -> None:
    unsure, sure = check(log(TRAIN, VALIDATION)), check(log(TRAIN, VALIDATION, val_accuracy=(0.5, 0.52) + (0.53,) * 3))
    assert unsure is not None
    assert sure is not None
    assert (unsure.severity, sure.severity) == ("info", "warning")
    assert "trained before" in unsure.advice


@pytest.mark.parametrize(
    "accuracy", [(0.95,) * 5, (0.5, 0.55, 0.6, 0.65, 0.7)], ids=["good from the start", "still gains"]
)
def test_accuracy_can_tell_that_the_model_learns(log, accuracy: tuple[float, ...]) -> None:
    assert check(log(TRAIN, VALIDATION, val_accuracy=accuracy)) is None


def test_it_stays_silent_where_the_loss_falls_or_the_first_epoch_did_most_of_it(own) -> None:
    assert check(own(GOOD, GOOD)) is None
    assert check(own((0.30, 0.29, 0.29, 0.29, 0.29), VALIDATION, epoch_data_loss=(0.5, 0.3, 0.3, 0.3, 0.3))) is None


def test_it_does_not_apply_to_short_runs_or_without_both_losses(own) -> None:
    assert check(own(TRAIN[:3], VALIDATION[:3])) is None
    assert check(History("log.csv", 0, {"loss": TRAIN})) is None


def member(variant: str, train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History(variant, 0, {"train_data_loss": train, "val_data_loss": validation})


def test_a_variant_that_cannot_learn_what_another_knows_of_unseen_examples_underfits() -> None:
    weak = (0.6, 0.5, 0.4, 0.38, 0.38, 0.38)
    study = Histories((member("baseline", GOOD, GOOD), member("tiny", weak, weak)))
    (found,) = check_study({}, study)
    assert found.code == "UNDERFITTING"
    assert found.message == (
        "tiny gets training loss down to 0.38 only, although baseline reaches 0.24 on examples that it has not seen."
    )


def test_the_study_has_no_underfitting_where_all_can_learn_or_are_not_done() -> None:
    slow = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35)
    assert check_study({}, Histories((member("baseline", GOOD, GOOD), member("slow", slow, slow)))) == ()
    assert check_study({}, Histories((member("baseline", GOOD, GOOD),))) == ()
    assert check_study({}, Histories((History("log", 0, {"loss": GOOD}),))) == ()
    assert check_study({}, Histories(())) == ()


def test_easier_validation_examples_are_no_underfitting() -> None:
    training = tuple(value + 0.1 for value in GOOD)
    tiny = (0.7, 0.6, 0.5, 0.45, 0.45, 0.45)
    assert check_study({}, Histories((member("baseline", training, GOOD),))) == ()
    (found,) = check_study({}, Histories((member("baseline", training, GOOD), member("tiny", tiny, tiny))))
    assert found.message.startswith("tiny gets training loss down to 0.45 only, although baseline reaches 0.24")
