"""How curves are drawn: a mean with its band, and a variant with both its curves."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from regulab.figures import style
from regulab.figures.lines import Curve, Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A figure is about that many parts wide, so more points than a few in each make no difference but take minutes to draw.
_PARTS, _MOST_POINTS = 1_000, 4_000
# Curves no further apart than this share of their height, about the width of a line, hide each other.
_HIDING_DISTANCE = 0.01


class Layer(NamedTuple):
    """A curve in the order of drawing.

    Attributes:
        curve: What to draw.
        covered_by: How many of the curves drawn later lie on it.
    """

    curve: Curve
    covered_by: int


def drawing_order(curves: Sequence[Curve]) -> list[Layer]:
    """The curves in the order to draw them, the baseline first.

    The baseline counts as covered wherever there is another curve: drawn wider, it shows on both sides of any curve
    that runs along it for a while.
    """
    ordered = sorted(curves, key=lambda curve: curve.palette_index > 0)
    layers = []
    for position, curve in enumerate(ordered):
        covered_by = sum(_hides(later, curve) for later in ordered[position + 1 :])
        is_background = curve.palette_index == 0 and len(ordered) > 1
        layers.append(Layer(curve, max(covered_by, int(is_background))))
    return layers


def _hides(later: Curve, curve: Curve) -> bool:
    """Whether a curve drawn later would hide another everywhere."""
    values = [line.mean[point] for line in curve.lines for point in line.points]
    distance = _HIDING_DISTANCE * (max(values) - min(values)) if values else 0.0
    pairs = ((curve.training, later.training), (curve.validation, later.validation))
    return bool(values) and all(_within(*pair, distance) for pair in pairs)


def _within(line: Line | None, other: Line | None, distance: float) -> bool:
    if line is None or other is None:
        return line is other
    return line.points == other.points and all(
        abs(line.mean[point] - other.mean[point]) <= distance for point in line.points
    )


def draw_curve(ax: Axes, layer: Layer, *, label: str = "") -> None:
    """Draw one variant: validation solid with its best epoch marked, training dotted.

    Args:
        ax: Where to draw.
        layer: What to draw, from `drawing_order`.
        label: Name of the validation curve.
    """
    curve, covered_by = layer
    colour = style.colour(curve.palette_index)
    line_style = style.line_style(curve.palette_index, covered_by=covered_by)
    epochs = tuple(range(1, 1 + max((len(line.mean) for line in curve.lines), default=0)))
    if curve.training is not None:
        # Wide dots are round, since squares of that size look like marks.
        dots = {"linestyle": (0, (0.01, 1.7)), "dash_capstyle": "round"} if covered_by else {"linestyle": ":"}
        draw_line(ax, epochs, curve.training, colour=colour, band=0.10, markevery=(), **{**line_style, **dots})
    if curve.validation is not None:
        best = () if curve.best_epoch is None else (curve.best_epoch,)
        draw_line(ax, epochs, curve.validation, colour=colour, markevery=best, label=label, **line_style)


def visible_points(line: Line, wanted: Collection[int] = ()) -> tuple[int, ...]:
    """The points that a figure can show: of too many, the highest and the lowest within each of a thousand parts.

    Args:
        line: The line.
        wanted: Points that are kept, if the line has a value there.

    Example:
        >>> visible_points(Line((0.4, 0.3), (0.4, 0.3), (0.4, 0.3)))
        (0, 1)
    """
    points = np.array(line.points, dtype=np.int64)
    if len(points) <= _MOST_POINTS:
        return line.points
    mean, low, high = (np.array(values)[points] for values in (line.mean, line.low, line.high))
    shown = set(wanted) & set(line.points)
    for start in range(0, len(points), math.ceil(len(points) / _PARTS)):
        part = slice(start, start + math.ceil(len(points) / _PARTS))
        extremes = (mean[part].argmin(), mean[part].argmax(), low[part].argmin(), high[part].argmax())
        shown.update(points[[start + int(index) for index in extremes]].tolist())
    # The last point ends the line, as the first begins it.
    return tuple(sorted(shown | {int(points[0]), int(points[-1])}))


def draw_line(
    ax: Axes, x: tuple[float, ...], line: Line, *, colour: str, band: float = 0.16, **line_style: Any
) -> None:
    """Draw the mean and, where seeds differ, the band behind it.

    Points without a value are left out and the neighbours joined, so that a curve measured every
    second epoch still shows. Of thousands of points, those are drawn that a figure can show.

    Args:
        ax: Where to draw.
        x: Position of each point.
        line: What to draw.
        colour: Colour of the mean and of the band.
        band: Opacity of the band.
        line_style: Further properties of the mean's line; `markevery` counts the points of `line`.
    """
    wanted_marks = set(line_style.pop("markevery", line.points))
    points = visible_points(line, wanted_marks)
    marked = [index for index, point in enumerate(points) if point in wanted_marks]
    if len(points) == 1 and not marked:
        # A line through one point is invisible.
        line_style, marked = {**line_style, "marker": "."}, [0]
    positions = [x[point] for point in points]
    low, high = [line.low[point] for point in points], [line.high[point] for point in points]
    if low != high:
        ax.fill_between(positions, low, high, color=colour, alpha=band, linewidth=0)
    mean = [line.mean[point] for point in points]
    ax.plot(positions, mean, **{"color": colour, "markevery": marked, **line_style})
