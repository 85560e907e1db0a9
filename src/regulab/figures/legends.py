"""Legend entries that explain lines and bands, whatever their colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from regulab.figures import style
from regulab.figures.lines import Curve

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def line_style_entries(curves: Sequence[Curve]) -> list[Artist]:
    """What solid and dotted lines, marks and bands mean, as far as these curves have them."""
    from matplotlib.lines import Line2D

    entries: list[Artist] = []
    if any(curve.validation is not None for curve in curves):
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle="-", label="validation"))
    if any(curve.training is not None for curve in curves):
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle=":", label="training"))
    seeds = {curve.seeds for curve in curves if curve.lines}
    several = max(seeds, default=1) > 1
    if any(curve.best_epoch is not None for curve in curves):
        label = "best epoch of the mean" if several else "best epoch"
        entries.append(Line2D([], [], color=style.NEUTRAL, linestyle="", marker="o", markersize=7, label=label))
    if several:
        entries.append(band_entry(max(seeds) if len(seeds) == 1 else None))
    return entries


def band_entry(seeds: int | None) -> Artist:
    """What the band means; the number of seeds is None where variants differ in it."""
    from matplotlib.patches import Patch

    label = "lowest to highest seed" if seeds is None else f"lowest to highest of {seeds} seeds"
    return Patch(facecolor=style.NEUTRAL, alpha=0.4, label=label)


def legend_on_the_right(ax: Axes, entries: Sequence[Artist]) -> None:
    """Put the legend to the right of the axes, where it covers no curve."""
    ax.legend(handles=entries, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
