from __future__ import annotations

import io
import math

import numpy as np
import pytest
from rich.console import Console

from regulab.cli.table import difference, print_results, verdict
from regulab.findings.advice import Recommendation
from regulab.findings.comparison import Comparison
from regulab.histories.history import Histories, History
from regulab.histories.store import ExampleLosses
from regulab.results import Results

EXAMPLES = np.linspace(-0.05, 0.05, 8)
BEST = {"baseline": 0.4, "l2": 0.3, "l2+dropout": 0.41}


def made(
    *, seeds: int = 3, variants: tuple[str, ...] = tuple(BEST), validation_is_test: bool = False, unit: float = 1
) -> Results:
    """Results without a training."""
    members, losses = [], {}
    for number, variant in enumerate(variants):
        for seed in range(seeds):
            best = BEST[variant] + 0.001 * math.cos(seed * (number + 1))
            measures = {"val_data_loss": (0.6, best, 0.5, 0.7), "train_data_loss": (0.6, 0.3, 0.2, 0.1)}
            measures = {measure: tuple(unit * value for value in values) for measure, values in measures.items()}
            members.append(History(variant, seed, measures))
            validation, test = best + EXAMPLES, best + 0.01 + EXAMPLES * (1 + number / 9)
            losses[variant, seed] = ExampleLosses(unit * validation, unit * test)
    study = {
        "data": {
            "name": "made",
            "title": "made (synthetic)",
            "source": "this test",
            "test": 8,
            "validation_is_test": validation_is_test,
        },
        "variants": [{"name": name, "parameters": 160_305, "capacity": False} for name in variants],
        "seeds": list(range(seeds)),
        "epochs": 4,
    }
    return Results(study=study, histories=Histories(tuple(members)), losses=losses)


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
    tables = lines[: next(place for place, line in enumerate(lines) if line == "this test")]
    assert max(map(len, tables)) <= 80
    assert "Against the baseline" in tables
    assert "l2 160,305 2 0.300 0.700 0.310" in cells(tables)
    assert any(line.startswith("l2 −0.1") and line.endswith("better") for line in cells(tables))
    assert not any("…" in line for line in lines)


def test_what_the_choice_flatters_is_said_after_the_conclusion() -> None:
    lines = printed(made(), 100)
    assert lines[-1] == (
        "On validation data l2 leads by 0.100; choosing among 3 on the same data flatters a lead over the baseline by "
        "less than 0.001 on average."
    )


def test_a_small_lead_is_not_written_as_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Results, "recommend", lambda _: Recommendation("l2", "", -0.00012, 0.0))
    assert printed(made(), 100)[-1].startswith("On validation data l2 leads by 0.0001; choosing among 3 ")


def test_without_variants_nothing_is_said_of_differences() -> None:
    text = "\n".join(printed(made(variants=("baseline",)), 100))
    assert "ifference" not in text
    assert "flatters" not in text


def test_one_seed_has_no_verdicts_and_the_tests_own_choice_is_named() -> None:
    lines = printed(made(seeds=1, validation_is_test=True), 100)
    assert any(line.endswith("one seed") for line in lines)
    assert not any(line.startswith("Verdict") for line in lines)
    assert any(line.startswith("TEST-USED-FOR-VALIDATION: The test examples served") for line in lines)


@pytest.mark.parametrize(
    ("value", "reach", "places", "text"),
    [
        (-0.0123, 0.01, 3, "−0.012 ± 0.010"),
        (0.0123, 0.01, 3, "+0.012 ± 0.010"),
        (-1e-9, 0.001, 3, "0.000 ± 0.001"),
        (-1.2e-5, 1.1e-5, 6, "−0.000012 ± 0.000011"),
        (-0.0003, 0.0001, 3, "−0.0003 ± 0.0001"),
        (123_456.7, 100_000, 0, "+123,457 ± 100,000"),
        (math.nan, math.nan, 3, "–"),
    ],
)
def test_a_difference_is_written_with_its_reach(value: float, reach: float, places: int, text: str) -> None:
    found = Comparison("l2", "baseline", value, value - reach, value + reach, 0.0, 3, 9, "test")
    assert difference(found, places) == text


def test_losses_of_another_size_are_written_with_as_many_places() -> None:
    lines = cells(printed(made(unit=1e-3), 100))
    assert any(line.startswith("l2 160,305 2 0.000300 0.000700 0.000310 −0.000100 ±") for line in lines)
    assert any("validation loss 0.000400 after epoch 2" in line for line in lines)
    assert any("l2 leads by 0.000100" in line for line in lines)
    lines = cells(printed(made(unit=1e6), 100))
    assert any(line.startswith("l2 160,305 2 299,977 700,000 309,977 −100,398 ±") for line in lines)


def test_a_verdict_is_written_short() -> None:
    assert verdict(Comparison("l2", "baseline", -0.1, -0.2, 0.1, 0.1, 3, 9, "test", 0.3)) == "not detectable"
    assert verdict(Comparison("l2", "baseline", -0.2, -0.3, -0.1, 0.1, 3, 9, "test", 0.01)) == "better"
