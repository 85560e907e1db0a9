from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulab.errors import InputError
from regulab.histories.histories_csv import read_histories, write_histories
from regulab.histories.history import Histories, History

HEADER = "variant,seed,epoch,measure,value\n"
TWO = Histories(
    (
        History("baseline", 0, {"loss": (0.5, 0.25), "val_loss": (0.5, math.nan)}),
        History("l2", 3, {"loss": (0.75, math.inf), "val_loss": (-0.5, 1e-300)}),
    )
)

# Any text that UTF-8 can hold, with what CSV has to quote made likely; without lone carriage returns, which the csv
# module of Python 3.11 does not quote.
names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r") | st.sampled_from(",\"\n;' \0"), max_size=12
)


@st.composite
def any_histories(draw: st.DrawFn) -> Histories:
    members = []
    for variant, seed in draw(st.lists(st.tuples(names, st.integers(0, 9)), unique=True, max_size=3)):
        epochs = draw(st.integers(1, 4))
        values = st.lists(st.floats(), min_size=epochs, max_size=epochs).map(tuple)
        members.append(History(variant, seed, draw(st.dictionaries(names, values, min_size=1, max_size=3))))
    return Histories(tuple(members))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_histories())
def test_every_number_and_every_name_comes_back_as_it_was(tmp_path: Path, histories: Histories) -> None:
    path = tmp_path / "histories.csv"
    write_histories(path, histories)
    # repr tells apart what == does not (-0.0) and finds equal what it does not (NaN).
    assert repr(read_histories(path)) == repr(histories)


def test_histories_are_one_value_a_line(tmp_path: Path) -> None:
    write_histories(tmp_path / "histories.csv", TWO)
    lines = (tmp_path / "histories.csv").read_text().splitlines()
    assert lines[:3] == [HEADER.strip(), "baseline,0,0,loss,0.5", "baseline,0,1,loss,0.25"]
    assert len(lines) == 9


def test_histories_can_be_read_by_a_spreadsheet(tmp_path: Path) -> None:
    odd = 'width(1/4), "small"'
    write_histories(tmp_path / "histories.csv", Histories((History(odd, 0, {"loss": (0.5,)}),)))
    with (tmp_path / "histories.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == [
            {"variant": odd, "seed": "0", "epoch": "0", "measure": "loss", "value": "0.5"}
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"columns variant, seed, .*Received: an empty file\."),
        ("epoch,loss\n0,0.5\n", r"Received: epoch, loss\."),
        (HEADER + "baseline,0,0,loss\n", r"Cannot read line 2 of .*: 4 values instead of 5\."),
        (HEADER + "baseline,0,0,loss,0.5\nbaseline,0", r"Cannot read line 3 of .*: 2 values instead of 5\."),
        (HEADER + "baseline,0,0,loss,much\n", r"line 2 .*could not convert string to float: 'much'"),
        (HEADER + "baseline,x,0,loss,0.5\n", r"line 2 .*'x'"),
        (HEADER + "baseline,0,1,loss,0.5\n", r"line 2 .*epoch 1 after 0 epochs"),
        (HEADER + "baseline,0,0,loss,0.5\nbaseline,0,0,loss,0.5\n", r"line 3 .*epoch 0 after 1 epochs"),
        (
            HEADER + "l2,1,0,loss,0.5\nl2,1,1,loss,0.5\nl2,1,0,val_loss,0.5\n",
            r"all measures after every epoch .*Received: 1 of 2 epochs of 'val_loss' for 'l2', seed 1\. Run the study",
        ),
    ],
)
def test_a_damaged_file_of_histories_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "histories.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_histories(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "histories.csv"
    path.write_bytes(HEADER.encode() + b"\xff\xfe\x00\n")
    with pytest.raises(InputError, match=r"text in CSV format in .*histories\.csv"):
        read_histories(path)


def test_a_field_that_never_ends_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "histories.csv"
    path.write_text(HEADER + '"' + "x" * 200_000)
    with pytest.raises(InputError, match="field larger than field limit"):
        read_histories(path)
