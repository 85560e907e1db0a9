from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from regulab.cli import cli
from regulab.histories.example_losses import ExampleLosses
from regulab.histories.history import Histories, History
from regulab.histories.run_folder import RunFolder

EXAMPLES = np.linspace(-0.05, 0.05, 8)


def run_folder(folder: Path, losses: dict[str, float], *, seeds: tuple[int, ...] = (0, 1, 2), **data: Any) -> Path:
    """A run folder without a training; `losses` are what each variant reaches on test data."""
    folder.mkdir()
    members, of_examples = [], {}
    for variant, loss in losses.items():
        for seed in seeds:
            curves = {"val_data_loss": (0.9, loss, loss + 0.1), "train_data_loss": (0.9, 0.5, 0.4)}
            members.append(History(variant, seed, curves))
            noise = EXAMPLES + 0.001 * np.cos(seed + np.arange(8) * (variant == "l2"))
            of_examples[variant, seed] = ExampleLosses(loss + noise, loss + noise)
    study = {
        "data": {
            "name": "digits",
            "title": "digits",
            "source": "this test",
            "test": 8,
            "fingerprint": "12ab",
            "validation_is_test": False,
            **data,
        },
        "variants": [{"name": name, "label": name, "parameters": 10, "capacity": False} for name in losses],
        "loss": "mse",
        "seeds": list(seeds),
        "epochs": 3,
    }
    run = RunFolder(folder)
    run.write_study(study)
    run.write_histories(Histories(tuple(members)))
    run.write_losses(of_examples)
    return folder


def compare(*arguments: Any) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


def test_runs_on_the_same_examples_are_compared_by_variant_and_seed(tmp_path: Path) -> None:
    first = run_folder(tmp_path / "first", {"baseline": 0.5, "l2": 0.4})
    second = run_folder(tmp_path / "second", {"baseline": 0.5, "l2": 0.3, "dropout": 0.2}, seeds=(1, 2, 3))
    done = compare(first, second)
    assert done.exit_code == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "variant test test" in lines
    assert "l2 0.400 (2) 0.300 (2)" in lines
    assert "dropout – 0.200 (2)" in lines
    assert "second against first: test data, 2 paired seeds" in lines
    assert "l2 −0.100 ± 0.000 better" in lines
    assert "baseline 0.000 ± 0.000 not detectable" in lines
    assert "Of second and first only the seeds that both have are compared." in lines
    assert any(line.startswith("Verdict, corrected for 2 comparisons") for line in lines)


def test_runs_on_other_data_are_shown_with_the_reason_why_they_are_not_compared(tmp_path: Path) -> None:
    first = run_folder(tmp_path / "first", {"baseline": 0.5})
    other = run_folder(tmp_path / "other", {"baseline": 0.3}, fingerprint="34cd", title="reviews")
    done = compare(first, other)
    assert done.exit_code == 0
    assert "0.300 (2)" in done.stdout
    assert "other is not compared with first: its data are not those of first: reviews against digits." in done.stdout
    assert "against first" not in done.stdout.replace("against digits", "")


def test_json_is_one_document(tmp_path: Path) -> None:
    folders = [run_folder(tmp_path / name, {"baseline": 0.5, "l2": 0.4}) for name in ("a", "b")]
    folders.append(run_folder(tmp_path / "c", {"baseline": 0.5}, fingerprint="34cd"))
    done = compare(*folders, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert [(run["run"], run["comparable"]) for run in document["runs"]] == [("a", True), ("b", True), ("c", False)]
    assert document["runs"][2]["reason"].startswith("its data are not those of a")
    assert document["runs"][0]["summary"][1]["variant"] == "l2"
    comparison = document["comparison"]
    assert [(one["run"], one["control"], one["variant"]) for one in comparison] == [
        ("b", "a", "baseline"),
        ("b", "a", "l2"),
    ]
    assert {"difference", "low", "high", "verdict", "p_value", "seeds"} <= comparison[0].keys()


def test_one_run_is_shown_by_itself(tmp_path: Path) -> None:
    done = compare(run_folder(tmp_path / "only", {"baseline": 0.5, "l2": 0.4}))
    assert done.exit_code == 0
    assert "0.400 (2)" in done.stdout
    assert "Verdict" not in done.stdout


def test_runs_of_the_same_name_are_called_by_what_was_typed(tmp_path: Path) -> None:
    for name in ("monday", "friday"):
        (tmp_path / name).mkdir()
        run_folder(tmp_path / name / "run", {"baseline": 0.5})
    document = json.loads(compare(tmp_path / "monday/run", tmp_path / "friday/run", "--json").stdout)
    assert [run["run"] for run in document["runs"]] == [str(tmp_path / name / "run") for name in ("monday", "friday")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'RUN...'"),
        (("nowhere",), "Expected a run folder. Received: nowhere, which does not exist."),
        (("here", "./here"), "Expected each run once. Received: here more than once."),
    ],
)
def test_an_unreadable_run_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    run_folder(tmp_path / "here", {"baseline": 0.5})
    monkeypatch.chdir(tmp_path)
    done = compare(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_comparing_imports_neither_keras_nor_tensorflow(tmp_path: Path) -> None:
    folders = [str(run_folder(tmp_path / name, {"baseline": 0.5})) for name in ("a", "b")]
    code = (
        "import sys\nfrom regulab.cli import cli\n"
        f"cli(['compare', *{folders!r}], standalone_mode=False)\n"
        "print(sorted({'keras', 'tensorflow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_runs_are_compared_where_the_terminal_lacks_characters(tmp_path: Path, encoding: str) -> None:
    folders = [run_folder(tmp_path / name, {"baseline": loss}) for name, loss in (("first", 0.5), ("second", 0.4))]
    done = subprocess.run(
        [sys.executable, "-m", "regulab", "compare", *map(str, folders)],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?0.100" in done.stdout


def test_a_variant_that_diverged_does_not_turn_the_column_into_validation(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "first", {"baseline": 0.5, "l2": float("nan")})
    done = compare(folder, run_folder(tmp_path / "second", {"baseline": 0.5}))
    assert done.exit_code == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "variant test test" in lines
    assert "l2 – (1) –" in lines


def test_folders_may_be_named_like_markup(tmp_path: Path) -> None:
    folders = [run_folder(tmp_path / name, {"baseline": 0.5}) for name in ("[old]", "[x] :one:")]
    done = compare(*folders)
    assert done.exit_code == 0, done.stderr
    assert "[x] :one: against [old]: test data" in done.stdout
