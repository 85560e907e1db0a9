from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_costs_of_a_drawing_are_printed_in_the_form_that_the_page_shows() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "playground.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    page = (ROOT / "docs" / "playground.md").read_text(encoding="utf-8")
    shown = re.search(r"output of `python benchmarks/playground.py` -->\n```text\n(.*?)```", page, re.DOTALL)
    assert shown is not None

    def form(text: str) -> list[str]:
        return [re.sub(r" +[\d.]+ (?=ms|kB)", " N ", line) for line in text.splitlines()]

    assert form(shown[1]) == form(printed)
