from __future__ import annotations

import re
from pathlib import Path

from regulab.diagnosis.checks.underfitting import check_study
from regulab.histories.history import Histories, History

ROOT = Path(__file__).parents[3]


def codes() -> set[str]:
    """Every code that a check gives."""
    files = (ROOT / "src/regulab/findings/checks").glob("*.py")
    return {code for file in files for code in re.findall(r'code="([A-Z-]+)"', file.read_text(encoding="utf-8"))}


def test_every_finding_has_a_page_of_its_own_in_the_index() -> None:
    folder = ROOT / "docs/findings"
    assert len(codes()) == 15
    assert {f"{code.lower()}.md" for code in codes()} == {page.name for page in folder.glob("*.md")} - {"index.md"}
    index = (folder / "index.md").read_text(encoding="utf-8")
    for code in codes():
        assert f"{{doc}}`{code} <{code.lower()}>`" in index
        page = (folder / f"{code.lower()}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {code}\n")
        assert [line for line in page.splitlines() if line.startswith("## ")] == [
            "## How it is detected",
            "## Why it matters",
            "## What to do",
        ]


def test_the_severities_in_the_index_are_those_of_the_study_checks() -> None:
    about_study = (ROOT / "docs/findings/index.md").read_text(encoding="utf-8").partition("About a study")[2]
    (severity,) = re.findall(r"^\| \{doc\}`UNDERFITTING [^|]*\| ([^|]*) \|", about_study, re.MULTILINE)
    losses = {
        name: History(name, 0, {"train_data_loss": (level,) * 6, "val_data_loss": (level,) * 6})
        for name, level in (("smaller", 0.7), ("baseline", 0.3))
    }
    assert [str(each.severity) for each in check_study({}, Histories(tuple(losses.values())))] == [severity]
