"""The gap between the loss curves and its parts, a pair of bars for each variant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from regulab.diagnosis.gap import Gap, GapParts
from regulab.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class PartStyle(NamedTuple):
    """How a part is drawn and named.

    Attributes:
        colour: Its colour, which stands for no variant in the other figures.
        hatch: Its hatch, so that no part is told apart by its colour alone.
        label: Its name in the legend.
    """

    colour: str
    hatch: str
    label: str


#: Colours after Paul Tol's muted scheme.
PARTS = {
    "true": PartStyle("#332288", "", "true gap: validation minus training, dropout off"),
    "dropout": PartStyle("#DDCC77", "////", "dropout in the training curve"),
    "lag": PartStyle("#88CCEE", "....", "lag of a mean over the epoch"),
    "penalty": PartStyle("#CC6677", "xxxx", "change of the penalty"),
    "weighting": PartStyle("#999999", "----", "label smoothing and class weights"),
}
# A part below this share of the largest is left out.
_MIN_SHARE = 0.003


@dataclass(frozen=True)
class _Bar:
    """One variant's gap after one epoch.

    Attributes:
        position: Where it is on the vertical axis.
        label: The variant and the epoch.
        parts: The parts of the gap.
    """

    position: float
    label: str
    parts: GapParts


def size(record: Sequence[Gap]) -> tuple[float, float]:
    """Width and height of a figure in inches that leaves room for every bar, and for the names beside them."""
    longest = max((len(gap.variant) for gap in record), default=0)
    return style.SIZE[0] + 0.09 * max(0, longest - 20), 2.4 + 0.62 * len(record)


def is_empty(record: Sequence[Gap]) -> bool:
    """Whether no variant has a gap in finite numbers."""
    return not any(any(_bars(number, gap)) for number, gap in enumerate(record))


def draw_gap(record: Sequence[Gap], *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw each variant's gap at its best epoch and at the last: parts that widen it right of zero, others left.

    Args:
        record: What to draw, from `regulab.diagnosis.gap.gap`.
        ax: Where to draw; a new figure by default.
        title: What the models were trained on, shown below the heading.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    with style.context():
        ax = style.new_figure(*size(record), shown=True).add_subplot() if ax is None else ax
        bars = [bar for number, gap in enumerate(record) for bar in _bars(number, gap)]
        not_finite = [gap.variant for number, gap in enumerate(record) if not any(_bars(number, gap))]
        largest = max((abs(amount) for bar in bars for _, amount in _amounts(bar.parts)), default=0.0)
        drawn: set[str] = set()
        for bar in bars:
            drawn |= _draw_bar(ax, bar, min_amount=_MIN_SHARE * largest)
        if bars:
            ax.axvline(0, color=style.INK, linewidth=1)
        else:
            style.show_no_values(ax)
        ax.set_yticks([bar.position for bar in bars], [bar.label for bar in bars])
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.invert_yaxis()
        ax.margins(x=0.06)
        heading = "Validation loss minus training loss, and what it is made of"
        ax.set_title(style.figure_title(heading, title, {"Not a number": not_finite}))
        ax.set_xlabel("Loss (left of zero: what makes the gap look smaller)")
        sum_entry = Line2D(
            [], [], linestyle="", marker="D", color="white", markeredgecolor=style.INK, label="gap that the plot shows"
        )
        part_entries = [
            Patch(facecolor=part.colour, edgecolor="white", hatch=part.hatch, linewidth=0, label=part.label)
            for name, part in PARTS.items()
            if name in drawn
        ]
        ax.legend(
            handles=[sum_entry, *part_entries],
            loc="upper center",
            bbox_to_anchor=(0.4, -0.62 / max(len(bars), 1) - 0.1),
            ncols=2,
        )
    return ax


def _bars(number: int, gap: Gap) -> Iterator[_Bar]:
    """A variant's bars: at the best epoch and at the last, one where they are the same, none without numbers."""
    pair = [(0.0, gap.best, "best"), (0.4, gap.last, "last")]
    if gap.best_epoch == len(gap.epochs) - 1:
        pair = pair[1:]
    for offset, parts, epoch in pair:
        if parts is not None and all(math.isfinite(amount) for _, amount in _amounts(parts)):
            yield _Bar(number + offset, f"{gap.variant}, {epoch} epoch ({parts.epoch + 1})", parts)


def _amounts(parts: GapParts) -> tuple[tuple[str, float], ...]:
    return (("true", parts.true), *parts.steps)


def _draw_bar(ax: Axes, bar: _Bar, *, min_amount: float) -> set[str]:
    """Stack positive parts to the right and negative ones to the left; return the names of those drawn."""
    ends = {True: 0.0, False: 0.0}
    drawn = set()
    for name, amount in _amounts(bar.parts):
        if abs(amount) <= min_amount:
            continue
        part, is_positive = PARTS[name], amount > 0
        ax.barh(
            bar.position,
            amount,
            left=ends[is_positive],
            height=0.34,
            color=part.colour,
            hatch=part.hatch,
            edgecolor="white",
            linewidth=0,
        )
        ends[is_positive] += amount
        drawn.add(name)
    ax.plot(
        [bar.parts.shown],
        [bar.position],
        marker="D",
        color="white",
        markeredgecolor=style.INK,
        markersize=7,
        zorder=5,
    )
    return drawn
