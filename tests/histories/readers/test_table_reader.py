from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.readers import csv_cells, epochs, read_log

NAN = math.nan
LOGGED = "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.5,0.7,0.6,0.8\r\n1,0.75,0.6,0.5,0.9\r\n"
READ = {"loss": (0.7, 0.6), "val_loss": (0.8, 0.9), "accuracy": (0.5, 0.75), "val_accuracy": (0.6, 0.5)}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., History]:
    """Reads a log of a single run from its content, under a name that tells nothing."""

    def read_one(content: Any, **options: str) -> History:
        path = tmp_path / "log.dat"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (history,) = read_log(path, **options)
        return history

    return read_one


def same(found: object, expected: object) -> bool:
    """Equality under which NaN equals itself."""
    return repr(found) == repr(expected)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_logger_file_reads_with_any_separator_and_encoding(read, separator, encoding) -> None:
    history = read(LOGGED.replace(",", separator).encode(encoding))
    assert (history.variant, history.seed, history.measures, history.notes) == ("log.dat", 0, READ, ())


def test_a_decimal_comma_reads_where_another_separator_is_used(read) -> None:
    assert read("epoch;loss\n0;0,5\n1;0,25\n").measures == {"loss": (0.5, 0.25)}


@pytest.mark.parametrize(
    "rows",
    [
        '0,"2,881.5","1,234,567"\n1,930.25,-5\n',
        '0,"2.881,5","1.234.567,0"\n1,930.25,-5\n',
        "0;2.881,5;1.234.567,0\n1;930,25;-5\n",
        "0\t2,881.5\t1,234,567.0\n1\t930.25\t-5\n",
    ],
)
def test_separators_of_thousands_read(read, rows) -> None:
    separator = rows[1]
    history = read(separator.join(["epoch", "loss", "val_loss"]) + "\n" + rows)
    assert history.measures == {"loss": (2881.5, 930.25), "val_loss": (1234567.0, -5.0)}
    assert history.notes == ()


def test_a_column_alone_reads(read) -> None:
    assert read("loss\n0.5\n0.25").measures == {"loss": (0.5, 0.25)}


@pytest.mark.parametrize("missing", ["NA", "", "None", "n/a"])
def test_what_was_not_measured_is_nan(read, missing) -> None:
    history = read(f"epoch,loss,val_loss\n0,0.5,{missing}\n1,0.25,0.5\n")
    assert same(history.measures, {"loss": (0.5, 0.25), "val_loss": (NAN, 0.5)})
    assert history.notes == ()


def test_nan_from_some_epoch_on_stays(read) -> None:
    history = read("epoch,loss,val_loss\n0,0.5,0.6\n1,nan,inf\n2,nan,nan\n")
    assert same(history.measures, {"loss": (0.5, NAN, NAN), "val_loss": (0.6, math.inf, NAN)})


def test_one_epoch_reads(read) -> None:
    assert read("epoch,loss\n0,0.5\n").epochs == 1


def test_the_later_run_of_a_resumed_epoch_is_kept(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n1,40\n2,30\n3,20\n")
    assert history.measures == {"loss": (5.0, 40.0, 30.0, 20.0)}
    assert history.notes == (
        "Epochs 2 and 3 stand in the log more than once, as after a resumed training: kept the later run.",
    )


def test_an_epoch_that_was_resumed_at_once_is_no_pair_of_steps(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n2,2\n3,1\n")
    assert history.measures == {"loss": (5.0, 4.0, 2.0, 1.0)}
    assert history.notes[0].startswith("Epoch 3 stands in the log more than once")


def test_what_a_resumed_training_did_not_reach_again_is_left_out(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\n2,3\n0,50\n1,40\n")
    assert history.measures == {"loss": (50.0, 40.0)}
    assert history.notes[1] == "Left out epoch 3 of an earlier run, which the later did not reach."


def test_a_model_that_is_fitted_once_more_goes_on_where_it_was(read) -> None:
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


def test_a_model_that_learns_slowly_goes_on_however_short_its_fits_are(read) -> None:
    # Measured: two epochs a fit, whose loss falls by as much from fit to fit as within one.
    rows = "0,.7030,.7400\n1,.6852,.7285\n0,.6697,.7178\n1,.6553,.7078\n0,.6419,.6985\n1,.6293,.6898\n"
    assert read("epoch,loss,val_loss\n" + rows).measures["loss"] == (0.703, 0.6852, 0.6697, 0.6553, 0.6419, 0.6293)
    rows = "0,.9,.9\n1,.8,.8\n2,.7,.7\n0,.6,.6\n1,.5,.5\n2,.4,.4\n"
    assert len(read("epoch,loss,val_loss\n" + rows).measures["loss"]) == 6


def test_thousands_of_fits_are_read_in_a_moment(read) -> None:
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
def test_a_training_that_is_another_is_not_counted_on(read, first, second) -> None:
    history = read("epoch,loss,val_loss\n" + first + second)
    assert history.measures == read("epoch,loss,val_loss\n" + second).measures
    assert history.notes[0].endswith("kept the later run.")


def test_best_weights_that_were_restored_and_a_validation_without_a_number_go_on(read) -> None:
    rows = "0,.70,.60\n1,.40,.50\n2,.20,.70\n3,.10,.90\n"
    assert len(read("epoch,loss,val_loss\n" + rows + "0,.35,.52\n1,.2,.7\n").measures["loss"]) == 6
    assert len(read("epoch,loss,val_loss\n" + rows + "0,.08,nan\n1,.05,1.1\n").measures["loss"]) == 6
    # A validation loss that is level until then may rise by a little.
    assert len(read("epoch,loss,val_loss\n0,.7,.5\n1,.6,.5\n0,.55,.51\n1,.5,.52\n").measures["loss"]) == 4


def test_a_model_that_is_fitted_for_one_epoch_at_a_time_has_an_epoch_a_row(read) -> None:
    history = read("epoch,loss,val_loss\n0,5,6\n0,4,5\n0,3,5\n0,2,6\n")
    assert history.measures["loss"] == (5.0, 4.0, 3.0, 2.0)
    assert history.notes == (
        "Every row has the same epoch, as where a model is fitted for one epoch at a time: "
        "each row counts as one epoch.",
    )
    # Steps of one epoch stay one epoch.
    assert read("epoch,loss,val_loss\n0,5,\n0,4,\n0,3,\n0,2,6\n").measures["val_loss"] == (6.0,)


def test_validation_that_is_written_after_the_training_belongs_to_its_epochs(read) -> None:
    history = read("epoch,loss,val_loss\n0,5,\n1,4,\n0,,6\n1,,5\n")
    assert history.measures == {"loss": (5.0, 4.0), "val_loss": (6.0, 5.0)}


def test_a_header_in_the_middle_is_told(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\nepoch,loss\n2,3\n")
    assert history.measures == {"loss": (5.0, 4.0, 3.0)}
    assert history.notes == ("The header stands in the log more than once.",)


def test_missing_epochs_are_nan_rows(read) -> None:
    history = read("epoch,loss\n0,5\n3,2\n4,1\n")
    assert same(history.measures["loss"], (5.0, NAN, NAN, 2.0, 1.0))
    assert history.notes == ("Epochs 2 and 3 are missing in the log.",)


def test_epochs_that_count_from_one_are_told(read) -> None:
    history = read("epoch,loss\n1,5\n2,4\n")
    assert (history.measures, history.notes) == ({"loss": (5.0, 4.0)}, ("Epochs count from 1 in the log.",))


def test_rows_in_another_order_are_sorted(read) -> None:
    history = read("epoch,loss\n2,3\n1,4\n0,5\n")
    assert (history.measures, history.notes) == ({"loss": (5.0, 4.0, 3.0)}, ("Sorted the rows by epoch.",))


@pytest.mark.parametrize("end", ["2,0.3", "2", "2,0.3,", "2,0.3,0.1,4.2e-", '2,0.3,0.1,"0.'])
def test_a_last_line_that_was_cut_short_is_left_out(read, end) -> None:
    history = read(f"epoch,loss,val_loss,accuracy\n0,0.5,0.6,0.1\n1,0.4,0.5,0.2\n{end}")
    assert (history.epochs, history.notes) == (2, ("Left out the last line, which was cut short.",))


def test_a_line_of_another_length_is_named(read) -> None:
    with pytest.raises(InputError, match=r"Expected 3 values in every line.*Received: 2 in line 3\."):
        read("epoch,loss,val_loss\n0,0.5,0.6\n1,0.4\n2,0.3,0.4\n")


def test_words_among_numbers_are_left_out_and_told(read) -> None:
    history = read("epoch,loss,note\n0,oops,good\n1,0.5,bad\n")
    assert same(history.measures, {"loss": (NAN, 0.5)})
    assert history.notes == ("Left out a value that is no number in 'loss': 'oops'.",)


def test_a_loss_of_words_alone_is_told(read) -> None:
    history = read("epoch,loss,val_loss\nEpoch 1,0.5,tensor(0.6)\nEpoch 2,0.25,tensor(0.5)\n")
    assert history.measures == {"loss": (0.5, 0.25)}
    assert history.notes == (
        "Left out 2 values that are no numbers in 'epoch': 'Epoch 1'.",
        "Left out 2 values that are no numbers in 'val_loss': 'tensor(0.6)'.",
        "The column with the epoch holds no number: each row counts as one epoch.",
    )


def test_quoted_cells_read(read) -> None:
    assert read('"epoch","loss","note"\n"0","0.5","a, b"\n').measures == {"loss": (0.5,)}


def test_accuracy_in_percent_becomes_a_share(read) -> None:
    history = read("epoch,loss,accuracy,val_accuracy\n0,2.5,0.9,40\n1,2,60,75\n")
    assert history.measures["accuracy"] == pytest.approx((0.009, 0.6))
    assert history.measures["val_accuracy"] == (0.4, 0.75)
    assert history.measures["loss"] == (2.5, 2.0)
    assert history.notes == ("'accuracy' is in percent in the log: divided by 100.",)


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


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Epoch,Train Loss,Valid Loss", {"loss", "val_loss"}),
        ("Loss/train,Loss/val,Accuracy/val", {"loss", "val_loss", "val_accuracy"}),
        ("trainLoss,valLoss,trainAcc", {"loss", "val_loss", "accuracy"}),
        ("loss,a_loss,b_loss,val_loss,val_a_loss", {"loss", "a_loss", "b_loss", "val_loss", "val_a_loss"}),
        (",loss,F1,val_MyMetric", {"loss", "f1", "val_MyMetric"}),
        ("epoch,loss,time,timestamp,train_runtime", {"loss"}),
    ],
)
def test_columns_get_the_names_that_keras_gives_them(read, header, expected) -> None:
    count = header.count(",") + 1
    assert set(read(f"{header}\n{','.join(['0'] * count)}\n").measures) == expected


def test_columns_can_be_named(read) -> None:
    text = "epoch,a,b,accuracy\n0,0.5,0.6,0.1\n"
    history = read(text, train_column="a", val_column="b")
    assert history.measures == {"loss": (0.5,), "val_loss": (0.6,), "accuracy": (0.1,)}


def test_a_test_loss_stands_in_for_validation_and_is_told(read) -> None:
    history = read("train_loss,test_loss\n0.5,0.6\n")
    assert history.measures == {"loss": (0.5,), "val_loss": (0.6,)}
    assert history.notes == ("Read 'test_loss' as the validation loss, since there is no other.",)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("epoch,loss_a,loss_b", "loss_a, loss_b"),
        ("loss,train_loss,val_loss", "loss, train_loss"),
        ("epoch,train,valid", "epoch, train, valid"),
        ("loss,loss", "loss, loss"),
    ],
)
def test_columns_that_leave_the_loss_open_are_named_with_the_options(read, header, named) -> None:
    with pytest.raises(InputError, match=rf"Received: {named}.*--train-column and --val-column"):
        read(f"{header}\n{','.join(['0'] * (header.count(',') + 1))}\n")


def test_a_column_that_does_not_exist_is_told_with_those_that_do(read) -> None:
    with pytest.raises(InputError, match=r"No column 'c' in .* for --val-column\. Available: a, b\."):
        read("a,b\n1,2\n", train_column="a", val_column="c")


def test_one_column_is_not_both_losses(read) -> None:
    with pytest.raises(InputError, match="Expected two columns"):
        read("a,b\n1,2\n", train_column="a", val_column="a")


@pytest.mark.parametrize("name", ["accuracy", "val_auc", "F1", "top5_acc", "mAP", "dice"])
def test_a_measure_that_is_better_when_higher_is_no_loss(read, name) -> None:
    with pytest.raises(InputError, match="better when higher"):
        read(f"epoch,{name}\n0,0.5\n", train_column=name)


def test_a_log_of_accuracies_alone_has_no_loss(read) -> None:
    history = read("epoch,accuracy,val_accuracy\n0,0.5,0.4\n")
    assert set(history.measures) == {"accuracy", "val_accuracy"}
    assert history.notes[0].startswith("There is no column with a loss")
    assert history.best_epoch is None


def test_a_loss_that_scikit_learn_turned_round_is_no_loss(read) -> None:
    history = read("epoch,train_neg_log_loss,val_neg_log_loss\n0,-0.7,-0.8\n")
    assert not {"loss", "val_loss"} & history.measures.keys()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"epoch,loss,val_loss\n", "at least one epoch"),
        (b"epoch,loss\n,\n", "at least one epoch"),
        (b"epoch,loss\n0,tensor(0.5)\n", r"numbers in 'loss' of .*Received: 'tensor\(0\.5\)'\.$"),
        (b"epoch loss\n0 0.5\n1 0.4\n", r"'epoch loss' of .*: '0 0\.5'\. .*by commas, semicolons or tabs"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Expected a CSV with a header.*TensorBoard.*run folder"),
        (b"PK\x03\x04\xff\xfe,\n\xff", "no text"),
        ("epoch,loss,größe\n0,0.5,1\n".encode("cp1252"), "no text in UTF-8; if it is text, save it as UTF-8"),
        (b"0,0.5\n1,0.4\n", "starts with numbers"),
        (b"epoch,loss\n" + b"0,0.5\n" * 1000 + b"\0", "no text"),
        (b"epoch,loss\n1e300,0.5\n0,0.5\n", "at most 100,000 epochs"),
        (b"a" * 2_000_000, "no header"),
        (b"loss\n" + b"1" * 6_000_000 + b"\n2\n", "line of more than"),
    ],
    ids=[
        "empty",
        "blank",
        "header only",
        "no value",
        "words",
        "spaces",
        "image",
        "bytes",
        "cp1252",
        "no header",
        "late zero",
        "far",
        "long",
        "line",
    ],
)
def test_what_is_no_log_gets_one_message(read, content, message) -> None:
    with pytest.raises(InputError, match=message):
        read(content)


def test_more_rows_than_epochs_can_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("loss\n" + "0.5\n" * (epochs._MAX_STRETCHES + 1))
    with pytest.raises(InputError, match="add a column with the epoch"):
        read_log(path)


def test_the_fast_way_reads_what_the_slow_way_reads(tmp_path: Path, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    values = rng.choice(["0.5", "", "NA", "None", "nan", "1e-3", " 7 ", '"2"'], size=(300, 3))
    text = "epoch,loss,val_loss,accuracy\n" + "".join(
        f"{number // 4},{','.join(row)}\n" for number, row in enumerate(values)
    )
    path = tmp_path / "log.csv"
    path.write_text(text)
    monkeypatch.setattr(csv_cells, "_BLOCK", 500)
    fast = read_log(path).members[0]
    monkeypatch.setattr(csv_cells.Cells, "_fast", lambda *_: None)
    slow = read_log(path).members[0]
    assert same(fast, slow)
    assert fast.epochs == 75


@pytest.mark.parametrize("empty", [",", '"",""'])
@pytest.mark.parametrize("fast", [True, False])
def test_rows_of_separators_alone_are_no_epochs(read, monkeypatch, empty, fast) -> None:
    if not fast:
        monkeypatch.setattr(csv_cells.Cells, "_fast", lambda *_: None)
    history = read(f"loss,val_loss\n0.5,0.6\n{empty}\n0.4,0.5\n{empty}\n{empty}\n")
    assert history.measures == {"loss": (0.5, 0.4), "val_loss": (0.6, 0.5)}
    assert history.notes == ()


@pytest.mark.parametrize("fast", [True, False])
def test_a_row_with_nothing_but_what_is_not_read_counts(read, monkeypatch, fast) -> None:
    if not fast:
        monkeypatch.setattr(csv_cells.Cells, "_fast", lambda *_: None)
    assert same(read("time,loss\n1,0.5\n2,\n3,0.4\n").measures, {"loss": (0.5, NAN, 0.4)})


def test_many_lines_with_words_among_the_numbers_are_refused(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n" + "0,oops\n" * 11)
    monkeypatch.setattr(csv_cells, "_MAX_CAREFUL", 10)
    with pytest.raises(InputError, match="at most 10 lines"):
        read_log(path)


def test_a_log_of_many_steps_is_read_block_by_block(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("epoch,step,loss\n" + "".join(f"{step // 10_000},{step},{step % 2}\n" for step in range(100_000)))
    sizes = []
    add = epochs.Epochs.add
    monkeypatch.setattr(csv_cells, "_BLOCK", 100_000)
    monkeypatch.setattr(epochs.Epochs, "add", lambda self, e, v: (sizes.append(len(e)), add(self, e, v)))
    history = read_log(path).members[0]
    assert history.measures == {"loss": (0.5,) * 10}
    assert max(sizes) < 20_000
    assert sum(sizes) == 100_000


def test_a_column_of_words_is_left_out_of_later_blocks_without_a_slow_reading(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,note,loss\n" + "".join(f'{epoch},"a, b",{epoch}.5\n' for epoch in range(100)))
    monkeypatch.setattr(csv_cells, "_BLOCK", 200)
    monkeypatch.setattr(csv_cells, "_MAX_CAREFUL", 20)
    history = read_log(path).members[0]
    assert history.measures == {"loss": tuple(epoch + 0.5 for epoch in range(100))}
    assert history.notes == ()


@pytest.mark.parametrize(("end", "epochs"), [("0.", 3), ("0", 3), ("0.41", 4), ("10.5", 4), ("0.41\n", 4), ("0.\n", 4)])
def test_a_number_that_lost_its_end_is_left_out(tmp_path, end, epochs) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"epoch,loss,val_loss\n0,0.5,0.60\n1,0.4,0.5\n2,0.3,0.45\n3,0.2,{end}")
    history = read_log(path).members[0]
    assert history.epochs == epochs
    assert history.notes == (() if epochs == 4 else ("Left out the last line, which was cut short.",))
