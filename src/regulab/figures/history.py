"""The course's plot: one metric against epochs, for any number of histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulab.figures.curves import curves, draw_curves
from regulab.histories.readers.in_memory import to_histories

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_history(
    histories: Any, *, metric: str = "loss", ax: Axes | None = None, log: bool = False, title: str = ""
) -> Axes:
    """Plot one metric against epochs: training dotted, validation solid, a colour a history.

    Args:
        histories: A mapping of names to histories, a list of `(name, history)` pairs, or a single
            history. A history is what `fit` returned, a dict of lists, a pandas DataFrame of
            CSVLogger's file or a regulab `History`; a list of histories counts as several seeds.
        metric: What to plot, such as `"loss"` or `"binary_crossentropy"`; `"data_loss"` is the loss
            without penalty of a study run by regulab.
        ax: Where to draw; a new figure by default.
        log: Whether the metric's axis is logarithmic.
        title: What the models were trained on, shown below the heading.

    Raises:
        InputError: If no history has the metric, or something is not a history.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().add_subplot()
        >>> plot_history({"baseline": {"loss": [0.5, 0.2], "val_loss": [0.4, 0.6]}}, ax=ax).get_ylabel()
        'Loss'
    """
    return draw_curves(curves(to_histories(histories), measure=metric), ax=ax, log=log, title=title)
