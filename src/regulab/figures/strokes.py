"""How curves are drawn: a mean with its band, a variant with both its curves, axes and key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from regulab.figures import style
from regulab.figures.lines import Line
from regulab.histories.metrics import direction

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from regulab.figures.lines import Curve

# The axis of a loss starts at zero where its lines fill at least this share of it then.
_SHARE = 1 / 3


def draw_line(ax: Axes, x: tuple[float, ...], line: Line, *, colour: str, band: float = 0.16, **stroke: Any) -> None:
    """Draw the mean and, where seeds differ, the band behind it.

    Points without a value are left out and the neighbours joined, so that a curve measured every
    second epoch still shows.

    Args:
        ax: Where to draw.
        x: Position of each point.
        line: What to draw.
        colour: Colour of the mean and of the band.
        band: Opacity of the band.
        stroke: Further properties of the mean's line; `markevery` counts the points of `line`.
    """
    points = line.points
    marked = [points.index(point) for point in stroke.pop("markevery", points) if point in points]
    if len(points) == 1 and not marked:
        # A line through one point is invisible.
        stroke, marked = {**stroke, "marker": "."}, [0]
    at = [x[point] for point in points]
    low, high = [line.low[point] for point in points], [line.high[point] for point in points]
    if low != high:
        ax.fill_between(at, low, high, color=colour, alpha=band, linewidth=0)
    ax.plot(at, [line.mean[point] for point in points], **{"color": colour, "markevery": marked, **stroke})


def draw_curve(ax: Axes, curve: Curve, *, under: int = 0, label: str = "") -> None:
    """Draw one variant: validation solid with its best epoch marked, training dotted.

    Args:
        ax: Where to draw.
        curve: What to draw.
        under: How many curves drawn later lie on this one, from `layers`.
        label: Name of the validation curve.
    """
    colour, stroke = style.colour(curve.place), style.stroke(curve.place, under=under)
    epochs = tuple(range(1, 1 + max((len(line.mean) for line in curve.lines), default=0)))
    if curve.training is not None:
        # Wide dots are round, since squares of that size look like marks.
        dots = {"linestyle": (0, (0.01, 1.7)), "dash_capstyle": "round"} if under else {"linestyle": ":"}
        draw_line(ax, epochs, curve.training, colour=colour, band=0.10, markevery=(), **{**stroke, **dots})
    if curve.validation is not None:
        best = () if curve.best is None else (curve.best,)
        draw_line(ax, epochs, curve.validation, colour=colour, markevery=best, label=label, **stroke)


def layers(shown: Sequence[Curve]) -> list[tuple[Curve, int]]:
    """The curves in the order to draw them, the baseline first, each with how many of the later lie on it.

    The baseline counts as one that another lies on wherever there is another: drawn wider, it shows on both sides
    of any curve that runs along with it for a while.
    """
    order = sorted(shown, key=lambda curve: curve.place > 0)
    return [
        (curve, max(sum(_same(curve, later) for later in order[at + 1 :]), int(curve.place == 0 and len(order) > 1)))
        for at, curve in enumerate(order)
    ]


def _same(one: Curve, other: Curve) -> bool:
    """Whether a curve would hide another: nowhere further away than a hundredth of its height, about a stroke."""
    values = [line.mean[point] for line in one.lines for point in line.points]
    near = 0.01 * (max(values) - min(values)) if values else 0.0
    pairs = ((one.training, other.training), (one.validation, other.validation))
    return bool(values) and all(_along(*pair, near) for pair in pairs)


def _along(one: Line | None, other: Line | None, near: float) -> bool:
    if one is None or other is None:
        return one is other
    return one.points == other.points and all(abs(one.mean[at] - other.mean[at]) <= near for at in one.points)


def finish_axes(ax: Axes, shown: Sequence[Curve], measure: str, *, epochs: int, log: bool) -> dict[str, str]:
    """Set ticks and limits; return a remark on each variant that leaves the axis because it explodes."""
    ax.set_xticks(style.epoch_ticks(epochs))
    ax.set_xlim(1 - 0.02 * epochs, epochs + 0.02 * epochs)
    if log:
        log_axis(ax)
        return {}
    if direction(measure) != "lower":
        return {}
    # A variant that is far better must not drive the baseline off the axis, as if that had exploded.
    usual = max((curve.highest_until_best for curve in shown if curve.variant == style.BASELINE), default=0.0)
    top = style.ceiling([curve.highest for curve in shown if curve.lines], usual=usual)
    limit_loss_axis(ax, [line for curve in shown for line in curve.lines], top)
    return {
        curve.variant: above(curve.variant, curve.highest) for curve in shown if top is not None and curve.highest > top
    }


def log_axis(ax: Axes) -> None:
    """Make the vertical axis logarithmic, its ticks written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def limit_loss_axis(ax: Axes, lines: Iterable[Line], top: float | None) -> None:
    """Set the limits of a loss's axis, with a margin on both sides.

    It starts at zero, unless that would squeeze the lines into less than a third of its height.

    Args:
        ax: The axes.
        lines: All lines on it.
        top: Values above it are left out, none where it is None.
    """
    # The mean, too: where the seeds' range is left out, the line itself may not be.
    ranges = [(line.low[point], line.mean[point], line.high[point]) for line in lines for point in line.points]
    values = [value for values in ranges for value in values if top is None or value <= top]
    if not values:
        return
    low, high = min(values), max(values)
    if 0 <= low <= (1 - _SHARE) * high:
        low = 0.0
    # Of a flat line, rounding errors must not fill the axis.
    margin = max(0.05 * (high - low), 0.0001 * max(abs(low), abs(high))) or 1.0
    limits = [low - (margin if low else 0.4 * margin), high + margin]
    if not ax.get_autoscaley_on():
        # Set for what was drawn before, here or on axes that share them.
        limits += ax.get_ylim()
    ax.set_ylim(min(limits), max(limits))


def above(variant: str, highest: float) -> str:
    """The remark on a variant that leaves the axis at the top."""
    return f"{variant} goes up to {highest:.3g}"


def key(shown: Sequence[Curve]) -> list[Artist]:
    """Legend entries that explain the strokes, whatever the colour."""
    from matplotlib.lines import Line2D

    entries: list[Artist] = []
    if any(curve.validation is not None for curve in shown):
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle="-", label="validation"))
    if any(curve.training is not None for curve in shown):
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle=":", label="training"))
    seeds = {curve.seeds for curve in shown if curve.lines}
    several = max(seeds, default=1) > 1
    if any(curve.best is not None for curve in shown):
        label = "best epoch of the mean" if several else "best epoch"
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle="", marker="o", markersize=7, label=label))
    if several:
        entries.append(band_key(max(seeds) if len(seeds) == 1 else None))
    return entries


def band_key(seeds: int | None) -> Artist:
    """The legend entry that explains the band; the number of seeds is None where variants differ in it."""
    from matplotlib.patches import Patch

    label = "lowest to highest seed" if seeds is None else f"lowest to highest of {seeds} seeds"
    return Patch(facecolor=style.NEUTRAL, alpha=0.4, label=label)


def legend_beside(ax: Axes, handles: Sequence[Artist]) -> None:
    """Put the legend to the right of the axes, where it covers no curve."""
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
