"""Differences from the baseline with their intervals: a forest plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regulab.comparison.paired import Comparison, Verdict
from regulab.errors import InputError
from regulab.figures import style
from regulab.figures.save import save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Better, worse, and everything that is not detectably either.
_COLOURS = {Verdict.BETTER: "#0072B2", Verdict.WORSE: "#D55E00"}
_MARKERS = {Verdict.BETTER: "o", Verdict.WORSE: "s"}
# An interval that extends this many times further from zero than the median one is cut off, so that the others can
# be read.
_OUTLYING = 8.0


@dataclass(frozen=True)
class Row:
    """One variant's line.

    Attributes:
        variant: Its name.
        difference: Its loss minus the control's.
        low: Lower end of the 95% interval; NaN where there is one seed.
        high: Upper end of the 95% interval; likewise.
        verdict: As in the table.
    """

    variant: str
    difference: float
    low: float
    high: float
    verdict: Verdict

    @property
    def ends(self) -> tuple[float, float]:
        """What it takes up on the axis."""
        return (self.low, self.high) if math.isfinite(self.low) else (self.difference, self.difference)


@dataclass(frozen=True)
class ComparisonPlot:
    """What `draw_comparison` draws.

    Attributes:
        control: What the variants are compared with.
        split: The split it was measured on.
        seeds: Number of paired seeds.
        examples: Number of examples.
        rows: One line a variant, from the top.
        left_out: Variants whose loss is not finite.
        limits: Ends of the axis, or None where everything fits.
    """

    control: str
    split: str
    seeds: int
    examples: int
    rows: tuple[Row, ...]
    left_out: tuple[str, ...]
    limits: tuple[float, float] | None


def comparison_plot(comparisons: Sequence[Comparison]) -> ComparisonPlot:
    """The lines of a forest plot, in the order of the study.

    Raises:
        InputError: If there is nothing to compare.

    Example:
        >>> comparison = Comparison("l2", "baseline", -0.02, -0.03, -0.01, 0.004, 5, 100, "test", p_value=0.01)
        >>> (row,) = comparison_plot([comparison]).rows
        >>> row.variant, row.low, row.high, str(row.verdict)
        ('l2', -0.03, -0.01, 'better')
    """
    if not comparisons:
        raise InputError("Expected a variant besides the baseline. Received: none. Run the study with variants.")
    first = comparisons[0]
    rows = tuple(_row(comparison) for comparison in comparisons if math.isfinite(comparison.difference))
    return ComparisonPlot(
        control=first.control,
        split=first.split,
        seeds=first.seeds,
        examples=first.examples,
        rows=rows,
        left_out=tuple(comparison.variant for comparison in comparisons if not math.isfinite(comparison.difference)),
        limits=_limits(rows),
    )


def _row(comparison: Comparison) -> Row:
    return Row(comparison.variant, comparison.difference, comparison.low, comparison.high, comparison.verdict)


def _limits(rows: Sequence[Row]) -> tuple[float, float] | None:
    extents = sorted(max(map(abs, row.ends)) for row in rows)
    if not extents:
        return None
    median = extents[(len(extents) - 1) // 2]
    shown = [row for row in rows if max(map(abs, row.ends)) <= _OUTLYING * median]
    if len(shown) == len(rows) or median == 0:
        return None
    ends = [0.0, *(end for row in shown for end in row.ends)]
    margin = 0.1 * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def size(record: ComparisonPlot) -> tuple[float, float]:
    """Width and height of a figure in inches in which many variants do not write over each other."""
    width, height = style.SIZE
    return width, max(height, 1.4 + 0.4 * len(record.rows))


def draw_comparison(record: ComparisonPlot, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw differences with their intervals, the control as a line at zero.

    Args:
        record: What to draw.
        ax: Where to draw; a new figure by default.
        title: What the models were trained on, shown below the heading.
    """
    with style.context():
        ax = style.new_figure(*size(record), shown=True).add_subplot() if ax is None else ax
        if record.rows:
            ax.axvline(0, color=style.INK, linewidth=1.2, zorder=1)
        else:
            style.show_no_values(ax)
        for position, row in enumerate(record.rows):
            _draw_row(ax, row, position)
        if record.limits is not None:
            ax.set_xlim(record.limits)
        ax.set_yticks(range(len(record.rows)), [style.wrapped_name(row.variant) for row in record.rows])
        ax.set_ylim(max(1, len(record.rows)) - 0.5, -0.5)
        ax.grid(False, axis="y")
        interval = "one seed, so no interval" if record.seeds == 1 else "95% interval of each"
        ax.set_xlabel(f"Loss minus that of the {record.control}, {record.split} data ({interval})")
        seeds = "1 seed" if record.seeds == 1 else f"{record.seeds} seeds"
        subject = f"{title}, {seeds}" if title else seeds
        remarks = {
            "Reaches beyond the axis": [row.variant for row in record.rows if _is_cut_off(row, record.limits)],
            "Loss not finite": record.left_out,
        }
        ax.set_title(style.figure_title(f"Left of the line is better than the {record.control}", subject, remarks))
    return ax


def save_comparison(comparisons: Sequence[Comparison], folder: Path, *, title: str) -> tuple[Path, ...]:
    """Write `comparison.png`, if there is anything to compare.

    Args:
        comparisons: Those of a study.
        folder: Where it goes.
        title: What the models were trained on.

    Returns:
        The file written, or nothing.
    """
    if not any(math.isfinite(comparison.difference) for comparison in comparisons):
        return ()
    record = comparison_plot(comparisons)
    with style.context():
        figure = style.new_figure(*size(record), shown=False)
        draw_comparison(record, ax=figure.add_subplot(), title=title)
        return (save(figure, folder / "comparison.png"),)


def _draw_row(ax: Axes, row: Row, position: int) -> None:
    is_detectable = row.verdict in _COLOURS
    colour = _COLOURS.get(row.verdict, style.NEUTRAL)
    ax.plot(row.ends, [position, position], color=colour, linewidth=2.4, solid_capstyle="butt", zorder=2)
    ax.plot(
        [row.difference],
        [position],
        color=colour,
        marker=_MARKERS.get(row.verdict, "D"),
        markerfacecolor=colour if is_detectable else "white",
        markersize=6,
        zorder=3,
    )
    ax.text(
        1.01,
        position,
        row.verdict,
        # In the margin, so that no interval runs through it.
        transform=ax.get_yaxis_transform(),
        va="center",
        color=colour if is_detectable else style.GREY,
        fontsize=10,
    )


def _is_cut_off(row: Row, limits: tuple[float, float] | None) -> bool:
    return limits is not None and not (limits[0] <= row.ends[0] and row.ends[1] <= limits[1])
