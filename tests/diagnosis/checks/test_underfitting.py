from __future__ import annotations

import pytest

from outcomes import finding_of, passes, reason_of
from regulab.diagnosis.checks.underfitting import Underfitting, UnderfittingVariants
from regulab.diagnosis.finding import NotApplicable, Passed
from regulab.histories.history import Histories, History

CHECK, STUDY_CHECK = Underfitting(), UnderfittingVariants()
NO_LOSSES = NotApplicable("needs regulab's own losses in every epoch")

TRAIN, VALIDATION = (0.693, 0.690, 0.688, 0.688, 0.688), (0.692, 0.690, 0.689, 0.689, 0.689)
GOOD = (0.6, 0.4, 0.3, 0.25, 0.24, 0.24)


def test_it_fires_where_neither_loss_falls(own) -> None:
    finding = finding_of(CHECK, own(TRAIN, VALIDATION))
    assert (finding.code, finding.severity) == ("UNDERFITTING", "warning")
    assert finding.message.startswith("Neither loss falls: training loss goes from 0.693 to 0.688")
    assert finding.evidence["fall"] < 0.05


def test_a_log_without_accuracy_weighs_less_since_the_model_may_have_been_trained_before(log) -> None:
    unsure, sure = (
        finding_of(CHECK, log(TRAIN, VALIDATION)),
        finding_of(CHECK, log(TRAIN, VALIDATION, val_accuracy=(0.5, 0.52) + (0.53,) * 3)),
    )
    assert (unsure.severity, sure.severity) == ("info", "warning")
    assert "trained before" in unsure.advice


@pytest.mark.parametrize(
    "accuracy", [(0.95,) * 5, (0.5, 0.55, 0.6, 0.65, 0.7)], ids=["good from the start", "still gains"]
)
def test_accuracy_can_tell_that_the_model_learns(log, accuracy: tuple[float, ...]) -> None:
    assert passes(CHECK, log(TRAIN, VALIDATION, val_accuracy=accuracy))


def test_it_stays_silent_where_the_loss_falls_or_the_first_epoch_did_most_of_it(own) -> None:
    assert passes(CHECK, own(GOOD, GOOD))
    assert passes(CHECK, own((0.30, 0.29, 0.29, 0.29, 0.29), VALIDATION, epoch_data_loss=(0.5, 0.3, 0.3, 0.3, 0.3)))


def test_it_does_not_apply_to_short_runs_or_without_both_losses(own) -> None:
    assert reason_of(CHECK, own(TRAIN[:3], VALIDATION[:3])) == "needs at least four epochs"
    assert reason_of(CHECK, History("log.csv", 0, {"loss": TRAIN})) == "no validation loss recorded"


def member(variant: str, train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History(variant, 0, {"train_data_loss": train, "val_data_loss": validation})


def test_a_variant_that_cannot_learn_what_another_knows_of_unseen_examples_underfits() -> None:
    weak = (0.6, 0.5, 0.4, 0.38, 0.38, 0.38)
    study = Histories((member("baseline", GOOD, GOOD), member("tiny", weak, weak)))
    (finding,) = STUDY_CHECK.run({}, study)
    assert finding.code == "UNDERFITTING"
    assert finding.message == (
        "tiny gets training loss down to 0.38 only, although baseline reaches 0.24 on examples that it has not seen."
    )


def test_a_variant_that_its_own_regularization_holds_back_is_not_told_to_have_more_capacity() -> None:
    weak = (0.6, 0.5, 0.4, 0.38, 0.38, 0.38)
    trained = Histories(tuple(member(name, weak if name != "baseline" else GOOD, GOOD) for name in ("baseline", "x")))
    study = {"variants": [{"name": "baseline", "parameters": 100}, {"name": "x", "parameters": 100}]}
    (regularized,) = STUDY_CHECK.run(study, trained)
    assert regularized.advice.startswith("Weaken what it adds to the baseline")
    study["variants"][1]["parameters"] = 50
    (smaller,) = STUDY_CHECK.run(study, trained)
    assert smaller.advice.startswith("Give the model more capacity")


def test_the_study_has_no_underfitting_where_all_can_learn_or_are_not_done() -> None:
    slow = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35)
    assert STUDY_CHECK.run({}, Histories((member("baseline", GOOD, GOOD), member("slow", slow, slow)))) == Passed()
    assert STUDY_CHECK.run({}, Histories((member("baseline", GOOD, GOOD),))) == Passed()
    assert STUDY_CHECK.run({}, Histories((History("log", 0, {"loss": GOOD}),))) == NO_LOSSES
    assert STUDY_CHECK.run({}, Histories(())) == NO_LOSSES


def test_easier_validation_examples_are_no_underfitting() -> None:
    training = tuple(value + 0.1 for value in GOOD)
    tiny = (0.7, 0.6, 0.5, 0.45, 0.45, 0.45)
    assert STUDY_CHECK.run({}, Histories((member("baseline", training, GOOD),))) == Passed()
    (finding,) = STUDY_CHECK.run({}, Histories((member("baseline", training, GOOD), member("tiny", tiny, tiny))))
    assert finding.message.startswith("tiny gets training loss down to 0.45 only, although baseline reaches 0.24")
