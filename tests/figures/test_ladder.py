from __future__ import annotations

import math

import pytest

from regulab.errors import InputError
from regulab.figures import Ladder, Line, draw_ladder, ladder
from regulab.histories.history import Histories, History


def member(variant: str, seed: int, train: tuple[float, ...], val: tuple[float, ...]) -> History:
    return History(variant, seed, {"train_data_loss": train, "val_data_loss": val})


def test_rungs_go_by_size_and_each_seed_counts_at_its_own_best_epoch() -> None:
    study = Histories(
        (
            member("baseline", 0, (0.5, 0.25), (0.5, 1.0)),
            member("baseline", 1, (0.5, 0.75), (1.0, 0.25)),
            member("smaller", 0, (0.5, 0.5), (0.5, math.nan)),
        )
    )
    assert ladder(study, {"baseline": 90, "smaller": 10}, variants=["baseline", "smaller"]) == Ladder(
        variants=("smaller", "baseline"),
        parameters=(10, 90),
        seeds=2,
        best_validation=Line((0.5, 0.375), (0.5, 0.25), (0.5, 0.5)),
        last_validation=Line((math.nan, 0.625), (math.nan, 0.25), (math.nan, 1.0)),
        last_training=Line((0.5, 0.5), (0.5, 0.25), (0.5, 0.75)),
    )


def test_a_variant_without_a_parameter_count_is_named(course) -> None:
    with pytest.raises(InputError, match="Received none for: bigger"):
        ladder(course, {"baseline": 10}, variants=["baseline", "bigger"])


def test_a_history_without_the_penalty_free_loss_is_refused() -> None:
    study = Histories((History("baseline", 0, {"loss": (0.5,)}),))
    with pytest.raises(InputError, match=r"Expected the measure 'val_data_loss' of variant 'baseline'.*loss"):
        ladder(study, {"baseline": 10}, variants=["baseline"])


def rungs(*names: str, parameters: tuple[int, ...], last: tuple[float, ...]) -> Ladder:
    low = Line((0.3,) * len(names), (0.3,) * len(names), (0.3,) * len(names))
    return Ladder(names, parameters, 1, low, Line(last, last, last), low)


def test_three_lines_over_a_log_axis_labelled_with_name_and_count(ax) -> None:
    draw_ladder(rungs("smaller", "bigger", parameters=(40_029, 5_383_681), last=(0.5, 0.9)), ax=ax, title="digits")
    assert [line.get_label() for line in ax.get_lines()] == [
        "validation, last epoch",
        "validation, best epoch",
        "training, last epoch",
    ]
    assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "-", ":"]
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["smaller\n40,029", "bigger\n5,383,681"]
    assert ax.get_title(loc="left") == "Validation loss by model size\ndigits"


def test_sizes_close_together_do_not_write_over_each_other(ax) -> None:
    draw_ladder(rungs("a", "b", "c", parameters=(1000, 1010, 90_000), last=(0.5, 0.6, 0.7)), ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a\n1,000", "\n\nb\n1,010", "c\n90,000"]


def test_exploded_and_lost_sizes_are_named(ax) -> None:
    last = (0.5, 7e5, math.nan)
    draw_ladder(rungs("a", "b", "c", parameters=(10, 100, 1000), last=last), ax=ax)
    title = ax.get_title(loc="left")
    assert "Above the axis: b goes up to 7e+05" in title
    assert "Not a number at the last epoch: c" in title
    assert ax.get_ylim()[1] < 1


def test_a_much_better_size_does_not_drive_the_baseline_off_the_axis(ax) -> None:
    line = Line((0.448, 0.102), (0.448, 0.102), (0.448, 0.102))
    draw_ladder(Ladder(("baseline", "bigger"), (10, 100), 1, line, line, line), ax=ax)
    assert ax.get_ylim()[1] > 0.448
    assert "Above the axis" not in ax.get_title(loc="left")


def test_losses_in_a_narrow_band_fill_the_axis(ax) -> None:
    line = Line((0.692, 0.693), (0.692, 0.693), (0.692, 0.693))
    draw_ladder(Ladder(("a", "b"), (10, 100), 1, line, line, line), ax=ax)
    bottom, top = ax.get_ylim()
    assert 0.690 < bottom < 0.692
    assert 0.693 < top < 0.695
