"""What docs/diagnose.md shows is what regulab prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulab.cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "diagnose.md").read_text(encoding="utf-8")


def test_the_report_shown_is_that_of_the_losses_of_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, dict[str, list[float]]] = {}
    exec(next(line for line in code.splitlines() if line.startswith("losses = ")), names)
    losses = names["losses"]
    rows = [",".join(losses), *(",".join(map(str, row)) for row in zip(*losses.values(), strict=True))]
    monkeypatch.chdir(tmp_path)
    Path("history.csv").write_text("\n".join(rows))
    shown = re.search(r"<!-- output of .*?```console\n\$ regulab (.*?)\n(.*?)```\n<!-- end", PAGE, re.DOTALL)
    assert shown is not None
    printed = CliRunner().invoke(cli, shown[1].split()).stdout
    # The page breaks lines as a terminal does.
    assert shown[2].split() == printed.split()


def test_the_json_line_shown_reads(tmp_path: Path) -> None:
    (line,) = re.findall(r"^\| JSON lines .*`(.*?)` \|$", PAGE, re.MULTILINE)
    (tmp_path / "log.jsonl").write_text(f"{line}\n")
    result = CliRunner().invoke(cli, ["diagnose", str(tmp_path / "log.jsonl")])
    assert result.stdout.startswith("log.jsonl: cannot tell: too few epochs\n")
