from __future__ import annotations

import csv
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.run_files import (
    ExampleLosses,
    plain,
    read_histories,
    read_json,
    read_losses,
    write_histories,
    write_json,
    write_losses,
)

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


def test_example_losses_come_back_as_float32(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    slashed = "width/4"
    write_losses(
        path,
        {
            ("baseline", 0): ExampleLosses(np.array([0.1, np.nan]), np.array([0.3])),
            (slashed, 12): ExampleLosses(np.array([0.4, 0.5])),
        },
    )
    found = read_losses(path)
    assert list(found) == [("baseline", 0), (slashed, 12)]
    assert found["baseline", 0].validation.dtype == np.float32
    assert found["baseline", 0].validation[0] == np.float32(0.1)
    assert math.isnan(found["baseline", 0].validation[1])
    assert found["baseline", 0].test.tolist() == [np.float32(0.3)]
    assert found[slashed, 12].test is None


def test_a_damaged_archive_of_losses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    losses = np.linspace(0, 1, 50)
    write_losses(path, {("baseline", 0): ExampleLosses(losses, losses)})
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(losses.astype(np.float32).tobytes()) + 8] ^= 255
    for damaged in (b"", b"variant,seed\n", whole[:-1], whole[:200], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"losses\.npz, which is damaged or of another kind\. Run the study again"):
            read_losses(path)


def test_a_damaged_compressed_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    np.savez_compressed(path, **{"baseline/0/validation": np.zeros(50)})
    damaged = bytearray(path.read_bytes())
    # The data follow 30 bytes, the name and an extra field, whose lengths are at 26 and 28; no block begins with 0xFF.
    name, extra = struct.unpack_from("<HH", damaged, 26)
    damaged[30 + name + extra] = 0xFF
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="which is damaged"):
        read_losses(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"loss": np.zeros(2)}, "of another kind"),
        ({"baseline/x/validation": np.zeros(2)}, "of another kind"),
        ({"baseline/0/validation": np.array([[1], [2, 3]], dtype=object)}, "of another kind"),
        ({"baseline/0/test": np.zeros(2)}, "Received: none of 'baseline', seed 0"),
    ],
)
def test_an_archive_of_something_else_is_refused(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    np.savez(tmp_path / "losses.npz", **content)
    with pytest.raises(InputError, match=message):
        read_losses(tmp_path / "losses.npz")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    with (tmp_path / "losses.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="of another kind"):
        read_losses(tmp_path / "losses.npz")


@pytest.mark.parametrize("read", [read_json, read_histories, read_losses])
def test_a_file_that_is_missing_is_told_from_a_folder_that_is(tmp_path: Path, read: Any) -> None:
    with pytest.raises(InputError, match=r"a run folder with some\.file\. Received: .*, which has none"):
        read(tmp_path / "some.file")
    with pytest.raises(InputError, match=r"a run folder\. Received: .*nowhere, which does not exist"):
        read(tmp_path / "nowhere" / "some.file")
    (tmp_path / "report.html").touch()
    with pytest.raises(InputError, match=r"a run folder\. Received: .*report\.html, which is a file"):
        read(tmp_path / "report.html" / "some.file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"readable folder in .*Received: Is a directory"):
        read(tmp_path / "folder")


def test_json_holds_no_nan_and_no_numpy(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    document = {"a": math.nan, "b": (1, np.float32(0.5)), "c": {"d": [np.int64(3), -math.inf, np.nan]}, 4: None}
    write_json(path, document)
    assert (
        json.loads(path.read_text())
        == read_json(path)
        == {"a": None, "b": [1, 0.5], "c": {"d": [3, None, None]}, "4": None}
    )
    assert plain(True) is True
    assert path.read_text().endswith("}\n")


def test_a_document_that_json_cannot_hold_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1', r"Expected JSON in .*results\.json\. Received: .*line 1"),
        (b"", r"Expected JSON"),
        (b"[" * 100_000, r"Expected JSON"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", r"Expected JSON"),
        (b"\xff\xfe", r"Expected JSON"),
        (b"[1]", r"a JSON object in .*Received: list"),
    ],
)
def test_damaged_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "results.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_json(tmp_path / "results.json")
