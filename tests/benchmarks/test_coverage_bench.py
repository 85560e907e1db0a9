"""The coverage bench on very few studies."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "statistics"


def test_the_report_names_the_size_with_which_the_bootstrap_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    coverage = runpy.run_path(str(FOLDER / "coverage.py"))
    coverages = list(coverage["measure_coverage"]({40: 2, 20: 2}))
    assert {coverage_.examples for coverage_ in coverages if coverage_.bootstrap == coverage_.bootstrap} == {20}
    text = " ".join(coverage["report"](coverages, []).split())
    assert "with 20, 40 examples and 6 variants, none of which differs; the bootstrap with 20 examples only." in text
