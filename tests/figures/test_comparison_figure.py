from __future__ import annotations

import math
from pathlib import Path

import pytest
from matplotlib.axes import Axes

from regulab.comparison.paired import Comparison
from regulab.errors import InputError
from regulab.figures.comparison import ComparisonPlot, Row, comparison_plot, draw_comparison, save_comparison


def compared(variant: str, low: float, high: float, *, seeds: int = 5, p_value: float = 0.01) -> Comparison:
    return Comparison(variant, "baseline", (low + high) / 2, low, high, 0.01, seeds, 100, "test", p_value)


def test_a_row_for_each_variant_in_the_order_of_the_study() -> None:
    broken = Comparison("l1", "baseline", *(math.nan,) * 4, 5, 100, "test")
    assert comparison_plot([compared("l2", -0.5, -0.25), broken, compared("bigger", -0.25, 0.75)]) == ComparisonPlot(
        control="baseline",
        split="test",
        seeds=5,
        examples=100,
        rows=(
            Row("l2", -0.375, -0.5, -0.25, "better"),
            Row("bigger", 0.25, -0.25, 0.75, "no detectable difference"),
        ),
        left_out=("l1",),
        limits=None,
    )


def test_an_interval_far_wider_than_the_others_is_cut_off() -> None:
    record = comparison_plot([compared("l2", -0.5, -0.25), compared("l1", -0.5, 0.5), compared("bigger", -9, 9)])
    assert record.limits == pytest.approx((-0.6, 0.6))


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InputError, match="Expected a variant besides the baseline"):
        comparison_plot([])


def test_intervals_are_drawn_from_the_top_with_their_verdicts(ax: Axes) -> None:
    record = comparison_plot([compared("l2", -0.5, -0.25), compared("bigger", 0.25, 0.75), compared("wide", -9, 9)])
    draw_comparison(record, ax=ax, title="digits")
    zero, *lines = ax.get_lines()
    assert list(zero.get_xdata()) == [0, 0]
    assert [list(line.get_xdata()) for line in lines[::2]] == [[-0.5, -0.25], [0.25, 0.75], [-9, 9]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["l2", "bigger", "wide"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    assert [text.get_text() for text in ax.texts] == ["better", "worse", "no detectable difference"]
    title = ax.get_title(loc="left")
    assert "digits, 5 seeds" in title
    assert "Reaches beyond the axis: wide" in title


def test_one_seed_is_drawn_as_points_without_intervals(ax: Axes) -> None:
    nan = math.nan
    single = [Comparison(name, "baseline", mean, nan, nan, nan, 1, 100, "test") for name, mean in [("a", -1), ("b", 2)]]
    draw_comparison(comparison_plot(single), ax=ax)
    assert [list(line.get_xdata()) for line in ax.get_lines()[1::2]] == [[-1, -1], [2, 2]]
    assert ax.get_xlabel() == "Loss minus that of the baseline, test data (one seed, so no interval)"


def test_verdicts_can_be_told_apart_without_colour(ax: Axes) -> None:
    draw_comparison(comparison_plot([compared("a", -2, -1), compared("b", 1, 2), compared("c", -1, 1)]), ax=ax)
    markers = ax.get_lines()[2::2]
    assert len({line.get_marker() for line in markers}) == 3
    assert markers[2].get_markerfacecolor() == "white"


def test_a_figure_is_saved_only_where_something_was_compared(tmp_path: Path) -> None:
    broken = Comparison("l1", "baseline", *(math.nan,) * 4, 5, 100, "test")
    assert save_comparison([], tmp_path, title="digits") == ()
    assert save_comparison([broken], tmp_path, title="digits") == ()
    (path,) = save_comparison([compared("l2", -0.5, -0.25, seeds=1)], tmp_path, title="digits")
    assert path.name == "comparison.png"
    assert path.stat().st_size > 0


def test_a_long_name_is_wrapped(ax: Axes) -> None:
    draw_comparison(comparison_plot([compared("l2(0.001)+dropout(0.3)+label_smoothing(0.1)", -0.5, -0.25)]), ax=ax)
    (label,) = ax.get_yticklabels()
    assert label.get_text() == "l2(0.001)+dropout(0.3)+label_smoot\nhing(0.1)"
