from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from nan_equality import same
from regulab.errors import InputError
from regulab.histories.readers import csv_cells, read_log
from regulab.histories.readers.epoch_table import MAX_SEGMENTS, EpochTable

NAN = math.nan


def test_the_later_run_of_a_resumed_epoch_is_kept(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n1,40\n2,30\n3,20\n")
    assert history.measures == {"loss": (5.0, 40.0, 30.0, 20.0)}
    assert history.notes == (
        "Epochs 2 and 3 stand in the log more than once, as after a resumed training: kept the later run.",
    )


def test_an_epoch_that_was_resumed_at_once_is_not_averaged(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n2,2\n3,1\n")
    assert history.measures == {"loss": (5.0, 4.0, 2.0, 1.0)}
    assert history.notes[0].startswith("Epoch 3 stands in the log more than once")


def test_epochs_that_a_resumed_training_did_not_reach_again_are_left_out(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n0,50\n1,40\n")
    assert history.measures == {"loss": (50.0, 40.0)}
    assert history.notes[1] == "Left out epoch 3 of an earlier run, which the later did not reach."


def test_epochs_of_a_model_that_is_fitted_again_are_counted_on(read) -> None:
    rows = "0,5,6\n1,4,5\n2,3,5\n0,2.9,6\n1,2.5,7\n0,2.4,8\n1,2.2,9\n"
    history = read("epoch,loss,val_loss\n" + rows)
    assert history.measures["loss"] == (5.0, 4.0, 3.0, 2.9, 2.5, 2.4, 2.2)
    assert history.measures["val_loss"] == (6.0, 5.0, 5.0, 6.0, 7.0, 8.0, 9.0)
    assert history.notes == (
        "After epochs 3 and 5 the log counts from its first epoch again, while the losses go on where they were, as "
        "where a model is fitted once more: counted on.",
    )
    # One that is made anew takes the place of all that came before.
    again = read("epoch,loss,val_loss\n" + rows + "0,5.1,6\n1,4.2,5\n2,3.1,5\n")
    assert again.measures["loss"] == (5.1, 4.2, 3.1)
    assert "kept the later run" in again.notes[1]
    # So does one that begins far below, as with another learning rate.
    assert read("epoch,loss\n0,5\n1,4.8\n0,3\n1,2\n").measures["loss"] == (3.0, 2.0)


def test_epochs_of_short_fits_are_counted_on_where_the_model_learns_slowly(read) -> None:
    # Measured: two epochs a fit, whose loss falls by as much from fit to fit as within one.
    rows = "0,.7030,.7400\n1,.6852,.7285\n0,.6697,.7178\n1,.6553,.7078\n0,.6419,.6985\n1,.6293,.6898\n"
    assert read("epoch,loss,val_loss\n" + rows).measures["loss"] == (0.703, 0.6852, 0.6697, 0.6553, 0.6419, 0.6293)
    rows = "0,.9,.9\n1,.8,.8\n2,.7,.7\n0,.6,.6\n1,.5,.5\n2,.4,.4\n"
    assert len(read("epoch,loss,val_loss\n" + rows).measures["loss"]) == 6


def test_thousands_of_fits_are_read_in_seconds(read) -> None:
    losses = [1 / (1 + epoch / 100) for epoch in range(30_000)]
    began = time.perf_counter()
    history = read("epoch,loss\n" + "".join(f"{epoch % 2},{loss!r}\n" for epoch, loss in enumerate(losses)))
    assert history.measures["loss"] == tuple(losses)
    # With a look at all rows for each fit it takes twice as long or more.
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # The loss was another one: binary cross-entropy before, squared error now (measured).
        ("0,.60,.60\n1,.31,.45\n2,.21,.40\n3,.12,.41\n", "0,.023,.140\n1,.021,.141\n2,.020,.142\n"),
        # Other data: training loss is where it was by chance, validation loss is far above.
        ("0,.70,.70\n1,.45,.55\n2,.35,.45\n3,.31,.41\n", "0,.32,1.3\n1,.25,1.1\n2,.20,.99\n"),
        # Made anew, where half of the first loss is no more than another first loss.
        ("0,50000,400\n1,300,300\n2,250,250\n3,200,200\n", "0,22000,390\n1,310,310\n2,260,260\n"),
        ("0,inf,400\n1,300,300\n2,250,250\n3,200,200\n", "0,22000,390\n1,310,310\n2,260,260\n"),
    ],
)
def test_epochs_of_another_training_are_not_counted_on(read, first, second) -> None:
    history = read("epoch,loss,val_loss\n" + first + second)
    assert history.measures == read("epoch,loss,val_loss\n" + second).measures
    assert history.notes[0].endswith("kept the later run.")


def test_epochs_are_counted_on_after_restored_best_weights_and_without_a_validation_loss(read) -> None:
    rows = "0,.70,.60\n1,.40,.50\n2,.20,.70\n3,.10,.90\n"
    assert len(read("epoch,loss,val_loss\n" + rows + "0,.35,.52\n1,.2,.7\n").measures["loss"]) == 6
    assert len(read("epoch,loss,val_loss\n" + rows + "0,.08,nan\n1,.05,1.1\n").measures["loss"]) == 6
    # A validation loss that is level until then may rise by a little.
    assert len(read("epoch,loss,val_loss\n0,.7,.5\n1,.6,.5\n0,.55,.51\n1,.5,.52\n").measures["loss"]) == 4


def test_each_row_is_an_epoch_where_a_model_is_fitted_for_one_epoch_at_a_time(read) -> None:
    history = read("epoch,loss,val_loss\n0,5,6\n0,4,5\n0,3,5\n0,2,6\n")
    assert history.measures["loss"] == (5.0, 4.0, 3.0, 2.0)
    assert history.notes == (
        "Every row has the same epoch, as where a model is fitted for one epoch at a time: "
        "each row counts as one epoch.",
    )
    # Steps of one epoch stay one epoch.
    assert read("epoch,loss,val_loss\n0,5,\n0,4,\n0,3,\n0,2,6\n").measures["val_loss"] == (6.0,)


def test_validation_rows_written_after_the_training_join_its_epochs(read) -> None:
    history = read("epoch,loss,val_loss\n0,5,\n1,4,\n0,,6\n1,,5\n")
    assert history.measures == {"loss": (5.0, 4.0), "val_loss": (6.0, 5.0)}


def test_missing_epochs_are_nan(read) -> None:
    history = read("epoch,loss\n0,5\n3,2\n4,1\n")
    assert same(history.measures["loss"], (5.0, NAN, NAN, 2.0, 1.0))
    assert history.notes == ("Epochs 2 and 3 are missing in the log.",)


def test_epochs_that_count_from_one_are_noted(read) -> None:
    history = read("epoch,loss\n1,5\n2,4\n")
    assert (history.measures, history.notes) == ({"loss": (5.0, 4.0)}, ("Epochs count from 1 in the log.",))


def test_rows_are_sorted_by_epoch(read) -> None:
    history = read("epoch,loss\n2,3\n1,4\n0,5\n")
    assert (history.measures, history.notes) == ({"loss": (5.0, 4.0, 3.0)}, ("Sorted the rows by epoch.",))


def test_more_rows_than_a_training_has_epochs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("loss\n" + "0.5\n" * (MAX_SEGMENTS + 1))
    with pytest.raises(InputError, match="add a column with the epoch"):
        read_log(path)


def test_a_long_log_is_read_block_by_block(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("epoch,step,loss\n" + "".join(f"{step // 10_000},{step},{step % 2}\n" for step in range(100_000)))
    sizes = []
    add = EpochTable.add
    monkeypatch.setattr(csv_cells, "BLOCK_SIZE", 100_000)
    monkeypatch.setattr(
        EpochTable, "add", lambda table, epochs, block: (sizes.append(len(block)), add(table, epochs, block))
    )
    history = read_log(path).members[0]
    assert history.measures == {"loss": (0.5,) * 10}
    assert max(sizes) < 20_000
    assert sum(sizes) == 100_000
