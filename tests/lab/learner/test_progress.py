from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from filelock import FileLock

from regulab.lab.grading.verdicts import Verdict
from regulab.lab.learner.progress import Progress, ProgressError, StaleError
from regulab.lab.learner.progress_file import ProgressFile


@pytest.fixture
def file(tmp_path):
    return ProgressFile(tmp_path / "progress", "numbers")


def passed(task):
    return partial(Progress.checked, task=task, verdict=Verdict.PASSED, message="Right.")


def test_a_new_folder_has_no_progress(file):
    assert file.load() == Progress("numbers")
    assert file.notice() == ""


def test_a_written_progress_is_read_again_and_its_changes_are_counted(file):
    file.change(passed("half"))
    file.change(lambda progress: progress.opened("double").hinted("double", 2).solved("double"))
    progress = ProgressFile(file.path.parent, "numbers").load()
    assert (progress.revision, progress.current) == (2, "double")
    assert progress.of("half").done
    assert (progress.of("double").hints, progress.of("double").solution, progress.of("double").done) == (2, True, False)


def test_a_task_that_was_passed_stays_done(file):
    file.change(passed("half"))
    now = file.change(lambda progress: progress.checked("half", Verdict.NOT_YET, "Not a half."))
    assert (now.of("half").done, now.of("half").verdict, now.of("half").checks) == (True, "not yet", 2)


def test_the_id_of_a_task_may_be_long(file):
    name = "-".join(["regularization"] * 6)
    file.change(lambda progress: progress.opened(name))
    assert ProgressFile(file.path.parent, "numbers").load().current == name


def test_a_message_with_half_a_surrogate_pair_is_written_and_read(file):
    file.change(partial(Progress.checked, task="half", verdict=Verdict.NOT_YET, message="`word` is 'é\ud83d'."))
    progress = ProgressFile(file.path.parent, "numbers").load()
    assert progress.of("half").message == "`word` is 'é\ud83d'."
    assert "é" in file.path.read_text(encoding="utf-8")


def test_a_change_that_changes_nothing_makes_no_new_revision(file):
    first = file.change(lambda progress: progress.opened("half"))
    assert file.change(lambda progress: progress.opened("half")).revision == first.revision


def test_a_window_that_has_missed_a_change_is_refused(file):
    seen = file.change(lambda progress: progress.opened("half"))
    file.change(passed("half"))
    with pytest.raises(StaleError) as refused:
        file.change(lambda progress: progress.opened("double"), revision=seen.revision)
    assert refused.value.latest == file.load()
    assert file.load().current == "half"


def test_changes_of_many_windows_all_count(file):
    names = [f"task-{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as windows:
        list(windows.map(lambda name: file.change(passed(name)), names))
    assert sorted(file.load().tasks) == sorted(names)
    assert file.load().revision == len(names)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\xfe",
        b'{"format": 1, "session": "numb',
        b"[]",
        b'{"format": 1, "session": "numbers", "revision": -1, "current": "", "tasks": {}}',
        b'{"format": 1, "session": "numbers", "revision": 1, "current": "", "tasks": {"../x": {}}}',
        b'{"format": 1, "session": "numbers", "revision": 1, "current": "", "tasks": {"a": {"checks": "many"}}}',
        b"[" * 500_000,
        b" " * 1_000_001,
    ],
)
def test_a_damaged_file_is_set_aside_and_the_last_good_one_taken(file, damage):
    file.change(passed("half"))
    file.change(passed("double"))
    file.path.write_bytes(damage)
    progress = file.load()
    assert progress.of("half").done
    assert "damaged" in file.notice()
    damaged = list(file.path.parent.glob("progress-damaged-*"))
    assert [path.read_bytes() for path in damaged] == [damage]
    assert file.load() == progress
    file.dismiss_notice()
    assert file.notice() == ""


def test_without_a_good_file_the_progress_starts_from_the_beginning_and_says_so(file):
    file.change(passed("half"))
    file.change(passed("double"))
    for path in file.path.parent.glob("progress*.json"):
        path.write_text("damaged")
    assert file.load() == Progress("numbers")
    assert "start from the beginning" in file.notice()


def test_a_file_of_a_later_regulab_is_left_alone(file):
    file.change(passed("half"))
    document = json.loads(file.path.read_text()) | {"format": 3}
    file.path.write_text(json.dumps(document))
    with pytest.raises(ProgressError, match="later regulab"):
        file.load()
    assert json.loads(file.path.read_text()) == document


def test_the_folder_of_another_session_is_refused(file):
    file.change(passed("half"))
    with pytest.raises(ProgressError, match="the progress of numbers"):
        ProgressFile(file.path.parent, "letters").load()


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ProgressError, match="cannot be saved"):
        ProgressFile(tmp_path / "taken", "numbers").load()


def test_time_goes_to_the_task_that_was_open_and_a_long_silence_is_a_break(file, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("regulab.lab.learner.progress_file.time.time", lambda: now[0])
    file.change(lambda progress: progress.opened("half"))
    now[0] += 60
    file.change(passed("half"))
    now[0] += 30
    file.change(lambda progress: progress.opened("double"))
    now[0] += 7_200
    progress = file.change(passed("double"))
    assert (progress.of("half").seconds, progress.of("double").seconds) == (90.0, 900.0)
    now[0] -= 3_600  # the clock was set back
    assert file.change(lambda progress: progress.hinted("double", 1)).of("double").seconds == 900.0


def test_the_message_of_a_passed_check_survives_a_later_check(file):
    file.change(partial(Progress.checked, task="half", verdict=Verdict.PASSED, message="It is a half."))
    now = file.change(partial(Progress.checked, task="half", verdict=Verdict.NOT_ATTEMPTED, message="Nothing there."))
    assert (now.of("half").showed, now.of("half").message) == ("It is a half.", "Nothing there.")


def test_progress_of_an_earlier_regulab_is_read(file):
    file.change(passed("half"))
    document = json.loads(file.path.read_text()) | {"format": 1}
    del document["seen"]
    for name in ("seconds", "showed"):
        del document["tasks"]["half"][name]
    file.path.write_text(json.dumps(document))
    assert file.load().of("half").done
    assert file.notice() == ""


def test_a_lock_that_is_held_for_too_long_is_one_message(file, monkeypatch):
    file.load()
    monkeypatch.setattr("regulab.lab.learner.progress_file.PATIENCE", 0.05)
    with FileLock(file.path.with_name("progress.lock")), pytest.raises(ProgressError, match="locked your progress"):
        file.load()
