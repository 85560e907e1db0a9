"""Logs whose memory or time would not grow with their size alone."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.histories.histories_csv import write_histories
from regulab.histories.history import Histories, History
from regulab.histories.readers import json_text
from regulab.histories.readers.detect import read_log

LOSSES = np.random.default_rng(0).random((8_000, 2)).tolist()


def as_csv(path: Path) -> None:
    path.write_text("epoch,loss,val_loss\n" + "".join(f"{e},{a},{b}\n" for e, (a, b) in enumerate(LOSSES)))


def as_csv_of_steps(path: Path) -> None:
    path.write_text("epoch,step,loss\n" + "".join(f"{e // 100},{e},{a}\n" for e, (a, _) in enumerate(LOSSES)))


def as_columns(path: Path) -> None:
    training, validation = zip(*LOSSES, strict=True)
    path.write_text(json.dumps({"loss": training, "val_loss": validation}))


def as_lines(path: Path) -> None:
    records = ({"epoch": epoch, "loss": a, "val_loss": b} for epoch, (a, b) in enumerate(LOSSES))
    path.write_text("\n".join(map(json.dumps, records)))


def as_trainer_state(path: Path) -> None:
    records = [{"epoch": epoch + 1, "step": epoch, "loss": a, "eval_loss": b} for epoch, (a, b) in enumerate(LOSSES)]
    path.write_text(json.dumps({"log_history": records}))


def as_run(path: Path) -> None:
    training, validation = zip(*LOSSES, strict=True)
    measures = {"train_data_loss": training, "val_data_loss": validation}
    write_histories(path, Histories((History("baseline", 0, measures),)))


@pytest.mark.parametrize(
    ("write", "multiple"),
    [(as_csv, 30), (as_csv_of_steps, 30), (as_columns, 10), (as_lines, 20), (as_trainer_state, 20), (as_run, 6)],
)
def test_memory_is_a_small_multiple_of_a_log(write: Callable[[Path], None], multiple: int, tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path)
    read_log(path)  # imports
    tracemalloc.start()
    try:
        read_log(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < multiple * path.stat().st_size


@pytest.mark.parametrize("text", ["{}\n" * 30, "[" + ",".join(["{}"] * 30) + "]", "[" * 30])
def test_more_records_than_a_log_has_are_refused_before_they_are_read(text, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(json_text, "MOST_OBJECTS", 29)
    path = tmp_path / "log.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"Expected at most 29 records or lists in .*log\.json\. Received: more\."):
        read_log(path)


@pytest.mark.parametrize("blank", ["", "\n", "\n  "])
def test_a_last_record_that_was_cut_short_is_left_out(blank, tmp_path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"loss": 0.5}\n\n{"loss": 0.4}\n{"loss": 0.' + blank)
    if blank.endswith("\n"):
        with pytest.raises(InputError, match=r"Received: '\{\"loss\": 0\.' in line 4\."):
            read_log(path)
    else:
        (history,) = read_log(path)
        assert history.measures == {"loss": (0.5, 0.4)}
        assert "Left out the last line, which was cut short." in history.notes


def test_a_few_lines_do_not_stand_for_a_hundred_thousand_epochs_of_many_measures(tmp_path) -> None:
    path = tmp_path / "log.csv"
    names = ["loss", *(f"m{number}" for number in range(99))]
    path.write_text(f"epoch,{','.join(names)}\n" + "".join(f"{epoch}{',1' * 100}\n" for epoch in (0, 90_000)))
    with pytest.raises(InputError, match=r"log\.csv\. Received: a log that lacks 8,999,\d00 values\."):
        read_log(path)


def test_few_values_of_many_measures_are_not_spread_over_a_hundred_thousand_epochs(tmp_path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"loss": [1] * 100_000, **{f"m{number}": [1] * 400 for number in range(60)}}))
    with pytest.raises(InputError, match=r"Received: a log that lacks 5,976,000 values\."):
        read_log(path)


def test_validation_written_after_all_of_training_is_joined_epoch_by_epoch(tmp_path) -> None:
    path = tmp_path / "log.csv"
    training = "".join(f"{epoch},{a},\n" for epoch, (a, _) in enumerate(LOSSES))
    validation = "".join(f"{epoch},,{b}\n" for epoch, (_, b) in enumerate(LOSSES))
    path.write_text("epoch,loss,val_loss\n" + training + validation)
    (history,) = read_log(path)
    assert list(zip(*history.measures.values(), strict=True)) == [tuple(losses) for losses in LOSSES]
