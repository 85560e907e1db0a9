from __future__ import annotations

import os
from pathlib import Path

import pytest

from regulab.errors import InputError
from regulab.histories.histories_csv import write_histories
from regulab.histories.history import Histories, History
from regulab.histories.readers import read_log
from regulab.histories.run_folder import RunFolder

OWN = Histories(
    (
        History("baseline", 3, {"val_data_loss": (0.5, 0.25), "train_data_loss": (0.5, 0.1)}),
        History("l2", 3, {"val_data_loss": (0.5, 0.2), "train_data_loss": (0.5, 0.2)}),
    )
)


def test_a_run_folder_gives_its_own_members(tmp_path) -> None:
    RunFolder(tmp_path).write_histories(OWN)
    RunFolder(tmp_path).complete({})
    assert read_log(tmp_path) == OWN


def test_an_unfinished_run_reads_and_is_told(tmp_path) -> None:
    RunFolder(tmp_path).write_histories(OWN)
    assert [history.notes for history in read_log(tmp_path)] == [("The run is not finished.",)] * 2


def test_the_histories_of_a_run_read_from_their_file_under_any_name(tmp_path) -> None:
    write_histories(tmp_path / "x.txt", OWN)
    assert read_log(tmp_path / "x.txt") == OWN


def test_a_run_without_an_epoch_is_told(tmp_path) -> None:
    RunFolder(tmp_path).write_study({})
    with pytest.raises(InputError, match="at least one finished epoch"):
        read_log(tmp_path)


@pytest.mark.parametrize("name", ["metrics.csv", "trainer_state.json"])
def test_the_usual_log_in_a_folder_is_found(tmp_path, name) -> None:
    (tmp_path / name).write_text('{"loss": [0.5]}')
    assert read_log(tmp_path).members[0].measures == {"loss": (0.5,)}


def test_a_folder_without_a_log_is_told_with_what_is_read(tmp_path) -> None:
    with pytest.raises(InputError, match=r"CSVLogger.*trainer_state\.json.*TensorBoard.*a folder that holds none"):
        read_log(tmp_path)


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["history.csv"], "history.csv"),
        (["a/data.json", "a/train_history.json"], "a/train_history.json"),
        (["a.csv", "checkpoint-1/config.json", "checkpoint-1/trainer_state.json"], "checkpoint-1/trainer_state.json"),
    ],
)
def test_a_log_within_a_folder_is_named(tmp_path, names, named) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    with pytest.raises(InputError, match=f"a folder that is none itself.*such as {tmp_path / named}\\.$"):
        read_log(tmp_path)


@pytest.mark.parametrize("before", ["", "[info] using a GPU\n", "\x1b[1m"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_keras_prints_is_told_with_what_to_do(tmp_path, before, encoding) -> None:
    path = tmp_path / "train.log"
    path.write_text(before + "Epoch 1/20\n63/63 - 1s - loss: 0.5 - val_loss: 0.6\nEpoch 2/20\n", encoding=encoding)
    with pytest.raises(
        InputError, match=r"train\.log, which is what Keras prints.*not read.*CSVLogger\('history\.csv'\)"
    ):
        read_log(path)


def test_what_is_not_there_or_no_file_is_told(tmp_path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_log(tmp_path / "nowhere")
    with pytest.raises(InputError, match="null character"):
        read_log("a\0b")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="neither"):
        read_log(tmp_path / "pipe")
    with pytest.raises(InputError, match="holds none"):
        read_log(tmp_path)


def test_names_that_cannot_be_printed_are_made_so(tmp_path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[1m.csv"))
    path.write_text("loss,\x1b[31mred\n0.5,1\n")
    (history,) = read_log(path)
    assert history.variant == "??[1m.csv"
    assert all(name.isprintable() for name in history.measures)
