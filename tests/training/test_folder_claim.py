from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest

from regulab.diagnosis.logs import diagnose
from regulab.errors import InputError, StorageError
from regulab.histories.history import Histories, History
from regulab.histories.run_folder import RunFolder, RunState
from regulab.training.folder_claim import claim_folder, claim_new_folder

FULL = OSError(errno.ENOSPC, "No space left on device")

# Claims a folder, says so, and keeps it until its input ends.
CLAIMING = """
import sys
from pathlib import Path
from regulab.training.folder_claim import claim_folder, claim_new_folder
path = Path(sys.argv[1])
with claim_new_folder(path, "tiny") if sys.argv[2] == "new" else claim_folder(path) as claim:
    claim.begin({"seeds": [0]})
    print(claim.run.path, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(path: Path, kind: str = "folder") -> Iterator[subprocess.Popen[str]]:
    """A process that claims a folder, or a new one within a folder, until the block ends."""
    command = [sys.executable, "-c", CLAIMING, str(path), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_folder_that_another_process_writes_to_is_refused_and_the_process_named(tmp_path: Path) -> None:
    with another_process(tmp_path / "run") as process:
        assert first_line(process)
        for resume in (False, True):
            with (
                pytest.raises(
                    InputError, match=rf"run, in use by process {process.pid} on \S+ since \d{{4}}-\d\d-\d\d "
                ),
                claim_folder(tmp_path / "run", resume=resume),
            ):
                pass
        assert RunFolder(tmp_path / "run").study() == {"seeds": [0]}


def test_the_lock_of_a_killed_process_keeps_nobody_out(tmp_path: Path) -> None:
    with another_process(tmp_path / "run") as process:
        assert first_line(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "run" / ".run.lock").exists()
    with pytest.raises(InputError, match="or resume the unfinished run there"), claim_folder(tmp_path / "run"):
        pass
    with claim_folder(tmp_path / "run", resume=True) as claim:
        assert json.loads(claim.run.holder_file.read_text())["pid"] == os.getpid()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["study.json"]


def test_a_second_run_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    messages = []

    def claim() -> None:
        try:
            with claim_folder(tmp_path / "run"):
                pass
        except InputError as error:
            messages.append(str(error))

    with claim_folder(tmp_path / "run"):
        claim()
        thread = Thread(target=claim)
        thread.start()
        thread.join()
    assert len(messages) == 2
    claim()
    assert len(messages) == 2


@pytest.mark.parametrize("text", ["", "[]", '{"host": 1}', '{"host": "\\u001b[2J", "pid": 1, "since": "now"}'])
def test_a_holder_that_cannot_be_read_is_another_run(tmp_path: Path, text: str) -> None:
    with claim_folder(tmp_path / "run") as claim:
        claim.run.holder_file.write_text(text)
        with pytest.raises(InputError, match=r"run, in use by another run\. Wait"), claim_folder(tmp_path / "run"):
            pass


def test_processes_that_choose_a_name_at_once_get_different_folders(tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(another_process(tmp_path / "runs", "new")) for _ in range(4)]
        folders = {Path(first_line(process)).name for process in processes}
    assert folders == {"tiny", "tiny-2", "tiny-3", "tiny-4"}


def test_threads_that_choose_a_name_at_once_get_different_folders(tmp_path: Path) -> None:
    together, names = Barrier(12), []

    def claim() -> None:
        together.wait()
        with claim_new_folder(tmp_path / "runs", "tiny") as claimed:
            names.append(claimed.run.path.name)
            together.wait()

    threads = [Thread(target=claim) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == sorted(["tiny", *(f"tiny-{number}" for number in range(2, 13))])
    assert list(tmp_path.glob("runs/*")) == []


def test_a_name_that_a_file_or_an_empty_folder_has_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "tiny").touch()
    (tmp_path / "tiny-2").mkdir()
    with claim_new_folder(tmp_path, "tiny") as claim:
        assert claim.run.path == tmp_path / "tiny-3"


def test_where_no_folder_can_be_created_one_message_says_so(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(InputError, match=r"can be written to\. Received: .*tiny \(Not a directory\)\. Choose another"):
        claim_new_folder(tmp_path / "runs", "tiny").__enter__()


def test_a_claim_on_which_nothing_follows_leaves_no_folder(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "a" / "b" / "run") as claim:
        assert claim.run.state is RunState.EMPTY
        (tmp_path / "a" / "notes.txt").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["notes.txt"]


def test_a_folder_that_was_there_before_stays_empty(tmp_path: Path) -> None:
    with claim_folder(tmp_path) as claim:
        claim.begin({"seeds": [0]})
        claim.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_too_full_to_claim_a_folder_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise FULL

    monkeypatch.setattr("regulab.training.run_lock.write_json", fail)
    with (
        pytest.raises(
            InputError, match=r"run \(No space left on device\)\. Make room there, or choose another folder\."
        ),
        claim_folder(tmp_path / "run"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_can_be_read_while_it_goes_on(tmp_path: Path) -> None:
    measures = {"train_data_loss": (0.6, 0.5), "val_data_loss": (0.6, 0.5)}
    with claim_folder(tmp_path / "run") as claim:
        claim.begin({"data": {}, "variants": [], "seeds": [0]})
        claim.run.write_histories(Histories((History("baseline", 0, measures),)))
        (diagnosis,) = diagnose(tmp_path / "run")
        assert "The run is not finished." in diagnosis.notes


def test_a_folder_deleted_during_the_run_is_no_success(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "run") as claim:
        claim.begin({"seeds": [0]})
        shutil.rmtree(tmp_path / "run")
        with (
            pytest.raises(StorageError, match=r"run\. Received: a path where it was deleted or replaced"),
            claim.writing(),
        ):
            pass
        assert not claim.can_be_resumed
    assert not (tmp_path / "run").exists()


def test_the_folder_that_took_the_place_of_a_deleted_one_is_left_alone(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "run") as first:
        first.begin({"seeds": [0]})
        (tmp_path / "run").rename(tmp_path / "moved")
        with claim_folder(tmp_path / "run") as second:
            second.begin({"seeds": [1]})
            with pytest.raises(StorageError, match="deleted or replaced"), first.writing():
                first.run.write_study({"seeds": [0]})
            first.abandon()
            with pytest.raises(InputError, match="in use by process"), claim_folder(tmp_path / "run"):
                pass
            assert second.can_be_resumed
            assert second.run.study() == {"seeds": [1]}


def raise_full() -> None:
    raise FULL


def raise_over_full() -> None:
    # As Keras does: closing the archive fails over the failure to write to it.
    try:
        raise FULL
    finally:
        raise ValueError("Cannot close the archive.")


def raise_in_place_of_full() -> None:
    try:
        raise FULL
    except OSError:
        raise InputError("Expected a place where the report can be written.") from None


@pytest.mark.parametrize("fail", [raise_full, raise_over_full, raise_in_place_of_full])
def test_a_full_disk_is_an_error_that_names_resume(tmp_path: Path, fail: object) -> None:
    assert callable(fail)
    with claim_folder(tmp_path / "run") as claim:
        claim.begin({"seeds": [0]})
        with (
            pytest.raises(StorageError, match=r"No space left on device\. Make room there\. .*--resume"),
            claim.writing(),
        ):
            fail()
        assert claim.can_be_resumed


def test_an_error_that_no_disk_caused_stays_what_it_is(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "run") as claim:
        try:
            raise FULL
        except OSError:
            # Whoever trains a study while another error is handled gets no error of the disk for it.
            with pytest.raises(ValueError, match=r"^shapes differ$"), claim.writing():
                raise ValueError("shapes differ") from None


def test_a_run_of_which_a_file_was_deleted_does_not_become_complete(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "run") as claim:
        claim.begin({"seeds": [0]})
        claim.run.histories_file.touch()
        claim.run.losses_file.touch()
        with pytest.raises(StorageError, match=r"Received: .*l2-seed0\.keras, which was deleted .*--resume"):
            claim.complete({}, models=[claim.run.model_file("l2", 0)])
        assert claim.run.state is RunState.UNFINISHED
        claim.complete({}, models=[])
        assert claim.run.state is RunState.COMPLETE
