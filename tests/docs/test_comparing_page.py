"""What docs/comparing.md shows comes out again when it is simulated anew, with fewer studies."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from statistics import mean
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "comparing.md").read_text(encoding="utf-8")
MEASURED = PAGE.partition("<!-- written by benchmarks/statistics/coverage.py -->")[2].partition("<!-- end")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in MEASURED.splitlines() if re.match(r"\| ?\d", line)
]
_PAIR = r" (-?[\d.]+) ± ([\d.]+) \| (-?[\d.]+) \|"
OPTIMISM = re.findall(rf"^\| ([^|]+?) \| (\d+) \|{_PAIR}{_PAIR}$", MEASURED, re.MULTILINE)


def share(cell: str) -> tuple[float, float]:
    low, high = cell.rstrip("%").split("–")
    return float(low), float(high)


@pytest.fixture(scope="module")
def coverage() -> SimpleNamespace:
    """The bench that writes the page's tables."""
    folder = ROOT / "benchmarks" / "statistics"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        return SimpleNamespace(**runpy.run_path(str(folder / "coverage.py")))


def test_the_page_has_a_row_for_every_setting(coverage: SimpleNamespace) -> None:
    assert [int(row[0]) for row in ROWS] == list(coverage.SEEDS)
    assert len(OPTIMISM) == 16


@pytest.mark.slow
def test_simulated_again_intervals_cover_and_studies_claim_as_the_page_says(coverage: SimpleNamespace) -> None:
    simulated = list(coverage.measure_coverage({300: 200}))
    for seeds, *cells in ROWS:
        group = [result for result in simulated if result.seeds == int(seeds)]
        interval, claims = (100 * mean(getattr(result, name) for result in group) for name in ("interval", "claims"))
        assert 93 <= interval <= 97
        assert claims <= 5
        # 800 studies here, and many more there: within two points of the range on the page.
        for value, cell in ((interval, cells[0]), (claims, cells[3])):
            low, high = share(cell)
            assert low - 2 <= value <= high + 2


@pytest.mark.slow
def test_simulated_again_optimism_and_what_is_printed_of_it_are_as_on_the_page(
    coverage: SimpleNamespace,
) -> None:
    simulated = {(result.case, result.seeds, result.fixed): result for result in coverage.measure_flattery(studies=100)}
    for case, seeds, *numbers in OPTIMISM:
        values = [float(number) for number in numbers]
        for fixed, (optimism, error, printed) in ((False, values[:3]), (True, values[3:])):
            result = simulated[case, int(seeds), fixed]
            assert abs(result.simulated - optimism) <= 4 * (result.error**2 + error**2) ** 0.5
            assert result.printed == pytest.approx(printed, rel=0.2, abs=0.004)


@pytest.mark.slow
def test_the_simulation_runs_and_its_report_has_the_form_of_the_page() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "statistics" / "coverage.py"), "--small"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    shown = [line for line in MEASURED.splitlines() if line.startswith("| seeds") or line.startswith("| what")]
    assert [line for line in shown if line not in done.stdout] == []
