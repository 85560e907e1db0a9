"""Text between the marks of a page, and the benchmarks that share it."""

from __future__ import annotations

import doctest
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from regulab.errors import InputError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PAGES = runpy.run_path(str(BENCHMARKS / "pages.py"))
between = PAGES["between"]
MARKS = ("<!-- a -->", "<!-- end -->")


def test_the_example_is_right() -> None:
    (example,) = doctest.DocTestFinder().find(between, "between", module=False, globs=PAGES)
    assert doctest.DocTestRunner().run(example) == (0, 1)


def test_only_the_first_text_after_its_mark_is_replaced_and_taken_literally() -> None:
    page = "<!-- end --><!-- a -->old<!-- end --><!-- b -->kept<!-- end -->"
    assert between(page, r"\1", marks=MARKS) == (
        "<!-- end --><!-- a -->\n\n\\1\n\n<!-- end --><!-- b -->kept<!-- end -->"
    )


@pytest.mark.parametrize("page", ["no mark", "<!-- a --> never ends", "<!-- end --> before <!-- a -->"])
def test_a_page_without_both_marks_in_their_order_is_refused(page: str) -> None:
    with pytest.raises(InputError, match="Expected the marks <!-- a --> and <!-- end -->"):
        between(page, "new", marks=MARKS)


@pytest.mark.parametrize(
    "script",
    [
        ("speed", "--render", "--print-only", "--folder", "."),
        ("verdicts/run.py", "--help"),
        ("statistics/coverage.py", "--help"),
        ("imdb_curves.py", "--help"),
    ],
    ids=lambda script: script[0],
)
def test_a_benchmark_that_writes_a_page_starts_in_any_folder(script: tuple[str, ...], tmp_path: Path) -> None:
    name, *options = script
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / name), *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
