"""The gap between the loss curves and its parts, a pair of bars a variant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from regulab.diagnosis.gap import Gap, GapParts
from regulab.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours after Paul Tol's muted scheme, none of which stands for a variant; each part has its hatch, too.
PARTS = {
    "true": ("#332288", "", "true gap: validation minus training, dropout off"),
    "dropout": ("#DDCC77", "////", "dropout in the training curve"),
    "lag": ("#88CCEE", "....", "lag of a mean over the epoch"),
    "penalty": ("#CC6677", "xxxx", "change of the penalty"),
    "weighting": ("#999999", "----", "label smoothing and class weights"),
}
# A part below this share of the largest is not worth an entry in the legend.
_VISIBLE = 0.003


def size(record: Sequence[Gap]) -> tuple[float, float]:
    """Width and height of a figure in inches that leaves room for every bar, and for the names beside them."""
    longest = max((len(each.variant) for each in record), default=0)
    return style.SIZE[0] + 0.09 * max(0, longest - 20), 2.4 + 0.62 * len(record)


def is_empty(record: Sequence[Gap]) -> bool:
    """Whether no variant has a gap in finite numbers."""
    return not _rows(record)[0]


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
        rows, lost = _rows(record)
        largest = max((abs(amount) for _, parts, _ in rows for _, amount in _amounts(parts)), default=0.0)
        seen: set[str] = set()
        for place, parts, _ in rows:
            seen |= _draw_bar(ax, place, parts, visible=_VISIBLE * largest)
        if rows:
            ax.axvline(0, color=style.INK, linewidth=1)
        else:
            style.say_empty(ax)
        ax.set_yticks([place for place, _, _ in rows], [label for _, _, label in rows])
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.invert_yaxis()
        ax.margins(x=0.06)
        ax.set_title(
            style.heading("Validation loss minus training loss, and what it is made of", title, {"Not a number": lost})
        )
        ax.set_xlabel("Loss (left of zero: what makes the gap look smaller)")
        handles = [
            Patch(facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0, label=label)
            for name, (colour, hatch, label) in PARTS.items()
            if name in seen
        ]
        shown = Line2D(
            [], [], linestyle="", marker="D", color="white", markeredgecolor=style.INK, label="gap that the plot shows"
        )
        ax.legend(
            handles=[shown, *handles], loc="upper center", bbox_to_anchor=(0.4, -0.62 / len(rows or [1]) - 0.1), ncols=2
        )
    return ax


def _rows(record: Sequence[Gap]) -> tuple[list[tuple[float, GapParts, str]], list[str]]:
    """Position, parts and label of every bar, two a variant; and the variants that have no numbers."""
    rows: list[tuple[float, GapParts, str]] = []
    lost = []
    for number, each in enumerate(record):
        pair = [(0.0, each.best, "best"), (0.4, each.last, "last")]
        if each.best_epoch == len(each.epochs) - 1:
            pair = pair[1:]
        found = [
            (number + off, parts, f"{each.variant}, {when} epoch ({parts.epoch + 1})")
            for off, parts, when in pair
            if parts is not None and all(math.isfinite(amount) for _, amount in _amounts(parts))
        ]
        rows += found
        if not found:
            lost.append(each.variant)
    return rows, lost


def _amounts(parts: GapParts) -> tuple[tuple[str, float], ...]:
    return (("true", parts.true), *parts.steps)


def _draw_bar(ax: Axes, place: float, parts: GapParts, *, visible: float) -> set[str]:
    """Stack positive parts to the right and negative ones to the left; return those that can be seen."""
    ends = {True: 0.0, False: 0.0}
    seen = set()
    for name, amount in _amounts(parts):
        if abs(amount) <= visible:
            continue
        colour, hatch, _ = PARTS[name]
        side = amount > 0
        ax.barh(place, amount, left=ends[side], height=0.34, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        ends[side] += amount
        seen.add(name)
    ax.plot([parts.shown], [place], marker="D", color="white", markeredgecolor=style.INK, markersize=7, zorder=5)
    return seen
