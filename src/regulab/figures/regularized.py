"""Regularized variants against the baseline: one panel a variant, all on the same axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regulab.errors import InputError
from regulab.figures import metrics, style
from regulab.figures.axes import finish_curve_axes
from regulab.figures.curve_drawing import draw_curve, drawing_order
from regulab.figures.curves import curves
from regulab.figures.legends import line_style_entries
from regulab.figures.lines import Curve
from regulab.histories.history import Histories

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Regularized:
    """What `draw_regularized` draws.

    Attributes:
        measure: The metric, or `"data_loss"`.
        baseline: The curves behind every panel.
        panels: The variants, a panel each.
    """

    measure: str
    baseline: Curve
    panels: tuple[Curve, ...]

    @property
    def empty(self) -> bool:
        """Whether no curve has a finite value."""
        return not any(curve.lines for curve in (self.baseline, *self.panels))


def regularized(
    histories: Histories,
    *,
    variants: Iterable[str] | None = None,
    baseline: str = style.BASELINE,
    measure: str = metrics.DATA_LOSS,
) -> Regularized:
    """Each variant's curves alongside the baseline's.

    Args:
        histories: The study.
        variants: The variants to show, by default all but the baseline.
        baseline: The variant that the others are compared with.
        measure: A metric that Keras reported, or `"data_loss"`, which makes models with and without a
            penalty comparable.

    Raises:
        InputError: If the measure or a variant is unknown, or no variant is left.

    Example:
        >>> from regulab.histories.history import History
        >>> losses = {"train_data_loss": (0.6, 0.3), "val_data_loss": (0.6, 0.4)}
        >>> study = Histories((History("baseline", 0, losses), History("l2", 0, losses)))
        >>> [panel.variant for panel in regularized(study).panels]
        ['l2']
    """
    wanted = histories.variants if variants is None else tuple(variants)
    names = [name for name in wanted if name != baseline]
    if not names:
        raise InputError(f"Expected a variant besides '{baseline}'. Received: {', '.join(wanted) or 'none'}.")
    record = curves(histories, measure=measure, variants=[baseline, *names])
    return Regularized(measure, record.curves[0], record.curves[1:])


def draw_regularized(
    record: Regularized, *, figure: Figure | None = None, log: bool = False, title: str = ""
) -> Figure:
    """Draw a panel a variant, the variant in its colour over the baseline in grey.

    Args:
        record: What to draw.
        figure: An empty figure to draw into; a new one by default.
        log: Whether the measure's axis is logarithmic.
        title: What the models were trained on, shown below the heading.
    """
    columns = _columns(len(record.panels))
    rows = math.ceil(len(record.panels) / columns)
    drawn = (record.baseline, *record.panels)
    # Grey, whichever variant the others are compared with.
    background = replace(record.baseline, palette_index=0)
    metric = metrics.metric_title(record.measure)
    with style.context():
        size = (max(7.2, 3.4 * columns), 1.7 + 2.6 * rows if rows > 1 else 4.8)
        figure = figure or style.new_figure(*size, shown=True)
        figure.set_size_inches(*size)
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        epochs = max((len(line.mean) for curve in drawn for line in curve.lines), default=0)
        for panel, ax in zip(record.panels, grid.flat, strict=False):
            for layer in drawing_order((background, panel)):
                draw_curve(ax, layer)
        # Limits are shared: setting those of one panel sets them all, and exploding variants are
        # looked for among all of them.
        off_axis = finish_curve_axes(grid.flat[0], drawn, record.measure, epochs=epochs, log=log)
        for panel, ax in zip(record.panels, grid.flat, strict=False):
            ax.set_title(_panel_title(record, panel, off_axis), fontsize=11, pad=6)
        if record.empty:
            for ax in grid.flat[: len(record.panels)]:
                style.show_no_values(ax)
        for ax in grid.flat[len(record.panels) :]:
            ax.set_axis_off()
        for column in range(columns):
            lowest = (len(record.panels) - 1 - column) // columns
            grid[lowest, column].tick_params(labelbottom=True)
            # A label above an empty place would push the last row away.
            grid[lowest, column].set_xlabel("Epoch" if lowest == rows - 1 else "")
        figure.supylabel(f"{metric} (log scale)" if log else metric, fontsize=11)
        heading = style.figure_title(f"Regularized against {record.baseline.variant}", title)
        figure.suptitle(heading, x=0.01, ha="left", fontsize=12)
        _draw_legend(figure, record)
    return figure


def _panel_title(record: Regularized, panel: Curve, off_axis: Mapping[str, str]) -> str:
    variants = (panel.variant, record.baseline.variant)
    remarks = [remark for name, remark in off_axis.items() if name in variants]
    if not record.empty:
        without_values = [curve.variant for curve in (panel, record.baseline) if not curve.lines]
        remarks += [f"{name} has no finite values" for name in without_values]
    return "\n".join([style.wrapped_name(f"{panel.variant} against {record.baseline.variant}"), *remarks])


def _columns(panels: int) -> int:
    # Four panels stand in a square; beyond three a row they are too narrow to read at 800 pixels.
    return 2 if panels == 4 else min(panels, 3)


def _draw_legend(figure: Figure, record: Regularized) -> None:
    from matplotlib.lines import Line2D

    wide = style.line_style(0, covered_by=1)
    baseline = Line2D([], [], **{**wide, "marker": ""}, label=f"{record.baseline.variant}, in every panel")
    entries = [baseline, *line_style_entries((record.baseline, *record.panels))]
    figure.legend(handles=entries, loc="outside lower center", ncols=3)
