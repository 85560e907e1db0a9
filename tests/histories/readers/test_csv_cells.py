from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nan_equality import same
from regulab.errors import InputError
from regulab.histories.readers import csv_cells, read_log

NAN = math.nan
LOGGED = "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.5,0.7,0.6,0.8\r\n1,0.75,0.6,0.5,0.9\r\n"
READ = {"loss": (0.7, 0.6), "val_loss": (0.8, 0.9), "accuracy": (0.5, 0.75), "val_accuracy": (0.6, 0.5)}


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


def test_a_single_column_reads(read) -> None:
    assert read("loss\n0.5\n0.25").measures == {"loss": (0.5, 0.25)}


@pytest.mark.parametrize("missing", ["NA", "", "None", "n/a"])
def test_empty_cells_are_nan(read, missing) -> None:
    history = read(f"epoch,loss,val_loss\n0,0.5,{missing}\n1,0.25,0.5\n")
    assert same(history.measures, {"loss": (0.5, 0.25), "val_loss": (NAN, 0.5)})
    assert history.notes == ()


def test_nan_and_infinity_are_kept(read) -> None:
    history = read("epoch,loss,val_loss\n0,0.5,0.6\n1,nan,inf\n2,nan,nan\n")
    assert same(history.measures, {"loss": (0.5, NAN, NAN), "val_loss": (0.6, math.inf, NAN)})


def test_one_epoch_reads(read) -> None:
    assert read("epoch,loss\n0,0.5\n").epochs == 1


def test_a_header_in_the_middle_is_noted(read) -> None:
    history = read("epoch,loss\n0,5\n1,4\nepoch,loss\n2,3\n")
    assert history.measures == {"loss": (5.0, 4.0, 3.0)}
    assert history.notes == ("The header stands in the log more than once.",)


@pytest.mark.parametrize("end", ["2,0.3", "2", "2,0.3,", "2,0.3,0.1,4.2e-", '2,0.3,0.1,"0.'])
def test_a_last_line_that_was_cut_short_is_left_out(read, end) -> None:
    history = read(f"epoch,loss,val_loss,accuracy\n0,0.5,0.6,0.1\n1,0.4,0.5,0.2\n{end}")
    assert (history.epochs, history.notes) == (2, ("Left out the last line, which was cut short.",))


@pytest.mark.parametrize(("end", "epochs"), [("0.", 3), ("0", 3), ("0.41", 4), ("10.5", 4), ("0.41\n", 4), ("0.\n", 4)])
def test_a_number_that_lost_its_end_is_left_out(tmp_path, end, epochs) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"epoch,loss,val_loss\n0,0.5,0.60\n1,0.4,0.5\n2,0.3,0.45\n3,0.2,{end}")
    history = read_log(path).members[0]
    assert history.epochs == epochs
    assert history.notes == (() if epochs == 4 else ("Left out the last line, which was cut short.",))


def test_a_line_of_another_length_is_named(read) -> None:
    with pytest.raises(InputError, match=r"Expected 3 values in every line.*Received: 2 in line 3\."):
        read("epoch,loss,val_loss\n0,0.5,0.6\n1,0.4\n2,0.3,0.4\n")


def test_words_among_numbers_are_left_out_and_noted(read) -> None:
    history = read("epoch,loss,note\n0,oops,good\n1,0.5,bad\n")
    assert same(history.measures, {"loss": (NAN, 0.5)})
    assert history.notes == ("Left out a value that is no number in 'loss': 'oops'.",)


def test_a_loss_column_of_words_alone_is_noted(read) -> None:
    history = read("epoch,loss,val_loss\nEpoch 1,0.5,tensor(0.6)\nEpoch 2,0.25,tensor(0.5)\n")
    assert history.measures == {"loss": (0.5, 0.25)}
    assert history.notes == (
        "Left out 2 values that are no numbers in 'epoch': 'Epoch 1'.",
        "Left out 2 values that are no numbers in 'val_loss': 'tensor(0.6)'.",
        "The column with the epoch holds no number: each row counts as one epoch.",
    )


def test_quoted_cells_read(read) -> None:
    assert read('"epoch","loss","note"\n"0","0.5","a, b"\n').measures == {"loss": (0.5,)}


def test_the_size_of_the_blocks_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    values = rng.choice(["0.5", "", "NA", "None", "nan", "1e-3", " 7 ", '"2"', "50%"], size=(300, 3))
    text = "epoch,loss,val_loss,accuracy\n" + "".join(
        f"{number // 4},{','.join(row)}\n" for number, row in enumerate(values)
    )
    path = tmp_path / "log.csv"
    path.write_text(text)
    whole = read_log(path).members[0]
    monkeypatch.setattr(csv_cells, "BLOCK_SIZE", 500)
    monkeypatch.setattr(csv_cells, "ROWS_AT_A_TIME", 7)
    assert same(read_log(path).members[0], whole)
    assert whole.epochs == 75


@pytest.mark.parametrize("empty", [",", '"",""'])
def test_rows_of_separators_alone_are_skipped(read, empty) -> None:
    history = read(f"loss,val_loss\n0.5,0.6\n{empty}\n0.4,0.5\n{empty}\n{empty}\n")
    assert history.measures == {"loss": (0.5, 0.4), "val_loss": (0.6, 0.5)}
    assert history.notes == ()


def test_a_row_whose_only_cell_is_not_read_counts_as_an_epoch(read) -> None:
    assert same(read("time,loss\n1,0.5\n2,\n3,0.4\n").measures, {"loss": (0.5, NAN, 0.4)})


def test_words_among_the_numbers_of_many_blocks_are_counted(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n" + "".join(f"{epoch},0.5\n{epoch},oops\n" for epoch in range(1000)))
    monkeypatch.setattr(csv_cells, "BLOCK_SIZE", 1000)
    history = read_log(path).members[0]
    assert history.measures == {"loss": (0.5,) * 1000}
    assert history.notes[0] == "Left out 1000 values that are no numbers in 'loss': 'oops'."


def test_a_column_of_words_in_the_first_block_is_text_throughout(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "epoch,note,loss\n" + "".join(f'{epoch},"a, b",{epoch}.5\n' for epoch in range(100)) + "100,7,100.5\n"
    )
    monkeypatch.setattr(csv_cells, "BLOCK_SIZE", 200)
    history = read_log(path).members[0]
    assert history.measures == {"loss": tuple(epoch + 0.5 for epoch in range(101))}
    assert history.notes == ()


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
def test_a_file_that_is_no_log_is_refused_with_one_message(read, content, message) -> None:
    with pytest.raises(InputError, match=message):
        read(content)
