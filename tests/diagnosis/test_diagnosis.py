from __future__ import annotations

import json

import pytest

from regulab.diagnosis.diagnosis import STUDY, Diagnoses, Diagnosis, diagnose_histories, diagnose_history
from regulab.diagnosis.finding import Finding
from regulab.histories.history import Histories, History

OVERFIT = {"loss": (0.6, 0.3, 0.2, 0.1, 0.05), "val_loss": (0.6, 0.4, 0.5, 0.6, 0.7)}
HEALTHY = {"loss": (0.6, 0.4, 0.35, 0.34, 0.33, 0.32), "val_loss": (0.6, 0.45, 0.40, 0.39, 0.395, 0.392)}
OWN = {"train_data_loss": HEALTHY["loss"], "val_data_loss": HEALTHY["val_loss"]}


def test_a_log_is_diagnosed_with_what_it_cannot_tell() -> None:
    found = diagnose_history(History("history.csv", 0, OVERFIT, ("Row 3 was cut short.",)))
    assert (found.name, found.healthy, found.worst) == ("history.csv", False, "warning")
    assert [finding.code for finding in found.findings] == ["OVERFITTING"]
    assert [sentence.split(":")[0] for sentence in found.unknown] == [
        "What the loss is without a penalty",
        "How large the gap between training and validation really is",
    ]
    assert found.notes == ("Row 3 was cut short.",)


NOISY = (0.9, 0.6, 0.5, 0.58, 0.44, 0.55, 0.46, 0.6, 0.45, 0.57, 0.49, 0.62)

CREEPING = (0.8, 0.6, *(0.5 + 0.001 * epoch for epoch in range(18)))


@pytest.mark.parametrize(
    ("losses", "doubt"),
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
def test_where_a_log_cannot_tell_it_is_not_called_healthy(losses: dict[str, tuple[float, ...]], doubt: str) -> None:
    found = diagnose_history(History("log", 0, losses))
    assert (found.state, found.healthy, found.doubt) == ("cannot tell", False, doubt)
    assert str(found).splitlines()[0] == f"log: cannot tell: {doubt}"
    assert found.unknown[0].startswith("Whether the model overfits") or doubt in (
        "too few epochs",
        "neither loss falls",
    )


def test_a_falling_validation_loss_is_healthy_without_a_training_loss() -> None:
    assert diagnose_history(History("log", 0, {"val_loss": HEALTHY["val_loss"]})).state == "healthy"


def test_a_finding_of_weight_outweighs_a_doubt_and_a_doubt_outweighs_health() -> None:
    diverges = diagnose_history(History("log", 0, {"loss": (1.0, 0.5, 0.4, 0.9, 2.0, 4.0)}))
    assert (diverges.state, diverges.document()["doubt"]) == ("not healthy", None)
    healthy, unclear = Diagnosis("a", ()), Diagnosis("b", (), doubt="too noisy")
    assert Diagnoses((healthy, unclear)).state == "cannot tell"
    assert Diagnoses((healthy, unclear)).document()["healthy"] is False
    assert Diagnoses((healthy, unclear, diverges)).state == "not healthy"


def test_a_healthy_log_is_called_healthy() -> None:
    found = diagnose_history(History("history.csv", 0, HEALTHY))
    assert (found.healthy, found.worst, found.findings) == (True, None, ())
    assert str(found).splitlines()[0] == "history.csv: healthy"


def test_regulabs_own_histories_leave_nothing_open() -> None:
    assert diagnose_history(History("l2", 3, OWN)) == Diagnosis("l2, seed 3", ())


def test_a_loss_among_the_metrics_answers_for_the_penalty() -> None:
    metrics = {"binary_crossentropy": HEALTHY["loss"], "val_binary_crossentropy": HEALTHY["val_loss"]}
    assert len(diagnose_history(History("log", 0, {**HEALTHY, **metrics})).unknown) == 1


def test_another_error_among_the_metrics_does_not() -> None:
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
    assert list(document) == ["name", "healthy", "state", "doubt", "findings", "unknown", "notes"]
    assert document["findings"][0]["code"] == "OVERFITTING"


def test_several_seeds_are_told_apart_and_the_study_comes_first() -> None:
    histories = Histories((History("l2", 0, HEALTHY), History("l2", 1, OVERFIT), History("other", 0, HEALTHY)))
    found = diagnose_histories(histories, study={"data": {"validation_is_test": True}})
    assert [each.name for each in found] == [STUDY, "l2, seed 0", "l2, seed 1", "other"]
    assert (len(found), found.healthy, found.worst) == (4, False, "warning")
    assert found.document()["worst"] == "warning"
    assert str(found).count("\n\n") == 3
    assert diagnose_histories(histories, study={"data": {}}).items[0].name == "l2, seed 0"


def test_the_gravest_severity_counts() -> None:
    findings = tuple(Finding("X", severity, "m", {}, "a") for severity in ("info", "error", "warning"))
    assert Diagnosis("log", findings).worst == "error"
    assert Diagnosis("log", findings[:1]).healthy
    assert Diagnoses((Diagnosis("log", findings[2:]), Diagnosis("log", ()))).worst == "warning"
    assert Diagnoses(()).worst is None


def test_what_is_learned_by_heart_is_not_said_to_be_unknown() -> None:
    # Validation loss falls by little, then creeps up, while training loss falls to a seventh.
    validation = (0.70, 0.68, *(0.66 + 0.002 * epoch for epoch in range(10)))
    found = diagnose_history(
        History("log", 0, {"loss": tuple(0.7 * 0.8**e for e in range(12)), "val_loss": validation})
    )
    assert [finding.code for finding in found.findings] == ["MEMORIZATION"]
    assert found.doubt == "rises slightly"
    assert not any(sentence.startswith("Whether the model overfits") for sentence in found.unknown)
