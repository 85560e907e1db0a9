from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from regulab.errors import InputError
from regulab.figures import Curve, Line, Regularized, draw_regularized, regularized
from regulab.figures.style import PALETTE
from regulab.histories.history import Histories, History


def flat(*values: float) -> Line:
    return Line(values, values, values)


def panel(name: str, palette_index: int, last: float = 0.7) -> Curve:
    return Curve(name, palette_index, 1, flat(0.5, 0.2), flat(0.4, last), 0)


def test_the_record_separates_the_baseline_from_the_panels() -> None:
    losses = {"train_data_loss": (0.5, 0.2), "val_data_loss": (0.4, 0.7)}
    study = Histories(tuple(History(name, 0, losses) for name in ("l2", "baseline", "dropout")))
    assert regularized(study) == Regularized("data_loss", panel("baseline", 0), (panel("l2", 1), panel("dropout", 2)))


def test_a_study_of_the_baseline_alone_has_nothing_to_compare() -> None:
    study = Histories((History("baseline", 0, {"val_data_loss": (0.4,)}),))
    with pytest.raises(InputError, match="Expected a variant besides 'baseline'"):
        regularized(study)


def test_each_panel_shows_the_variant_over_the_baseline_on_shared_axes() -> None:
    record = Regularized("data_loss", panel("baseline", 0), (panel("l2", 1), panel("dropout", 2, last=0.9)))
    figure = draw_regularized(record, figure=Figure(layout="constrained"), title="digits")
    l2, dropout = figure.axes
    assert [ax.get_title(loc="left") for ax in (l2, dropout)] == ["l2 against baseline", "dropout against baseline"]
    assert [line.get_markerfacecolor() for line in l2.get_lines()] == [PALETTE[0]] * 2 + [PALETTE[1]] * 2
    assert [line.get_linewidth() for line in l2.get_lines()] == [3.6] * 2 + [1.8] * 2
    assert l2.get_ylim() == dropout.get_ylim()
    assert figure.get_suptitle() == "Regularized against baseline\ndigits"


def test_an_exploding_variant_does_not_flatten_the_other_panels() -> None:
    record = Regularized("data_loss", panel("baseline", 0), (panel("l2", 1), panel("l1", 2, last=1e6)))
    l2, l1 = draw_regularized(record, figure=Figure(layout="constrained")).axes
    assert l2.get_ylim()[1] < 1
    assert "l1 goes up to 1e+06" in l1.get_title(loc="left")
    assert "goes up" not in l2.get_title(loc="left")


@pytest.mark.parametrize(("panels", "shape"), [(1, (1, 1)), (3, (1, 3)), (4, (2, 2)), (5, (2, 3)), (8, (3, 3))])
def test_panels_stand_in_rows_of_three_at_most(panels: int, shape: tuple[int, int]) -> None:
    record = Regularized("data_loss", panel("baseline", 0), tuple(panel(f"v{i}", i + 1) for i in range(panels)))
    figure = draw_regularized(record, figure=Figure(layout="constrained"))
    assert figure.axes[0].get_gridspec().get_geometry() == shape
    assert sum(ax.axison for ax in figure.axes) == panels
    bottom = [ax for ax in figure.axes if ax.get_xlabel() == "Epoch"]
    assert len(bottom) == panels - shape[1] * (shape[0] - 1)


def test_a_panel_says_whose_curves_are_missing() -> None:
    lost = Curve("l1", 2, 1, None, None, None)
    record = Regularized("data_loss", panel("baseline", 0), (panel("l2", 1), lost))
    titles = [ax.get_title(loc="left") for ax in draw_regularized(record, figure=Figure(layout="constrained")).axes]
    assert titles == ["l2 against baseline", "l1 against baseline\nl1 has no finite values"]


def test_the_variant_that_others_are_compared_with_is_drawn_in_grey_behind_them() -> None:
    record = Regularized("data_loss", panel("l1", 3), (panel("l2", 1),))
    (ax,) = draw_regularized(record, figure=Figure(layout="constrained")).axes
    assert [line.get_markerfacecolor() for line in ax.get_lines()] == [PALETTE[0]] * 2 + [PALETTE[1]] * 2


def test_long_names_do_not_run_into_the_next_panel() -> None:
    long = "l2(0.001)+dropout(0.3)+label_smoothing(0.1)"
    panels = tuple(panel(f"{long}+{number}", number) for number in (1, 2, 3))
    figure = draw_regularized(
        Regularized("data_loss", panel("baseline", 0), panels), figure=Figure(layout="constrained")
    )
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))
