from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from made import made
from regulab.cli.table import print_results
from regulab.comparison.paired import Comparison
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.verdict_wording import short_verdict
from regulab.report.table import difference, difference_columns
from regulab.results import Results


def printed(results: Results, width: int) -> list[str]:
    file = io.StringIO()
    print_results(results, console=Console(file=file, width=width, highlight=False))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def cells(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def test_where_there_is_room_the_difference_stands_in_the_table() -> None:
    lines = printed(made(), 100)
    assert max(len(line) for line in lines[:9]) <= 100
    assert any(line.startswith("l2 160,305 2 0.300 0.700 0.310 −0.1") for line in cells(lines))
    assert any(line.endswith("better") for line in cells(lines))
    assert "Against the baseline" not in lines
    assert "Verdict, corrected for 2 comparisons: where nothing differs, at most 5% of studies claim a difference." in (
        lines
    )


def test_where_there_is_none_it_stands_in_a_table_of_its_own() -> None:
    lines = printed(made(), 80)
    tables = lines[: next(index for index, line in enumerate(lines) if line == "this test")]
    assert max(map(len, tables)) <= 80
    assert "Against the baseline" in tables
    assert "l2 160,305 2 0.300 0.700 0.310" in cells(tables)
    assert any(line.startswith("l2 −0.1") and line.endswith("better") for line in cells(tables))
    assert not any("…" in line for line in lines)


def test_the_optimism_of_the_choice_follows_the_conclusion() -> None:
    lines = printed(made(), 100)
    assert lines[-1] == (
        "On validation data l2 leads by 0.100; choosing from 3 on the same data exaggerates a lead over the baseline "
        "by less than 0.001 on average."
    )


def test_where_the_baseline_is_chosen_no_lead_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Results, "recommend", lambda _: Recommendation("baseline", "", 0.0, 0.0123))
    assert printed(made(), 100)[-1] == (
        "The baseline is chosen, so no lead is claimed. Choosing the best of 3 on validation data would exaggerate "
        "its lead by about 0.012 on average."
    )


def test_a_small_lead_is_not_written_as_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Results, "recommend", lambda _: Recommendation("l2", "", -0.00012, 0.0))
    assert printed(made(), 100)[-1].startswith("On validation data l2 leads by 0.0001; choosing from 3 ")


def test_without_variants_nothing_is_said_of_differences() -> None:
    text = "\n".join(printed(made(variants=("baseline",)), 100))
    assert "ifference" not in text
    assert "on average" not in text


def test_one_seed_has_no_verdicts_and_the_tests_own_choice_is_named() -> None:
    lines = printed(made(seeds=1, validation_is_test=True), 100)
    assert any(line.endswith("one seed") for line in lines)
    assert not any("±" in line or "95% interval" in line for line in lines)
    assert not any(line.startswith("Verdict") for line in lines)
    assert any(line.startswith("TEST-USED-FOR-VALIDATION: The test examples were used") for line in lines)


@pytest.mark.parametrize(
    ("value", "reach", "places", "text"),
    [
        (-0.0123, 0.01, 3, "−0.012 ± 0.010"),
        (0.0123, 0.01, 3, "+0.012 ± 0.010"),
        (-1e-9, 0.001, 3, "0.000 ± 0.001"),
        (-1.2e-5, 1.1e-5, 6, "−0.000012 ± 0.000011"),
        (-0.0003, 0.0001, 3, "−0.0003 ± 0.0001"),
        # What is claimed shows: the interval has a width, and zero lies outside of it.
        (-0.00123, 0.00004, 3, "−0.00123 ± 0.00004"),
        (-0.00142, 0.00141, 3, "−0.00142 ± 0.00141"),
        (0.184, math.nan, 3, "+0.184"),
        (123_456.7, 100_000, 0, "+123,457 ± 100,000"),
        (math.nan, math.nan, 3, "–"),
    ],
)
def test_a_difference_is_written_with_its_reach(value: float, reach: float, places: int, text: str) -> None:
    comparison = Comparison("l2", "baseline", value, value - reach, value + reach, 0.0, 3, 9, "test")
    assert difference(comparison, places) == text


def test_losses_of_another_size_are_written_with_as_many_places() -> None:
    lines = cells(printed(made(unit=1e-3), 100))
    assert any(line.startswith("l2 160,305 2 0.000300 0.000700 0.000310 −0.000100 ±") for line in lines)
    assert any("validation loss 0.000400 after epoch 2" in line for line in lines)
    assert any("l2 leads by 0.000100" in line for line in lines)
    lines = cells(printed(made(unit=1e6), 100))
    assert any(line.startswith("l2 160,305 2 299,977 700,000 309,977 −100,398 ±") for line in lines)


def test_that_seeds_disagree_stands_beside_the_verdict() -> None:
    worse = Comparison("smaller", "baseline", 0.2, 0.1, 0.3, 0.1, 3, 9, "test", 0.01)
    _, verdicts = difference_columns([worse], ["baseline", "smaller"], places=3, disagreeing={"smaller"})
    assert verdicts.cells == ("", "worse, seeds disagree")


def test_a_verdict_is_written_short() -> None:
    assert (
        short_verdict(Comparison("l2", "baseline", -0.1, -0.2, 0.1, 0.1, 3, 9, "test", 0.3).verdict) == "not detectable"
    )
    assert short_verdict(Comparison("l2", "baseline", -0.2, -0.3, -0.1, 0.1, 3, 9, "test", 0.01).verdict) == "better"
