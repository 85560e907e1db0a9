from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import regulab as rl
from regulab.cli import cli
from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.run_folder import RunFolder

OVERFITS = "epoch,loss,val_loss\n" + "".join(
    f"{epoch},{0.6 / (epoch + 1):.3f},{0.5 + abs(epoch - 3) / 10:.3f}\n" for epoch in range(12)
)
HEALTHY = "epoch,loss,val_loss\n" + "".join(
    f"{epoch},{0.3 + 0.3 / 2**epoch:.4f},{0.32 + 0.3 / 2**epoch + 0.001 * (epoch > 10):.4f}\n" for epoch in range(12)
)
MEMBER = {
    "val_data_loss": (0.5, 0.4, 0.35, 0.33, 0.34, 0.33),
    "train_data_loss": (0.5, 0.4, 0.34, 0.32, 0.32, 0.32),
}


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "overfits.csv").write_text(OVERFITS)
    (tmp_path / "healthy.csv").write_text(HEALTHY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diagnose(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["diagnose", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_report_names_the_log_the_finding_and_the_advice(logs) -> None:
    result = diagnose("overfits.csv")
    first, second, *others = result.stdout.splitlines()
    assert (first, result.exit_code, result.stderr) == ("overfits.csv: not healthy", 0, "")
    assert second.startswith("  warning OVERFITTING  ")
    assert others[0].startswith("      ")
    assert any(line.startswith("  Cannot tell: ") for line in others)


def test_a_healthy_log_is_called_so(logs) -> None:
    assert diagnose("healthy.csv").stdout.splitlines()[0] == "healthy.csv: healthy"


def test_a_log_too_short_to_judge_is_not_called_healthy(logs) -> None:
    (logs / "one.csv").write_text("epoch,loss,val_loss\n0,0.5,0.6\n")
    assert diagnose("one.csv").stdout.splitlines()[0] == "one.csv: cannot tell: too few epochs"


def test_a_log_without_validation_loss_is_not_called_healthy(logs) -> None:
    (logs / "blind.csv").write_text("epoch,loss\n" + "".join(f"{epoch},{1 / (epoch + 1):.3f}\n" for epoch in range(9)))
    assert diagnose("blind.csv").stdout.splitlines()[0] == "blind.csv: cannot tell: no validation loss"
    document = json.loads(diagnose("blind.csv", "--json").stdout)
    assert (document["healthy"], document["state"], document["diagnoses"][0]["doubt"]) == (
        False,
        "cannot tell",
        "no validation loss",
    )


FALLING = [0.9, 0.8, 0.7, 0.6, 0.5, 0.45]


@pytest.mark.parametrize("never", ["", "NA"])
@pytest.mark.parametrize("every", [1, 2])
def test_a_validation_loss_that_is_never_a_number_differs_from_one_never_measured(logs, never, every) -> None:
    def write(value: str) -> str:
        rows = (f"{epoch},{loss},{never if epoch % every else value}" for epoch, loss in enumerate(FALLING))
        (logs / "log.csv").write_text("\n".join(["epoch,loss,val_loss", *rows, ""]))
        return diagnose("log.csv", "--fail-on", "error").stdout

    message = write("nan")
    assert "error NOT-A-NUMBER  Validation loss is nan in every epoch." in message
    assert "no validation loss" not in message
    assert write(never).startswith("log.csv: cannot tell: no validation loss\n")


def test_losses_that_are_never_a_number_are_not_called_absent(logs) -> None:
    (logs / "log.json").write_text('{"loss": [NaN, NaN, NaN], "val_loss": [NaN, NaN, NaN]}')
    (diagnosis,) = json.loads(diagnose("log.json", "--json").stdout)["diagnoses"]
    assert [finding["code"] for finding in diagnosis["findings"]] == ["NOT-A-NUMBER"]
    assert diagnosis["unknown"] == []
    (logs / "log.json").write_text(json.dumps({"loss": FALLING, "val_loss": [None] * 6}))
    assert diagnose("log.json").stdout.startswith("log.json: cannot tell: no validation loss\n")


def test_a_metric_that_is_never_a_number_cannot_tell() -> None:
    nan = [float("nan")] * 6
    (diagnosis,) = rl.diagnose(
        {"loss": FALLING, "val_loss": FALLING, "binary_crossentropy": FALLING, "val_binary_crossentropy": nan}
    )
    assert diagnosis.verdict == "cannot tell: validation loss is never a number"


@pytest.mark.parametrize(
    ("log", "fail_on", "code"),
    [
        ("overfits.csv", "info", 1),
        ("overfits.csv", "warning", 1),
        ("overfits.csv", "error", 0),
        ("healthy.csv", "warning", 0),
    ],
)
def test_the_exit_code_is_1_for_findings_at_or_above_a_severity(logs, log, fail_on, code) -> None:
    assert diagnose(log, "--fail-on", fail_on).exit_code == code


def test_several_logs_are_printed_one_after_the_other(logs) -> None:
    result = diagnose("healthy.csv", "overfits.csv", "--fail-on", "warning")
    names = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert (names, result.exit_code) == (["healthy.csv: healthy", "overfits.csv: not healthy"], 1)


def test_json_is_one_document(logs) -> None:
    result = diagnose("overfits.csv", "healthy.csv", "--json")
    document = json.loads(result.stdout)
    assert (document["healthy"], document["worst"]) == (False, "warning")
    assert [diagnosis["log"] for diagnosis in document["diagnoses"]] == ["overfits.csv", "healthy.csv"]
    first = document["diagnoses"][0]
    assert list(first)[:5] == ["log", "name", "healthy", "state", "doubt"]
    assert list(first)[5:] == ["findings", "ignored", "passed", "not_applicable", "unknown", "notes"]
    assert first["findings"][0]["code"] == "OVERFITTING"


def test_findings_can_be_ignored_which_the_output_says(logs) -> None:
    result = diagnose("overfits.csv", "--ignore", "overfitting", "--fail-on", "info")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == "overfits.csv: no other finding; OVERFITTING ignored on request"
    document = json.loads(diagnose("overfits.csv", "--ignore", "OVERFITTING,DIVERGED", "--json").stdout)
    assert (document["healthy"], document["state"], document["worst"]) == (False, "no other finding", None)
    (diagnosis,) = document["diagnoses"]
    assert (diagnosis["findings"], diagnosis["ignored"]) == ([], ["OVERFITTING"])
    assert "DIVERGED" in diagnosis["passed"]
    assert diagnosis["not_applicable"][-1] == {
        "code": "DROPOUT-HIDES-GAP",
        "reason": "needs the training loss both with dropout on and with dropout off",
    }


def test_a_finding_that_does_not_exist_cannot_be_ignored(logs) -> None:
    result = diagnose("overfits.csv", "healthy.csv", "--ignore", "OVERFIT")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("No finding 'OVERFIT' to ignore. Available: NOT-A-NUMBER, DIVERGED, OVERFITTING,") == 1
    with pytest.raises(InputError, match="No finding 'OVERFIT' to ignore"):
        rl.diagnose("overfits.csv", ignore=["OVERFIT"])


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "is empty"), ("a,b\n1,2\n", "--train-column and --val-column"), ("\0", "Expected a CSV with a header")],
)
def test_bad_input_is_one_message_beside_what_could_be_read(logs, content, message) -> None:
    (logs / "bad").write_text(content)
    result = diagnose("bad", "healthy.csv", "--fail-on", "error")
    assert result.exit_code == 2
    assert result.stdout.startswith("healthy.csv: healthy")
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr


def test_columns_can_be_named(logs) -> None:
    (logs / "own.csv").write_text(OVERFITS.replace("val_loss", "b").replace("loss", "a"))
    assert diagnose("own.csv").exit_code == 2
    result = diagnose("own.csv", "--train-column", "a", "--val-column", "b", "--fail-on", "warning")
    assert result.exit_code == 1


def test_text_from_a_log_is_shown_and_not_obeyed(logs) -> None:
    (logs / "log.csv").write_text("epoch,loss,[red]x :tada:\x1b[2J\n0,0.5,1\n1,[bold]oops,1\n")
    result = diagnose("log.csv")
    assert "'[bold]oops'" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_run_folder_is_diagnosed_member_by_member(logs) -> None:
    run = logs / "run"
    run.mkdir()
    members = tuple(History(name, seed, MEMBER) for name in ("baseline", "l2") for seed in (0, 1))
    RunFolder(run).write_histories(Histories(members))
    RunFolder(run).write_study({"data": {"validation_is_test": True, "validation": 9}})
    names = [diagnosis.name for diagnosis in rl.diagnose(run)]
    assert names == ["the study", "baseline, seed 0", "baseline, seed 1", "l2, seed 0", "l2, seed 1"]
    RunFolder(run).write_study({"data": 3})
    result = diagnose("run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Expected the study.json that a study wrote" in result.stderr


def test_a_mistake_elsewhere_is_not_blamed_on_the_study_file(logs, monkeypatch) -> None:
    run = logs / "run"
    run.mkdir()
    RunFolder(run).write_histories(Histories((History("baseline", 0, MEMBER),)))
    RunFolder(run).write_study({"data": {}})

    def mistaken(_: History) -> str:
        raise TypeError("a mistake")

    monkeypatch.setattr("regulab.diagnosis.diagnose.analyze", mistaken)
    with pytest.raises(TypeError, match="a mistake"):
        rl.diagnose(run)


def test_histories_in_memory_are_diagnosed_too(logs) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv("overfits.csv").rename(columns={"loss": "train_loss"})
    for source in (frame, {"mine": {name: list(frame[name]) for name in frame}}):
        (diagnosis,) = rl.diagnose(source)
        assert diagnosis.findings[0].code == "OVERFITTING"
    assert diagnosis.name == "mine"
    with pytest.raises(InputError, match="train_column"):
        rl.diagnose({"a": [1, 2], "b": [3, 4]})
    assert not rl.diagnose(
        {"a": [5, 4, 3, 2, 1, 0.9], "b": [3, 4, 5, 6, 7, 8]}, train_column="a", val_column="b"
    ).healthy


def test_the_splits_of_a_history_in_memory_are_no_trainings_of_their_own() -> None:
    (diagnosis,) = rl.diagnose(
        {"train": {"loss": [0.6, 0.4, 0.3, 0.2, 0.1]}, "val": {"loss": [0.6, 0.4, 0.5, 0.6, 0.7]}}
    )
    assert [finding.code for finding in diagnosis.findings] == ["OVERFITTING"]


def test_a_history_in_memory_with_percentages_is_scaled() -> None:
    (diagnosis,) = rl.diagnose({"loss": [0.5] * 4, "accuracy": [10, 20, 30, 40]})
    assert diagnosis.notes == ("'accuracy' is in percent in the log: divided by 100.",)


def test_a_log_is_diagnosed_quickly_and_without_anything_heavy(logs) -> None:
    code = (
        "import sys\nfrom regulab.cli import cli\n"
        "try: cli(sys.argv[1:], prog_name='regulab')\n"
        "except SystemExit: print({'tensorflow', 'keras', 'matplotlib', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, "diagnose", "overfits.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
    before = os.times()
    subprocess.run(command, capture_output=True, check=True)
    after = os.times()
    # Processor time, since other programs may keep the processor busy.
    assert after.children_user + after.children_system - before.children_user - before.children_system < 1


def test_a_log_of_two_fits_reads_the_same_in_memory_as_in_a_file(tmp_path) -> None:
    # The first fit overfits; the second was made anew, and does not.
    first = {"loss": [0.7, 0.4, 0.3, 0.2, 0.1], "val_loss": [0.7, 0.5, 0.6, 0.8, 1.0]}
    second = {"loss": [0.7, 0.5, 0.4, 0.35, 0.33], "val_loss": [0.7, 0.5, 0.45, 0.44, 0.44]}
    both = {"epoch": [0, 1, 2, 3, 4] * 2} | {name: first[name] + second[name] for name in first}
    file = tmp_path / "log.csv"
    file.write_text("\n".join([",".join(both), *(",".join(map(str, row)) for row in zip(*both.values(), strict=True))]))
    pandas = pytest.importorskip("pandas")
    (from_file,), (in_memory,), (in_frame,) = rl.diagnose(file), rl.diagnose(both), rl.diagnose(pandas.DataFrame(both))
    assert from_file.verdict == in_memory.verdict == in_frame.verdict == "healthy"
    assert from_file.notes == in_memory.notes == in_frame.notes
    (named,) = rl.diagnose({"mine": both})
    assert (named.name, named.notes) == ("mine", from_file.notes)
    # An epoch's number that never falls back says nothing new: a value is an epoch.
    (plain,) = rl.diagnose({"epoch": [3, 3, 4, 4, 4], **first})
    assert plain.notes == ()
    assert not plain.healthy
    # Rows of steps have NaN where a file has nothing.
    nan = float("nan")
    halves = {"epoch": [0, 0, 1, 1] * 2, "loss": [0.7, nan, 0.5, nan] * 2, "val_loss": [nan, 0.7, nan, 0.6] * 2}
    assert rl.diagnose(halves).items[0].notes == ()


def test_a_dict_of_lists_in_a_file_may_hold_one_epoch_for_every_row(tmp_path) -> None:
    losses = {"epoch": [0] * 5, "loss": [0.7, 0.4, 0.3, 0.2, 0.1], "val_loss": [0.7, 0.5, 0.6, 0.8, 1.0]}
    (tmp_path / "log.json").write_text(json.dumps(losses))
    (diagnosis,) = rl.diagnose(tmp_path / "log.json")
    assert diagnosis.findings[0].code == "OVERFITTING"
    assert diagnosis.notes[0].startswith("Every row has the same epoch")
