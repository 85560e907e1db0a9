"""The command that writes the table of docs/imdb.md, on a few synthetic reviews."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from regulab.errors import RegulabError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "imdb.md"
SCRIPT = runpy.run_path(str(ROOT / "benchmarks" / "imdb_curves.py"))


@pytest.mark.slow
def test_the_small_run_prints_the_table_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = PAGE.read_text(encoding="utf-8")
    assert SCRIPT["main"](["--small", "--reference", "1"]) == 0
    printed = capsys.readouterr().out
    names = ["smaller", "baseline", "bigger", "l2", "dropout", "l2+dropout", "baseline in stock Keras"]
    assert [line.split(" | ")[0].removeprefix("| ") for line in printed.splitlines()[2:9]] == names
    assert "reviews (synthetic)" in printed
    assert PAGE.read_text(encoding="utf-8") == before


def test_synthetic_figures_are_never_written_into_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert SCRIPT["main"](["--small", "--write"]) == 2
    assert "--small" in capsys.readouterr().err


def test_a_line_shows_the_range_over_seeds_beside_the_reference() -> None:
    row = SCRIPT["Row"]("l2", (0.05, 0.07), (0.28, 0.28), (3, 4), (0.47, 0.5))
    assert SCRIPT["report"]([row], {"l2": (0.069, 0.284, 3, 0.474)}).splitlines()[-1] == (
        "| l2 | 0.050–0.070 (0.069) | 0.280 (0.284) | 3–4 (3) | 0.470–0.500 (0.474) |"
    )


def test_the_table_replaces_what_stood_between_the_marks() -> None:
    first, last = SCRIPT["MARKS"]
    assert SCRIPT["with_table"](f"a\n{first}\nold\n{last}\nb", "new") == f"a\n{first}\n\nnew\n\n{last}\nb"
    with pytest.raises(RegulabError, match="Expected the marks"):
        SCRIPT["with_table"]("a page without marks", "new")
