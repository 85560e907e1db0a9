from __future__ import annotations

import math

import pytest

from nan_equality import same

NAN = math.nan


def test_lightning_rows_are_gathered_by_epoch(read) -> None:
    rows = (
        "0,9,0.9,,,",
        "0,19,0.7,,,",
        "0,19,,,0.85,0.5",
        "0,19,,0.8,,",
        "1,29,0.5,,,",
        "1,39,0.3,,,",
        "1,39,,,0.65,0.75",
        "1,39,,0.4,,",
    )
    history = read("\n".join(["epoch,step,train_loss_step,train_loss_epoch,val_loss,val_acc", *rows, ""]))
    assert history.measures == {"loss": (0.8, 0.4), "val_loss": (0.85, 0.65), "val_accuracy": (0.5, 0.75)}
    assert history.notes == ()


def test_lightning_steps_without_an_epoch_value_are_averaged(read) -> None:
    history = read("epoch,step,train_loss,val_loss\n0,0,1.0,\n0,1,0.5,\n0,1,,0.9\n1,2,0.5,\n1,3,nan,\n1,3,,0.7\n")
    assert same(history.measures, {"loss": (0.75, NAN), "val_loss": (0.9, 0.7)})
    assert history.notes[-1].startswith("An epoch has several rows: took the mean")


@pytest.mark.parametrize(
    ("rows", "without"),
    [
        ("2,4,0.25,,", "validation"),  # stopped before the validation
        ("2,4,0.25,,\n2,5,,,0.7", "validation"),
        ("2,4,,,0.7", "training"),  # tested after the training, as Lightning counts it
        ("2,4,,0.6,", "training"),  # validated
    ],
)
def test_a_last_epoch_of_steps_that_was_not_finished_is_left_out(read, rows, without) -> None:
    finished = "epoch,step,train_loss,val_loss,test_loss\n0,0,1.0,,\n0,1,,0.9,\n1,2,0.5,,\n1,3,,0.7,\n"
    history = read(f"{finished}{rows}\n")
    assert {name: history.measures[name] for name in ("loss", "val_loss")} == {"loss": (1, 0.5), "val_loss": (0.9, 0.7)}
    assert f"Left out epoch 3, the last: it has no {without} loss." in history.notes


def test_a_last_epoch_of_steps_whose_validation_was_not_due_stays(read) -> None:
    rows = "0,0,4,\n1,1,3,\n1,1,,2\n2,2,2,\n3,3,1,\n3,3,,1\n4,4,0,\n"
    history = read(f"epoch,step,train_loss,val_loss\n{rows}")
    assert same(history.measures, {"loss": (4.0, 3.0, 2.0, 1.0, 0.0), "val_loss": (NAN, 2.0, NAN, 1.0, NAN)})
    assert history.notes == ()


def test_the_last_validation_of_an_epoch_counts(read) -> None:
    history = read("epoch,step,train_loss,val_loss\n0,0,3,2\n0,1,1,1\n1,2,1,5\n1,3,0,6\n")
    assert history.measures == {"loss": (2.0, 0.5), "val_loss": (1.0, 6.0)}


def test_steps_without_epochs_end_one_with_each_validation(read) -> None:
    history = read("step,train_loss,val_loss\n1,3,\n2,1,\n2,,2.5\n3,1,\n4,1,1.5\n5,0,\n")
    assert history.measures == {"loss": (2.0, 1.0), "val_loss": (2.5, 1.5)}
    assert history.notes[0] == "There is no column with the epoch: each validation counts as the end of one."


def test_fractions_of_an_epoch_belong_to_it(read) -> None:
    history = read("epoch,loss,val_loss\n0.5,3,\n1.0,1,2\n1.5,1,\n2.0,1,1\n")
    assert history.measures == {"loss": (2.0, 1.0), "val_loss": (2.0, 1.0)}
