from __future__ import annotations

import math
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regulab.diagnosis.gap import Gap, GapParts
from regulab.figures import save_figures
from regulab.figures.gap import PARTS, draw_gap, size
from regulab.histories.history import MEASURES, Histories, History

EARLY = GapParts(epoch=0, shown=0.05, true=0.15, dropout=0.05, lag=0.05, penalty=0.0, weighting=0.0)
LATE = GapParts(epoch=1, shown=0.31, true=0.4, dropout=0.06, lag=0.01, penalty=-0.02, weighting=0.0)


def drawn(*record: Gap) -> Axes:
    return draw_gap(record, ax=Figure().add_subplot(), title="reviews (synthetic)")


def test_each_variant_has_a_bar_for_its_best_and_its_last_epoch() -> None:
    ax = drawn(Gap("baseline", 1, (EARLY, LATE), 0), Gap("l2", 1, (EARLY, LATE), 1))
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "baseline, best epoch (1)",
        "baseline, last epoch (2)",
        "l2, last epoch (2)",
    ]


def test_bars_reach_as_far_as_their_parts_and_the_mark_stands_at_the_sum() -> None:
    ax = drawn(Gap("baseline", 1, (LATE,), 0))
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert max(map(max, edges)) == pytest.approx(0.4)
    assert min(map(min, edges)) == pytest.approx(-0.09)
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert marks == [0.31]


def test_the_legend_names_the_parts_that_can_be_seen() -> None:
    texts = [text.get_text() for text in drawn(Gap("baseline", 1, (LATE,), 0)).get_legend().get_texts()]
    assert texts == ["gap that the plot shows", *(PARTS[name][2] for name in ("true", "dropout", "lag", "penalty"))]


def test_a_variant_without_numbers_is_named_in_the_title() -> None:
    broken = GapParts(0, *[math.nan] * 6)
    ax = drawn(Gap("wild", 1, (broken,), None), Gap("l2", 1, (EARLY,), 0))
    assert ax.get_title(loc="left").endswith("Not a number: wild")
    assert len(ax.get_yticklabels()) == 1


def test_an_empty_record_is_an_empty_figure() -> None:
    assert drawn().patches[:] == []


def test_a_study_with_all_measures_gets_the_figure(tmp_path: Path) -> None:
    names = ("loss", "val_loss", *MEASURES)
    member = History("baseline", 0, {name: (0.5 - number / 50, 0.4) for number, name in enumerate(names)})
    written = save_figures(Histories((member,)), {"baseline": 9}, tmp_path, title="digits", capacity=())
    assert [path.name for path in written] == ["loss.png", "gap.png"]
    assert (tmp_path / "gap.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["l2", "a name of a variant that says all that is changed in it"])
def test_title_and_legend_are_not_cut_off_beside_a_long_name(name) -> None:
    record = [Gap(name, 1, (EARLY, LATE), 0)]
    figure = Figure(figsize=size(record), layout="constrained")
    ax = draw_gap(record, ax=figure.add_subplot(), title="digits")
    figure.draw_without_rendering()
    whole = figure.bbox
    assert all(artist.get_window_extent().x1 <= whole.x1 for artist in (ax.get_legend(), ax._left_title))
