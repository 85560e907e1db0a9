from __future__ import annotations

import math

from regulab.comparison.paired import Comparison
from regulab.comparison.verdict_wording import interval_note, undetected_notes, verdict_cell


def comparison(low: float, high: float, *, p_value: float, parts: tuple[float, float] = (1e-4, 1e-4)) -> Comparison:
    return Comparison(
        "l2", "baseline", (low + high) / 2, low, high, 0.014, 3, 150, "test", p_value, *parts, 0.4, comparisons=5
    )


def test_what_is_not_detectable_is_told_with_the_size_that_is() -> None:
    cell = verdict_cell(comparison(-0.1, 0.1, p_value=0.7), 3)
    assert cell.startswith("not detectable below 0.1")
    assert "p =" not in cell


def test_where_the_interval_excludes_zero_the_reason_stands_beside_the_verdict() -> None:
    undetected = comparison(-0.2, -0.1, p_value=0.083)
    assert verdict_cell(undetected, 3).endswith(" (p = 0.083)")
    assert undetected_notes([undetected], 3)[-1].startswith("p: above 0.05 nothing is claimed")
    assert verdict_cell(comparison(-0.2, -0.1, p_value=0.01), 3) == "better"


def test_what_a_hundredth_of_the_loss_would_take_is_told() -> None:
    (note,) = undetected_notes([comparison(-0.1, 0.1, p_value=0.7, parts=(0.0, 1e-5))], 3)
    assert note.startswith("Not detectable below: a true difference of that size is detected four times in five.")
    assert " To see 1% of the baseline's loss (0.004) for l2, it takes about " in note
    assert note.endswith(" examples to compare on.")
    (note,) = undetected_notes([comparison(-0.1, 0.1, p_value=0.7)], 3)
    assert note.endswith(" it takes both more seeds and more examples.")


def test_where_all_is_detected_or_nothing_is_known_of_the_noise_there_is_no_note() -> None:
    assert undetected_notes([comparison(-0.2, -0.1, p_value=0.01)], 3) == []
    assert undetected_notes([comparison(-0.1, 0.1, p_value=1.0, parts=(math.nan, math.nan))], 3) == []


def test_one_seed_is_told_to_have_no_interval() -> None:
    assert "95% interval" in interval_note("test")
    assert "One seed has no interval" in interval_note("test", one_seed=True)
