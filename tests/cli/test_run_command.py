from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regulab.training.folder_claim import claim_folder

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on NumPy 2 while it saves a model
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


def test_json_is_all_that_a_real_process_prints(user_folder, tmp_path):
    # Two groups of training rows and a test split: as many traced functions as a study has.
    options = ["--variants", "dropout,train_size", "--seeds", "2", "--epochs", "2", "--json"]
    command = [sys.executable, "-m", "regulab", "run", f"{user_folder / 'mine.py'}:with_test", *options]
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    note = "Training the course's network for 2 classes, 0 and 1: 1 sigmoid output, binary_crossentropy.\n"
    assert (done.returncode, done.stderr) == (0, note)
    document = json.loads(done.stdout)
    assert set(document) >= {"data", "members", "comparison", "recommendation"}
    assert set(document["data"]) >= {"name", "train", "validation", "test"}
    assert document["data"]["test"] == 20
    assert [(member["variant"], member["seed"]) for member in document["members"]] == [
        (variant, seed) for variant in ("baseline", "dropout", "train_size") for seed in (0, 1)
    ]
    for member in document["members"]:
        losses = {f"{split}_loss_{when}" for split in ("val", "train") for when in ("best", "last")}
        assert set(member) >= {"variant", "seed", "epochs", "best_epoch", "test_loss_best", "findings", *losses}
        assert member["epochs"] == 2
        assert member["best_epoch"] in (0, 1)
    assert {comparison["variant"] for comparison in document["comparison"]} == {"dropout", "train_size"}
    for comparison in document["comparison"]:
        assert set(comparison) >= {"variant", "difference", "low", "high", "verdict"}
    assert set(document["recommendation"]) >= {"variant", "reason"}
    (folder,) = (tmp_path / "runs").iterdir()
    written = json.loads((folder / "results.json").read_text())
    assert {**written, "folder": document["folder"]} == document


# Started from a shell in the background, a process would be told to ignore the signal.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from regulab.cli import main
main()
"""


def test_ctrl_c_says_how_to_resume_and_exits_with_130(user_folder, tmp_path):
    out = tmp_path / "run"
    options = ["--model", "mine:build", "--variants", "none", "--seeds", "1", "--epochs", "1000000", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "run", "mine:data", *options],
        cwd=user_folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (out / "histories.csv").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert printed == ""
    assert said == f"To continue: run the same command with --out {out} --resume\nStopped.\n"
    assert {path.name for path in out.iterdir()} == {"study.json", "checkpoint.npz", "histories.csv"}


def test_the_default_network_on_a_file_ends_with_a_table(regulab, tmp_path):
    out = tmp_path / "run"
    done = regulab("run", "whole.npz", "--variants", "none", "--seeds", "1", "--epochs", "1", "--out", out)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.startswith("Training the course's network for 2 classes, 0 and 1: 1 sigmoid output, ")
    assert done.stderr.count("\n") == 1
    assert "validation" in done.stdout
    assert f"Run folder: {out}" in done.stdout
    assert (out / "results.json").exists()
    again = regulab("run", "whole.npz", "--variants", "none", "--seeds", "1", "--epochs", "1", "--out", out, "--resume")
    assert again.exit_code == 2
    assert again.stderr == (
        f"Error: Expected an unfinished run to resume. Received: {out}, which is complete. "
        "Choose another folder for a new run.\n"
    )


def test_each_run_without_out_gets_a_folder_of_its_own(regulab, tmp_path, monkeypatch, user_folder):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        done = regulab("run", user_folder / "whole.npz", "--variants", "none", "--seeds", "1", "--epochs", "1")
        assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["whole", "whole-2"]


@pytest.mark.parametrize("more", [[], ["--resume"]])
def test_a_folder_in_which_a_run_goes_on_is_refused_before_anything_slow(regulab, tmp_path, more):
    with claim_folder(tmp_path / "run") as claim:
        claim.begin({"seeds": [0]})
        # What comes later would be refused as well: the module raises when it is imported.
        done = regulab("run", "broken:data", "--out", tmp_path / "run", *more)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("Error: Expected a folder that no other run is writing to. Received: ")
        assert f"in use by process {os.getpid()} on " in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_full_disk_is_an_error_and_the_run_goes_on_where_there_is_room(regulab, tmp_path, monkeypatch):
    out, replace = tmp_path / "run", Path.replace

    def replace_until_full(draft, target):
        if Path(target).suffix == ".keras":
            raise OSError(errno.ENOSPC, "No space left on device", str(draft))
        return replace(draft, target)

    command = ["run", "mine:data", "--model", "mine:build", "--variants", "none", "--seeds", "1", "--epochs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_until_full)
        done = regulab(*command, "--out", out)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"To continue: run the same command with --out {out} --resume\n"
        f"Error: Expected a disk that takes the run in {out}. Received: No space left on device. Make room there. "
        "What was saved before is kept: resume the run with --resume (in Python, resume=True).\n"
    )
    done = regulab(*command, "--out", out, "--resume")
    assert done.exit_code == 0, done.stderr
    assert regulab("apply", out, "--variant", "baseline", "--out", tmp_path / "model.keras").exit_code == 0


def test_what_does_not_apply_is_left_out_with_a_reason(regulab, tmp_path):
    done = regulab("run", "mine:data", "--model", "mine:build_flat", "--epochs", "1", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.stderr
    (note,) = done.stderr.splitlines()
    assert note.startswith(
        "Left out, because it does not apply to this model: smaller, bigger, l2, dropout, l2+dropout: "
    )


def test_verbose_says_how_each_variant_is_trained(regulab, tmp_path):
    options = ["--variants", "max_norm", "--seeds", "1", "--epochs", "1", "--out", tmp_path / "run"]
    done = regulab("run", "mine:data", "--model", "mine:build", *options, "--verbose")
    assert "baseline: trained by compiled kernels" in done.stderr
    assert "max_norm: trained by Keras's own steps: a constraint" in done.stderr


def test_a_whole_study_takes_no_options_that_it_would_ignore(regulab, tmp_path):
    done = regulab("run", "mine:study", "--seeds", "5", "--epochs", "3", "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "Expected a data set together with --seeds, --epochs. Received: a whole study" in done.stderr
    assert regulab("run", "mine:study", "--out", tmp_path / "run").exit_code == 0
