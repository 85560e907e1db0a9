from __future__ import annotations

import re
from pathlib import Path

from regulab.diagnosis.checks import CHECKS, CODES, STUDY_CHECKS
from regulab.diagnosis.finding import SEVERITIES
from regulab.diagnosis.run_checks import diagnose_study
from regulab.histories.history import Histories, History

ROOT = Path(__file__).parents[3]


def test_every_finding_has_a_page_of_its_own_in_the_index() -> None:
    folder = ROOT / "docs/findings"
    assert len(CODES) == 19
    assert {f"{code.lower()}.md" for code in CODES} == {page.name for page in folder.glob("*.md")} - {"index.md"}
    index = (folder / "index.md").read_text(encoding="utf-8")
    for code in CODES:
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
    assert [finding.severity for finding in diagnose_study({}, Histories(tuple(losses.values())))] == [severity]


def test_every_check_says_what_it_finds_how_severe_it_is_and_where_it_is_documented() -> None:
    for check in (*CHECKS, *STUDY_CHECKS):
        assert check.severity in SEVERITIES
        assert check.title[0].isupper()
        assert check.docs == f"findings/{check.code.lower()}"
        assert (ROOT / "docs" / f"{check.docs}.md").is_file()
        assert type(check).__doc__
