"""How figures look: colours that colour-blind readers can tell apart, sizes, fonts and grid."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
#: Inches of a figure with one axes.
SIZE = (8.6, 4.8)
BASELINE = "baseline"
INK = "#222222"
GREY = "#444444"
NEUTRAL = "#8c8c8c"

#: Colours after Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is faint on
#: white. The first belongs to the baseline, the others to the variants in the order of the study; the
#: first six stay apart in hue or lightness without red-green vision.
PALETTE = (GREY, "#0072B2", "#D55E00", "#56B4E9", "#CC79A7", "#E69F00", "#009E73", "#7A3E9D", "#8A7A00")
#: Markers go with the colours, so that no line is told apart by its colour alone.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h")

# How much of its colour a paler curve keeps.
_PALE = 0.42

RC: dict[str, Any] = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.size": 10.5,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    # Losses in a narrow band are written in full, not as a remainder beside an offset.
    "axes.formatter.useoffset": False,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 10,
    # A dollar sign in a variant's or a data set's name is a dollar sign.
    "text.parse_math": False,
}


def context() -> AbstractContextManager[None]:
    """The style for the length of a `with` block; the user's rcParams come back afterwards.

    Example:
        >>> with context():
        ...     pass
    """
    from matplotlib import style

    return style.context(["default", RC])


def palette_indices(variants: Iterable[str]) -> dict[str, int]:
    """Each variant's index in the palette: 0 for the baseline, then 1, 2, ... in the order given.

    Example:
        >>> palette_indices(["smaller", "baseline", "l2"])
        {'smaller': 1, 'baseline': 0, 'l2': 2}
    """
    others = [name for name in variants if name != BASELINE]
    return {name: 0 if name == BASELINE else others.index(name) + 1 for name in variants}


def colour(palette_index: int) -> str:
    """The colour at an index; past the end it starts again after the baseline's.

    Example:
        >>> colour(0), colour(1) == colour(9)
        ('#444444', True)
    """
    return PALETTE[0] if palette_index == 0 else PALETTE[1 + (palette_index - 1) % (len(PALETTE) - 1)]


def marker(palette_index: int) -> str:
    """The marker at an index; there are more markers than colours to repeat, so that pairs stay unique."""
    return MARKERS[palette_index % len(MARKERS)]


def line_style(palette_index: int, *, covered_by: int = 0) -> dict[str, Any]:
    """How Matplotlib draws a curve and marks its best epoch.

    Args:
        palette_index: Its index in the palette.
        covered_by: How many other curves lie on it: it is wider and paler then, so that all of them show.

    Example:
        >>> line_style(0)["linewidth"], line_style(0, covered_by=1)["linewidth"]
        (1.8, 3.6)
    """
    from matplotlib.colors import to_hex, to_rgb

    full = colour(palette_index)
    red, green, blue = (1 - _PALE * (1 - part) for part in to_rgb(full))
    return {
        "color": to_hex((red, green, blue)) if covered_by else full,
        "linewidth": RC["lines.linewidth"] + 1.8 * covered_by,
        "marker": marker(palette_index),
        "markersize": 9 + 3 * covered_by,
        "markerfacecolor": full,
        "markeredgecolor": "white",
    }


def figure_title(subject: str, data_title: str, remarks: Mapping[str, Iterable[str]] | None = None) -> str:
    r"""A figure's title: what it shows, below it the data set's title and remarks that apply.

    Args:
        subject: What the figure shows.
        data_title: The data set's title, or an empty text.
        remarks: Items by the heading of their line; a heading without items is left out.

    Example:
        >>> figure_title("Loss by epoch", "reviews (synthetic)")
        'Loss by epoch\nreviews (synthetic)'
        >>> figure_title("Loss by epoch", "", {"Above the axis": ["bigger", "deeper"]})
        'Loss by epoch\nAbove the axis: bigger, deeper'
    """
    joined = {heading: ", ".join(items) for heading, items in (remarks or {}).items()}
    lines = [data_title, *(f"{heading}: {items}" for heading, items in joined.items() if items)]
    return "\n".join([subject, *(part for line in lines for part in textwrap.wrap(line, 80))])


def wrapped_name(name: str, width: int = 34) -> str:
    r"""A long name in several lines, so that it leaves room for what it labels.

    Example:
        >>> wrapped_name("l2+dropout against baseline")
        'l2+dropout against baseline'
        >>> wrapped_name("l2(0.001)+dropout(0.3)+label_smoothing(0.1) against baseline")
        'l2(0.001)+dropout(0.3)+label_smoot\nhing(0.1) against baseline'
    """
    return "\n".join(textwrap.wrap(name, width))


def new_figure(width: float, height: float, *, shown: bool) -> Figure:
    """An empty figure, size in inches.

    Args:
        width: Width in inches.
        height: Height in inches.
        shown: Whether pyplot keeps it, so that a notebook shows it; otherwise it is only for saving.
    """
    if shown:
        from matplotlib import pyplot

        return pyplot.figure(figsize=(width, height), layout="constrained")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes that were passed in, or the axes of a new figure that a notebook shows."""
    return new_figure(*SIZE, shown=True).add_subplot() if ax is None else ax


def show_no_values(ax: Axes) -> None:
    """Say in axes why nothing is drawn there: a bare frame looks like a mistake in the drawing."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.text(0.5, 0.5, "No finite values", transform=ax.transAxes, ha="center", va="center", color=GREY)
