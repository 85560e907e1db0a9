from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from regulab.errors import InputError
from regulab.histories.run_folder import RunFolder, RunState


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ([], RunState.EMPTY),
        ([".run.lock", ".run.json"], RunState.EMPTY),
        ([".run.lock", "notes.txt"], RunState.NOT_A_RUN),
        (["study.json"], RunState.UNFINISHED),
        (["study.json", "histories.csv", "losses.npz", "checkpoint.npz"], RunState.UNFINISHED),
        (["study.json", "results.json"], RunState.COMPLETE),
        (["results.json"], RunState.NOT_A_RUN),
        (["notes.txt"], RunState.NOT_A_RUN),
    ],
)
def test_the_state_of_a_folder_follows_from_its_files(tmp_path: Path, files: list[str], state: RunState) -> None:
    for name in files:
        (tmp_path / name).touch()
    assert RunFolder(tmp_path).state is state


def test_a_folder_that_does_not_exist_is_empty_and_a_file_is_not_a_run(tmp_path: Path) -> None:
    assert RunFolder(tmp_path / "new" / "run").state is RunState.EMPTY
    (tmp_path / "log.csv").touch()
    assert RunFolder(tmp_path / "log.csv").state is RunState.NOT_A_RUN


def test_a_complete_run_keeps_neither_its_checkpoint_nor_drafts_of_a_killed_process(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.write_study({"seeds": [0]})
    run.checkpoint_file.touch()
    (tmp_path / ".checkpoint.1.draft.npz").touch()
    run.complete({"members": []})
    assert run.state is RunState.COMPLETE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.json", "study.json"]


def test_drafts_of_a_killed_process_are_removed_wherever_they_are_but_for_a_report_being_written(
    tmp_path: Path,
) -> None:
    run = RunFolder(tmp_path)
    drafts = [run.models_folder / ".l2-seed0.7.draft.keras", run.figures_folder / ".loss.7.draft.png"]
    old, new = tmp_path / ".report.7.draft.html", tmp_path / ".report.8.draft.html"
    for draft in (*drafts, old, new):
        draft.parent.mkdir(exist_ok=True)
        draft.touch()
    os.utime(old, (0, 0))
    run.complete({"members": []})
    assert [draft for draft in (*drafts, old, new) if draft.exists()] == [new]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("study.json", RunFolder.study),
        ("histories.csv", RunFolder.histories),
        ("losses.npz", RunFolder.losses),
    ],
)
def test_a_missing_file_is_told_from_a_missing_folder(
    tmp_path: Path, name: str, read: Callable[[RunFolder], object]
) -> None:
    with pytest.raises(InputError, match=rf"a run folder with {name}\. Received: .*, which has none"):
        read(RunFolder(tmp_path))
    with pytest.raises(InputError, match=r"a run folder\. Received: .*nowhere, which does not exist"):
        read(RunFolder(tmp_path / "nowhere"))
    (tmp_path / "report.html").touch()
    with pytest.raises(InputError, match=r"a run folder\. Received: .*report\.html, which is a file"):
        read(RunFolder(tmp_path / "report.html"))
    (tmp_path / "run" / name).mkdir(parents=True)
    with pytest.raises(InputError, match=rf"readable {name} in .*Received: Is a directory"):
        read(RunFolder(tmp_path / "run"))
