"""A measure against epochs, training and validation together, one colour a variant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError
from regulab.figures import metrics, style
from regulab.figures.axes import finish_curve_axes
from regulab.figures.curve_drawing import draw_curve, drawing_order
from regulab.figures.legends import legend_on_the_right, line_style_entries
from regulab.figures.lines import Curve, Line, line_over_seeds
from regulab.histories.history import Histories
from regulab.histories.metrics import direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Curves:
    """What `draw_curves` draws.

    Attributes:
        measure: The metric, or `"data_loss"`.
        curves: A curve a variant, in the order asked for.
    """

    measure: str
    curves: tuple[Curve, ...]

    @property
    def epochs(self) -> int:
        """How many epochs the longest curve has."""
        return max((len(line.mean) for curve in self.curves for line in curve.lines), default=0)

    @property
    def empty(self) -> bool:
        """Whether no curve has a finite value."""
        return not any(curve.lines for curve in self.curves)


def curves(
    histories: Histories, *, measure: str = metrics.DATA_LOSS, variants: str | Iterable[str] | None = None
) -> Curves:
    """Mean and range over seeds of a measure's training and validation curves.

    Args:
        histories: The study.
        measure: A metric that Keras reported, such as `"loss"`, or `"data_loss"`: the loss without
            penalty and with dropout off, on both splits.
        variants: Names of the variants to show, or one name; all of them by default. A variant keeps its colour.

    Raises:
        InputError: If the measure or a variant is unknown, or none is named.

    Example:
        >>> from regulab.histories.history import History
        >>> losses = {"loss": (0.9, 0.5), "val_loss": (0.6, 0.7)}
        >>> record = curves(Histories((History("l2", 0, losses),)), measure="loss")
        >>> record.curves[0].best_epoch, record.curves[0].validation.mean
        (0, (0.6, 0.7))
    """
    metrics.check_metric(measure, histories.measures)
    palette_indices = style.palette_indices(histories.variants)
    if isinstance(variants, str):
        variants = (variants,)
    names = histories.variants if variants is None else _names(variants)
    return Curves(measure, tuple(_curve(histories, measure, name, palette_indices) for name in names))


def _names(variants: Any) -> tuple[str, ...]:
    names = tuple(variants) if isinstance(variants, Iterable) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            "Expected `variants` as a name or a list of names, such as ['baseline', 'l2']. "
            f"Received: variants={variants!r}. Leave it out to draw all."
        )
    return names


def _curve(histories: Histories, measure: str, variant: str, palette_indices: Mapping[str, int]) -> Curve:
    seeds = len(histories.of(variant))
    training, validation = (_line(histories, name, variant) for name in metrics.curve_names(measure))
    return Curve(variant, palette_indices[variant], seeds, training, validation, best_epoch(validation, measure))


def _line(histories: Histories, name: str, variant: str) -> Line | None:
    """The line of a measure, None where it has no finite value or, as for many metrics, one of two was not measured."""
    if name not in histories.measures:
        return None
    line = line_over_seeds(histories.array(name, variant))
    return line if line.points else None


def best_epoch(validation: Line | None, measure: str) -> int | None:
    """The 0-based epoch at which a mean validation curve is best, None where that cannot be told.

    Example:
        >>> line = Line((0.7, 0.9, 0.8), (0.7, 0.9, 0.8), (0.7, 0.9, 0.8))
        >>> best_epoch(line, "loss"), best_epoch(line, "accuracy"), best_epoch(line, "learning_rate")
        (0, 1, None)
    """
    better = direction(measure)
    if validation is None or better is None:
        return None
    sign = 1 if better == "lower" else -1
    return min(validation.points, key=lambda epoch: sign * validation.mean[epoch], default=None)


def draw_curves(record: Curves, *, ax: Axes | None = None, log: bool = False, title: str = "") -> Axes:
    """Draw curves: training dotted, validation solid, seeds as a band, the best epoch marked.

    The baseline, and whatever another curve would hide, is drawn wider and paler below it.
    The axis of a loss ends below variants that explode, and a note names them. It starts at zero, unless
    the curves would fill less than a third of it.

    Args:
        record: What to draw.
        ax: Where to draw; a new figure by default.
        log: Whether the measure's axis is logarithmic.
        title: What the models were trained on, shown below the heading.
    """
    with style.context():
        ax = style.axes_or_new(ax)
        layers = drawing_order(record.curves)
        for layer in layers:
            draw_curve(ax, layer, label=_label(layer.curve))
        off_axis = finish_curve_axes(ax, record.curves, record.measure, epochs=record.epochs, log=log)
        metric = metrics.metric_title(record.measure)
        ax.set_title(style.figure_title(f"{metric}, epoch by epoch", title, {"Above the axis": off_axis.values()}))
        ax.set_xlabel("Epoch")
        ax.set_ylabel(f"{metric} (log scale)" if log else metric)
        if record.empty:
            style.show_no_values(ax)
        _draw_legend(ax, record, {layer.curve.variant: layer.covered_by for layer in layers})
    return ax


def _label(curve: Curve) -> str:
    if not curve.lines:
        return f"{curve.variant} (no values)"
    return curve.variant if curve.best_epoch is None else f"{curve.variant} (best epoch {curve.best_epoch + 1})"


def _draw_legend(ax: Axes, record: Curves, covered_by: Mapping[str, int]) -> None:
    from matplotlib.lines import Line2D

    variants = [
        Line2D(
            [],
            [],
            linestyle=":" if curve.validation is None else "-",
            label=_label(curve),
            markevery=[] if curve.best_epoch is None else None,
            **style.line_style(curve.palette_index, covered_by=covered_by[curve.variant]),
        )
        for curve in record.curves
    ]
    spacer = Line2D([], [], linestyle="", label=" ")
    entries = [*variants, spacer, *line_style_entries(record.curves)]
    if len(record.curves) > 2:
        legend_on_the_right(ax, entries)
    else:
        ax.legend(handles=entries, loc="best")
