from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from regulab.errors import InputError
from regulab.figures import Curve, Curves, Line, curves, draw_curves
from regulab.figures.curve_drawing import visible_points
from regulab.figures.lines import line_over_seeds
from regulab.figures.style import PALETTE, colour
from regulab.histories.history import Histories, History
from regulab.variants import l2

NAN = math.nan


def flat(*values: float) -> Line:
    return Line(values, values, values)


def two_seeds() -> Histories:
    return Histories(
        (
            History("baseline", 0, {"train_data_loss": (0.6, 0.2), "val_data_loss": (0.5, 0.7)}),
            History("baseline", 1, {"train_data_loss": (0.4, 0.2), "val_data_loss": (0.7, 0.3)}),
            History("l2", 0, {"train_data_loss": (0.5, 0.4), "val_data_loss": (0.4, 0.5), "loss": (0.9, 0.8)}),
        )
    )


def test_a_record_holds_mean_and_range_over_seeds() -> None:
    assert curves(two_seeds()) == Curves(
        "data_loss",
        (
            Curve(
                "baseline",
                0,
                2,
                Line((0.5, 0.2), (0.4, 0.2), (0.6, 0.2)),
                Line((0.6, 0.5), (0.5, 0.3), (0.7, 0.7)),
                1,
            ),
            Curve("l2", 1, 1, flat(0.5, 0.4), flat(0.4, 0.5), 0),
        ),
    )


def test_a_variant_keeps_its_colour_when_shown_alone() -> None:
    (curve,) = curves(two_seeds(), variants=["l2"]).curves
    assert (curve.variant, curve.palette_index) == ("l2", 1)


def test_nan_and_infinity_are_left_out_of_mean_and_best_epoch() -> None:
    study = Histories(
        (
            History("baseline", 0, {"val_data_loss": (0.5, NAN, NAN)}),
            History("baseline", 1, {"val_data_loss": (0.7, math.inf, 0.2)}),
        )
    )
    (curve,) = curves(study).curves
    assert curve.validation == Line((0.6, NAN, 0.2), (0.5, NAN, 0.2), (0.7, NAN, 0.2))
    assert (curve.training, curve.best_epoch) == (None, 2)


def test_a_metric_that_one_variant_lacks_leaves_it_without_lines() -> None:
    baseline, l2 = curves(two_seeds(), measure="loss").curves
    assert (baseline.training, baseline.validation, baseline.best_epoch) == (None, None, None)
    assert (l2.training, l2.validation, l2.best_epoch) == (flat(0.9, 0.8), None, None)


def test_a_measure_without_a_validation_curve_is_a_training_curve_alone() -> None:
    study = Histories((History("baseline", 0, {"penalty": (0.2, 0.1), "learning_rate": (0.1, 0.1)}),))
    for measure in ("penalty", "learning_rate"):
        (curve,) = curves(study, measure=measure).curves
        assert curve.validation is None
        assert curve.training is not None


def test_the_best_accuracy_is_the_highest() -> None:
    study = Histories((History("baseline", 0, {"accuracy": (0.6, 0.9), "val_accuracy": (0.8, 0.7)}),))
    assert curves(study, measure="accuracy").curves[0].best_epoch == 0


def test_an_unknown_measure_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"No metric 'auc'\. Available: data_loss, loss\."):
        curves(two_seeds(), measure="auc")


def test_one_variant_may_be_given_by_its_name() -> None:
    assert curves(two_seeds(), variants="l2") == curves(two_seeds(), variants=["l2"])


def test_an_unknown_variant_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"No variant 'L3'\. Available: baseline, l2\."):
        curves(two_seeds(), variants=["L3"])


def record(*shown: Curve) -> Curves:
    return Curves("data_loss", shown)


def test_training_is_dotted_validation_solid_in_one_colour_from_epoch_one(ax) -> None:
    draw_curves(record(Curve("l2", 1, 1, flat(0.5, 0.4), flat(0.4, 0.5), 0)), ax=ax)
    training, validation = ax.get_lines()
    assert (training.get_linestyle(), validation.get_linestyle()) == (":", "-")
    assert training.get_color() == validation.get_color() == PALETTE[1]
    assert list(validation.get_xdata()) == [1, 2]
    assert (training.get_markevery(), validation.get_markevery()) == ([], [0])


def test_seeds_that_differ_get_a_band_and_the_legend_says_what_it_is(ax) -> None:
    spread = Line((0.5, 0.4), (0.4, 0.3), (0.6, 0.5))
    draw_curves(record(Curve("baseline", 0, 3, flat(0.5, 0.1), spread, 1)), ax=ax)
    assert len(ax.collections) == 1
    texts = [text.get_text() for text in ax.get_legend().get_texts() if text.get_text().strip()]
    assert texts == [
        "baseline (best epoch 2)",
        "validation",
        "training",
        "best epoch of the mean",
        "lowest to highest of 3 seeds",
    ]


def test_one_seed_has_no_band(ax) -> None:
    draw_curves(record(Curve("baseline", 0, 1, flat(0.5, 0.1), flat(0.5, 0.4), 1)), ax=ax)
    assert len(ax.collections) == 0
    assert "lowest" not in " ".join(text.get_text() for text in ax.get_legend().get_texts())


def test_the_best_epoch_is_marked_at_the_right_point_after_a_gap(ax) -> None:
    draw_curves(record(Curve("baseline", 0, 1, None, flat(NAN, 0.5, NAN, 0.4), 3)), ax=ax)
    (line,) = ax.get_lines()
    assert list(line.get_xdata()) == [2, 4]
    assert line.get_markevery() == [1]


def test_an_exploding_variant_leaves_the_axis_and_is_named(ax) -> None:
    draw_curves(
        record(
            Curve("baseline", 0, 1, None, flat(0.5, 0.8), 0),
            Curve("bigger", 1, 1, None, flat(0.5, 9e6), 0),
        ),
        ax=ax,
    )
    assert 0.8 < ax.get_ylim()[1] < 1
    assert "Above the axis: bigger goes up to 9e+06" in ax.get_title(loc="left")


def test_a_much_better_variant_does_not_drive_the_baseline_off_the_axis(ax) -> None:
    draw_curves(
        record(
            Curve("baseline", 0, 1, flat(2.2, 0.44), flat(2.19, 0.45), 1),
            Curve("bigger", 1, 1, flat(0.32, 0.01), flat(0.34, 0.1), 1),
        ),
        ax=ax,
    )
    assert ax.get_ylim()[1] > 2.2
    assert "Above the axis" not in ax.get_title(loc="left")


def test_a_baseline_that_explodes_after_its_best_epoch_leaves_the_axis(ax) -> None:
    draw_curves(
        record(
            Curve("baseline", 0, 1, None, flat(0.5, 9e6), 0),
            Curve("l2", 1, 1, None, flat(0.5, 0.8), 0),
        ),
        ax=ax,
    )
    assert ax.get_ylim()[1] < 1
    assert "Above the axis: baseline goes up to 9e+06" in ax.get_title(loc="left")


def around(ax, low: float, high: float) -> tuple[float, float]:
    """How far the axis goes on below and above some values, as shares of its height."""
    bottom, top = ax.get_ylim()
    return (low - bottom) / (top - bottom), (top - high) / (top - bottom)


@pytest.mark.parametrize(
    ("values", "from_zero"),
    [
        ((0.6, 0.3), True),
        ((0.6, 0.4), True),  # a third of the height
        ((0.6, 0.41), False),
        ((0.6935, 0.6921), False),
        ((2.31, 2.28), False),
        ((0.6, -0.3), False),
    ],
)
def test_the_axis_of_a_loss_starts_at_zero_unless_that_squeezes_the_curves(ax, values, from_zero) -> None:
    draw_curves(record(Curve("baseline", 0, 1, flat(*values), flat(*values), 1)), ax=ax)
    below, above = around(ax, 0.0 if from_zero else min(values), max(values))
    assert 0.01 < below < 0.06
    assert 0.03 < above < 0.06


def test_curves_in_a_narrow_band_stay_readable_beside_an_exploding_variant(ax) -> None:
    calm, wild = flat(0.693, 0.692), flat(0.693, 9e6)
    draw_curves(record(Curve("baseline", 0, 1, None, calm, 1), Curve("bigger", 1, 1, None, wild, 0)), ax=ax)
    assert 0.68 < ax.get_ylim()[0] < ax.get_ylim()[1] < 0.7
    assert "Above the axis: bigger goes up to 9e+06" in ax.get_title(loc="left")


def test_on_shared_axes_the_limits_hold_for_all_that_is_drawn() -> None:
    high, low = Curve("baseline", 0, 1, None, flat(0.9, 0.5), 1), Curve("l2", 1, 1, None, flat(0.5, 0.1), 1)
    for order in ((high, low), (low, high)):
        axes = Figure().subplots(1, 2, sharey=True)
        for ax, curve in zip(axes, order, strict=True):
            draw_curves(record(curve), ax=ax)
        assert all(ax.get_ylim()[0] < 0 < 0.9 < ax.get_ylim()[1] < 1 for ax in axes)


@pytest.mark.parametrize("value", [0.0, 0.5, 0.5 + 1e-12])
def test_a_flat_curve_is_not_magnified(ax, value: float) -> None:
    draw_curves(record(Curve("baseline", 0, 1, None, flat(0.5 * (value > 0), value), 0)), ax=ax)
    below, above = around(ax, value, value)
    assert min(below, above) > 0.2
    assert ax.get_ylim()[1] - ax.get_ylim()[0] >= 0.00009


def test_a_log_scale_shows_everything(ax) -> None:
    shown = record(Curve("baseline", 0, 1, None, flat(0.5, 0.8), 0), Curve("bigger", 1, 1, None, flat(0.5, 9e6), 0))
    draw_curves(shown, ax=ax, log=True)
    assert ax.get_yscale() == "log"
    assert ax.get_ylim()[1] > 9e6
    assert ax.get_ylabel() == "Loss without penalty (log scale)"


def test_a_variant_without_values_is_named_in_the_legend(ax) -> None:
    draw_curves(record(Curve("baseline", 0, 1, None, flat(0.5), 0), Curve("l1", 1, 1, None, None, None)), ax=ax)
    assert len(ax.get_lines()) == 1
    assert "l1 (no values)" in [text.get_text() for text in ax.get_legend().get_texts()]


def widths(ax) -> list[float]:
    """Of the validation lines, in the order drawn."""
    return [line.get_linewidth() for line in ax.get_lines() if line.get_label() and line.get_label()[0] != "_"]


def test_the_baseline_is_drawn_first_wider_and_paler(ax) -> None:
    l2, baseline = Curve("l2", 1, 1, None, flat(0.5, 0.4), 1), Curve("baseline", 0, 1, None, flat(0.6, 0.5), 1)
    draw_curves(record(l2, baseline), ax=ax)
    below, above = ax.get_lines()
    assert below.get_label() == "baseline (best epoch 2)"
    assert below.get_linewidth() == 2 * above.get_linewidth()
    assert below.get_markersize() > above.get_markersize()
    assert (below.get_markerfacecolor(), above.get_color()) == (PALETTE[0], PALETTE[1])
    assert below.get_color() > PALETTE[0]
    handles = ax.get_legend().legend_handles[:2]
    assert [handle.get_linewidth() for handle in handles] == [above.get_linewidth(), below.get_linewidth()]


def test_a_curve_that_another_would_hide_shows_on_both_sides_of_it(ax) -> None:
    line = flat(0.6, 0.5, 0.4)
    same = [Curve(name, index, 1, line, line, 2) for index, name in enumerate(("baseline", "l1", "l2"))]
    apart = Curve("dropout", 3, 1, line, flat(0.6, 0.5, 0.43), 2)
    draw_curves(record(*same, apart), ax=ax)
    assert widths(ax) == [*sorted(set(widths(ax)), reverse=True)[:2], 1.8, 1.8]


def test_a_baseline_without_variants_is_an_ordinary_curve(ax) -> None:
    draw_curves(record(Curve("baseline", 0, 1, flat(0.5, 0.1), flat(0.5, 0.4), 1)), ax=ax)
    assert {(line.get_color(), line.get_linewidth()) for line in ax.get_lines()} == {(PALETTE[0], 1.8)}


def test_a_single_epoch_shows_as_points(ax) -> None:
    draw_curves(record(Curve("baseline", 0, 1, flat(0.5), flat(0.4), 0)), ax=ax)
    assert [line.get_marker() for line in ax.get_lines()] == [".", "o"]


def test_the_course_draws_twelve_lines_in_six_colours_with_its_title(course, ax) -> None:
    draw_curves(curves(course), ax=ax, title="reviews (synthetic)")
    assert len(ax.get_lines()) == 12
    assert len({line.get_color() for line in ax.get_lines()}) == 6
    assert ax.get_lines()[1].get_markerfacecolor() == colour(0)
    assert ax.get_title(loc="left") == "Loss without penalty, epoch by epoch\nreviews (synthetic)"
    assert list(ax.get_xticks()) == [1, 5, 10, 15, 20]


@pytest.mark.parametrize("given", [[], l2(0.001), ["baseline", l2(0.001)], 1])
def test_variants_are_chosen_by_names(given) -> None:
    with pytest.raises(InputError, match=r"name or a list of names.*Received: variants=.*Leave it out to draw all"):
        curves(two_seeds(), variants=given)


def test_of_a_long_noisy_line_a_figure_shows_the_extremes_the_ends_and_the_marks() -> None:
    values = np.random.default_rng(0).random((2, 150_000))
    values[:, 70_001], values[:, 100_001], values[0, 3] = 3.0, -3.0, np.nan
    line = line_over_seeds(values)
    points = visible_points(line, {12_345})
    assert {0, 12_345, 70_001, 100_001, 149_999} <= set(points)
    assert list(points) == sorted(set(points))
    assert 2_000 < len(points) < 4_010
    assert min(line.low) == min(line.low[point] for point in points)


def test_a_study_of_150_000_epochs_is_drawn() -> None:
    validation = np.random.default_rng(0).random(150_000)
    measures = {"val_loss": tuple(validation.tolist())}
    ax = draw_curves(curves(Histories((History("l2", 0, measures),)), measure="loss"))
    (line,) = ax.lines
    best = int(validation.argmin())
    assert line.get_xdata()[line.get_markevery()].tolist() == [best + 1]
    assert len(line.get_xdata()) < 4_010
    ax.figure.canvas.draw()
