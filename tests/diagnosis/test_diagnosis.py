from __future__ import annotations

import json

import pytest

from regulab.diagnosis.checks import CHECKS
from regulab.diagnosis.diagnose import STUDY, diagnose_histories, diagnose_history
from regulab.diagnosis.diagnosis import Diagnoses, Diagnosis, State
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.run_checks import known_codes
from regulab.errors import InputError
from regulab.histories.history import Histories, History

OVERFIT = {"loss": (0.6, 0.3, 0.2, 0.1, 0.05), "val_loss": (0.6, 0.4, 0.5, 0.6, 0.7)}
HEALTHY = {"loss": (0.6, 0.4, 0.35, 0.34, 0.33, 0.32), "val_loss": (0.6, 0.45, 0.40, 0.39, 0.395, 0.392)}
OWN = {"train_data_loss": HEALTHY["loss"], "val_data_loss": HEALTHY["val_loss"]}


def test_a_log_is_diagnosed_with_what_it_cannot_tell() -> None:
    diagnosis = diagnose_history(History("history.csv", 0, OVERFIT, ("Row 3 was cut short.",)))
    assert (diagnosis.name, diagnosis.healthy, diagnosis.worst) == ("history.csv", False, "warning")
    assert [finding.code for finding in diagnosis.findings] == ["OVERFITTING"]
    assert [sentence.split(":")[0] for sentence in diagnosis.unknown] == [
        "What the loss is without a penalty",
        "How large the gap between training and validation really is",
    ]
    assert diagnosis.notes == ("Row 3 was cut short.",)


NOISY = (0.9, 0.6, 0.5, 0.58, 0.44, 0.55, 0.46, 0.6, 0.45, 0.57, 0.49, 0.62)

CREEPING = (0.8, 0.6, *(0.5 + 0.001 * epoch for epoch in range(18)))


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ({"loss": (0.6, 0.4, 0.35, 0.34, 0.33, 0.32)}, "no validation loss"),
        ({"loss": (0.6, 0.4, 0.3), "val_loss": (0.6, 0.4, 0.3)}, "too few epochs"),
        ({"loss": tuple(1 / (epoch + 1) for epoch in range(12)), "val_loss": NOISY}, "too noisy"),
        ({"loss": tuple(0.8**epoch for epoch in range(20)), "val_loss": CREEPING}, "rises slightly"),
        ({"val_loss": OVERFIT["val_loss"]}, "no training loss"),
        ({"auc": (0.6, 0.7, 0.8, 0.8)}, "no loss"),
        ({"loss": (0.7,) * 9, "val_loss": (0.7,) * 9}, "neither loss falls"),
        ({"loss": (0.0,) * 9, "val_loss": (0.0,) * 9}, "validation loss is zero in every epoch"),
        (
            {"loss": (0.6, 0.3, 0.3, 0.305, 0.31), "val_loss": OVERFIT["val_loss"]},
            "validation loss rises, but training loss does not fall",
        ),
    ],
)
def test_where_a_log_cannot_tell_it_is_not_called_healthy(losses: dict[str, tuple[float, ...]], reason: str) -> None:
    diagnosis = diagnose_history(History("log", 0, losses))
    assert (diagnosis.state, diagnosis.healthy, diagnosis.inconclusive) == ("cannot tell", False, reason)
    assert str(diagnosis).splitlines()[0] == f"log: cannot tell: {reason}"
    assert diagnosis.unknown[0].startswith("Whether the model overfits") or reason in (
        "too few epochs",
        "neither loss falls",
    )


def test_a_falling_validation_loss_is_healthy_without_a_training_loss() -> None:
    assert diagnose_history(History("log", 0, {"val_loss": HEALTHY["val_loss"]})).state == "healthy"


def test_a_warning_outweighs_an_inconclusive_log_and_that_outweighs_a_healthy_one() -> None:
    diverges = diagnose_history(History("log", 0, {"loss": (1.0, 0.5, 0.4, 0.9, 2.0, 4.0)}))
    assert (diverges.state, diverges.document()["doubt"]) == ("not healthy", None)
    healthy, unclear = Diagnosis("a", ()), Diagnosis("b", (), inconclusive=Inconclusive.TOO_NOISY)
    assert Diagnoses((healthy, unclear)).state == "cannot tell"
    assert Diagnoses((healthy, unclear)).document()["healthy"] is False
    assert Diagnoses((healthy, unclear, diverges)).state == "not healthy"


def test_a_healthy_log_is_called_healthy() -> None:
    diagnosis = diagnose_history(History("history.csv", 0, HEALTHY))
    assert (diagnosis.healthy, diagnosis.worst, diagnosis.findings) == (True, None, ())
    assert str(diagnosis).splitlines()[0] == "history.csv: healthy"


def test_regulabs_own_histories_leave_nothing_open() -> None:
    diagnosis = diagnose_history(History("l2", 3, OWN))
    assert (diagnosis.name, diagnosis.findings, diagnosis.unknown, diagnosis.notes) == ("l2, seed 3", (), (), ())


def test_a_loss_among_the_metrics_answers_for_the_penalty() -> None:
    metrics = {"binary_crossentropy": HEALTHY["loss"], "val_binary_crossentropy": HEALTHY["val_loss"]}
    assert len(diagnose_history(History("log", 0, {**HEALTHY, **metrics})).unknown) == 1


def test_another_error_among_the_metrics_does_not_answer_for_the_penalty() -> None:
    errors = {"mae": (0.5, 0.4, 0.3, 0.2, 0.1, 0.1), "val_mae": (0.2, 0.3, 0.1, 0.3, 0.1, 0.2)}
    assert len(diagnose_history(History("log", 0, {**HEALTHY, **errors})).unknown) == 2
    same = {"mse": HEALTHY["loss"], "val_mse": HEALTHY["val_loss"]}
    assert len(diagnose_history(History("log", 0, {**HEALTHY, **same})).unknown) == 1


def test_a_log_without_one_of_the_losses_says_so() -> None:
    (first, *_) = diagnose_history(History("log", 0, {"loss": OVERFIT["loss"]})).unknown
    assert first.startswith("Whether the model overfits: the log has no validation loss")
    (first, *_) = diagnose_history(History("log", 0, {"val_loss": OVERFIT["val_loss"]})).unknown
    assert first.startswith("Whether the model overfits or diverges: the log has no training loss")


def test_the_text_says_code_advice_and_what_is_not_known() -> None:
    text = str(diagnose_history(History("history.csv", 0, OVERFIT, ("Row 3 was cut short.",))))
    assert "  warning OVERFITTING  Validation loss" in text
    assert "Keep the weights of the best" in text
    assert "  Cannot tell: What the loss is without a penalty" in text
    assert text.endswith("  Note: Row 3 was cut short.")
    assert max(map(len, text.splitlines())) <= 100


def test_the_document_is_json() -> None:
    document = diagnose_history(History("history.csv", 0, OVERFIT)).document()
    assert json.loads(json.dumps(document)) == document
    assert list(document) == [
        "name",
        "healthy",
        "state",
        "doubt",
        "findings",
        "ignored",
        "passed",
        "not_applicable",
        "unknown",
        "notes",
    ]
    assert document["findings"][0]["code"] == "OVERFITTING"


def test_several_seeds_are_told_apart_and_the_study_comes_first() -> None:
    histories = Histories((History("l2", 0, HEALTHY), History("l2", 1, OVERFIT), History("other", 0, HEALTHY)))
    diagnoses = diagnose_histories(histories, study={"data": {"validation_is_test": True}})
    assert [diagnosis.name for diagnosis in diagnoses] == [STUDY, "l2, seed 0", "l2, seed 1", "other"]
    assert (len(diagnoses), diagnoses.healthy, diagnoses.worst) == (4, False, "warning")
    assert diagnoses.document()["worst"] == "warning"
    assert str(diagnoses).count("\n\n") == 3
    assert diagnose_histories(histories, study={"data": {}}).items[0].name == "l2, seed 0"


def test_the_highest_severity_counts() -> None:
    findings = tuple(Finding("X", severity, "m", {}, "a") for severity in ("info", "error", "warning"))
    assert Diagnosis("log", findings).worst == "error"
    assert Diagnosis("log", findings[:1]).healthy
    assert Diagnoses((Diagnosis("log", findings[2:]), Diagnosis("log", ()))).worst == "warning"
    assert Diagnoses(()).worst is None


def test_a_model_that_memorizes_is_not_said_to_be_unknown() -> None:
    # Validation loss falls by little, then creeps up, while training loss falls to a seventh.
    validation = (0.70, 0.68, *(0.66 + 0.002 * epoch for epoch in range(10)))
    diagnosis = diagnose_history(
        History("log", 0, {"loss": tuple(0.7 * 0.8**e for e in range(12)), "val_loss": validation})
    )
    assert [finding.code for finding in diagnosis.findings] == ["MEMORIZATION"]
    assert diagnosis.inconclusive is Inconclusive.RISES_SLIGHTLY
    assert not any(sentence.startswith("Whether the model overfits") for sentence in diagnosis.unknown)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_every_check_passes_or_finds_something_or_says_why_it_does_not_apply() -> None:
    diagnosis = diagnose_history(History("log", 0, OVERFIT))
    every = [*codes(diagnosis.findings), *codes(diagnosis.ignored), *diagnosis.passed, *diagnosis.not_applicable]
    assert sorted(every) == sorted(check.code for check in CHECKS)
    assert "DIVERGED" in diagnosis.passed
    assert diagnosis.not_applicable["OVERCONFIDENT"] == "no validation accuracy recorded"
    document = diagnosis.document()
    assert document["passed"] == list(diagnosis.passed)
    assert {"code": "OVERCONFIDENT", "reason": "no validation accuracy recorded"} in document["not_applicable"]


def test_an_ignored_finding_is_muted_and_named_and_does_not_make_a_log_healthy() -> None:
    diagnosis = diagnose_history(History("log", 0, OVERFIT), ignore=frozenset({"OVERFITTING"}))
    assert (codes(diagnosis.findings), codes(diagnosis.ignored), diagnosis.worst) == ([], ["OVERFITTING"], None)
    assert (diagnosis.state, diagnosis.healthy) == (State.NO_OTHER_FINDING, False)
    assert str(diagnosis).splitlines()[0] == "log: no other finding; OVERFITTING ignored on request"
    assert diagnosis.document()["ignored"] == ["OVERFITTING"]
    assert Diagnoses((diagnosis, Diagnosis("healthy", ()))).state is State.NO_OTHER_FINDING


def test_ignored_findings_are_named_whatever_the_verdict() -> None:
    warning, error, info = (Finding(code, code.lower(), "m", {}, "a") for code in ("WARNING", "ERROR", "INFO"))
    for diagnosis, state in (
        (Diagnosis("log", (warning,), ignored=(error,)), State.NOT_HEALTHY),
        (Diagnosis("log", (), ignored=(error,), inconclusive=Inconclusive.TOO_NOISY), State.CANNOT_TELL),
        # An info alone leaves a log healthy, whether it is muted or not.
        (Diagnosis("log", (), ignored=(info,)), State.HEALTHY),
    ):
        assert diagnosis.state is state
        assert f"  Ignored on request: {diagnosis.ignored[0].code}." in str(diagnosis).splitlines()


def test_ignoring_what_was_not_found_changes_nothing() -> None:
    plain = diagnose_history(History("log", 0, HEALTHY))
    assert diagnose_history(History("log", 0, HEALTHY), ignore=frozenset({"OVERFITTING"})) == plain


def test_the_findings_about_a_study_can_be_ignored_too() -> None:
    study = {"data": {"validation_is_test": True}}
    muted = frozenset({"TEST-USED-FOR-VALIDATION"})
    about, _ = diagnose_histories(Histories((History("l2", 0, HEALTHY),)), study=study, ignore=muted)
    assert about.verdict == "no other finding; TEST-USED-FOR-VALIDATION ignored on request"


def test_codes_to_ignore_are_known_in_any_case_and_unknown_ones_are_refused() -> None:
    assert known_codes("overfitting, DIVERGED") == known_codes(["OVERFITTING", "Diverged"])
    assert known_codes(()) == frozenset()
    with pytest.raises(InputError, match=r"No finding 'OVERFIT' to ignore\. Available: NOT-A-NUMBER, DIVERGED, "):
        known_codes(["OVERFIT"])
