"""How curves are drawn: a mean with its band, a variant with both its curves, axes and key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from regulab.figures import style
from regulab.figures.lines import Line
from regulab.histories.metrics import direction

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from regulab.figures.curves import Curve


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
    ax.plot(at, [line.mean[point] for point in points], color=colour, markevery=marked, **stroke)


def draw_curve(ax: Axes, curve: Curve, *, colour: str | None = None, label: str = "") -> None:
    """Draw one variant: validation solid with its best epoch marked, training dotted."""
    colour = colour or style.colour(curve.place)
    epochs = tuple(range(1, 1 + max((len(line.mean) for line in curve.lines), default=0)))
    if curve.training is not None:
        draw_line(ax, epochs, curve.training, colour=colour, band=0.10, linestyle=":", markevery=())
    if curve.validation is not None:
        best = () if curve.best is None else (curve.best,)
        mark: dict[str, Any] = {"marker": style.marker(curve.place), "markersize": 9, "markeredgecolor": "white"}
        draw_line(ax, epochs, curve.validation, colour=colour, linestyle="-", markevery=best, label=label, **mark)


def finish_axes(ax: Axes, shown: Sequence[Curve], measure: str, *, epochs: int, log: bool) -> dict[str, str]:
    """Set ticks and limits; return a remark on each variant that leaves the axis because it explodes."""
    ax.set_xticks(style.epoch_ticks(epochs))
    ax.set_xlim(1 - 0.02 * epochs, epochs + 0.02 * epochs)
    if log:
        log_axis(ax)
        return {}
    if direction(measure) != "lower":
        return {}
    top = style.ceiling([curve.highest for curve in shown if curve.lines])
    if all(line.low[point] >= 0 for curve in shown for line in curve.lines for point in line.points):
        limit_loss_axis(ax, top)
    elif top is not None:
        ax.set_ylim(top=top)
    return {
        curve.variant: above(curve.variant, curve.highest) for curve in shown if top is not None and curve.highest > top
    }


def log_axis(ax: Axes) -> None:
    """Make the vertical axis logarithmic, its ticks written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def limit_loss_axis(ax: Axes, top: float | None) -> None:
    """Start a loss's axis just below zero, so that a curve at zero is not hidden by the frame."""
    ax.set_ylim(bottom=0, top=top)
    ax.set_ylim(bottom=-0.02 * ax.get_ylim()[1])


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
    seeds = {curve.seeds for curve in shown}
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
