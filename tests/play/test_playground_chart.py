from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from regulab.histories.history import History
from regulab.play.chart import MOST, chart, draw, table
from regulab.play.runs import Run
from regulab.play.settings import Settings


def run(number, validation, training=None, *, state="done", **settings):
    measures = {"val_data_loss": validation} | ({} if training is None else {"train_data_loss": training})
    return Run(number, Settings(**settings), History("baseline", 0, measures), state)


def test_the_axis_is_as_long_as_the_epochs_asked_for():
    record = chart([run(1, (0.6, 0.4), state="training")], epochs=20)
    assert (record.epochs, record.traces[0].epochs) == (20, 2)
    assert chart([run(1, (0.6,) * 30)], epochs=20).epochs == 30


def test_the_vertical_axis_has_round_values_from_zero():
    record = chart([run(1, (0.9, 0.4), (0.8, 0.3))], epochs=2)
    assert record.ticks == (0.0, 0.2, 0.4, 0.6, 0.8)
    assert 0.9 <= record.top < 1.0


@pytest.mark.parametrize("losses", [(-0.5, -0.7), (0.0, 0.0), (-3.0, -3.5), (0.4, -0.2), (-0.1,)])
def test_losses_of_zero_and_below_have_their_place(losses):
    record = chart([run(1, losses)], epochs=2)
    assert record.bottom <= min(losses) <= max(losses) <= record.top
    assert record.bottom < record.top
    assert 0 in record.ticks
    assert 3 <= len(record.ticks) <= 8
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ (-?[\d.]+)", draw(record))]
    assert all(0 <= height <= 1000 for height in heights)
    # Lower losses stand lower.
    curve = re.search(r'rlp-validation" d="([^"]*)', draw(record))[1]
    drawn = [float(y) for y in re.findall(r"[ML][\d.]+ (-?[\d.]+)", curve)]
    steps = zip(pairwise(losses), pairwise(drawn), strict=True)
    assert all((b > a) is (after < before) for (before, after), (a, b) in steps)


def test_a_run_that_explodes_does_not_flatten_the_others():
    record = chart([run(1, (0.6, 0.5)), run(2, (0.6, 0.4)), run(3, (0.6, 900.0))], epochs=2)
    assert record.top < 1
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ (-?[\d.]+)", draw(record))]
    assert min(heights) >= 0


def test_losses_that_are_no_number_leave_a_gap_and_no_error():
    record = chart([run(1, (float("nan"), 0.5, 0.4))], epochs=3)
    assert "nan" not in draw(record)
    assert "nan" not in draw(chart([run(1, (float("nan"),) * 2)], epochs=2))
    assert "nan" not in table(chart([run(1, (float("nan"),) * 2)], epochs=2))


def test_the_drawing_has_both_curves_of_every_run_and_marks_the_latest():
    record = chart([run(1, (0.6, 0.4), (0.5, 0.2)), run(2, (0.5, 0.3), (0.5, 0.2), l2=0.1)], epochs=2)
    drawing = ElementTree.fromstring(draw(record))
    groups = {group.get("data-run"): group for group in drawing.iter("g")}
    assert {number: group.get("class") for number, group in groups.items()} == {"1": "rlp-ghost", "2": "rlp-latest"}
    assert [path.get("class") for path in groups["2"]] == ["rlp-training", "rlp-validation", "rlp-best"]
    assert groups["1"].get("style") != groups["2"].get("style")


def test_a_single_epoch_is_a_dot():
    assert 'class="rlp-validation" d="M0.0 ' in draw(chart([run(1, (0.6,))], epochs=5))


def test_the_table_gives_settings_lowest_loss_and_end_of_each_run_the_latest_first():
    record = chart([run(1, (0.6, 0.4, 0.5)), run(2, (0.6, 0.3), state="stopped", l2=0.1)], epochs=5)
    cells = [
        [cell.text or "".join(part.tail or "" for part in cell) for cell in row]
        for row in ElementTree.fromstring(table(record)).iter("tr")
    ]
    assert cells[1:] == [
        ["2", "L2 0.1", "0.300 after epoch 2", "0.300, stopped after epoch 2"],
        ["1", "as built", "0.400 after epoch 2", "0.500, after epoch 3"],
    ]


def test_more_runs_than_colours_leave_out_the_earliest_and_say_so():
    record = chart([run(number, (0.6, 0.4)) for number in range(1, MOST + 3)], epochs=2)
    assert len(record.traces) == MOST
    assert len({trace.colour for trace in record.traces}) == MOST
    assert "2 earlier runs are not drawn" in table(record)


def test_without_runs_there_are_axes():
    drawing = draw(chart([], epochs=10))
    assert "<g" not in drawing
    assert ">10</span>" in drawing
