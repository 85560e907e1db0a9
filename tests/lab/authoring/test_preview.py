from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulab.cli import cli
from regulab.lab.authoring.loading import load
from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.preview import page
from regulab.lab.authoring.template import write

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Outline(HTMLParser):
    """The elements of a page, and whether each was closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.folded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "details" in self.open:
            self.folded.append(data)


@pytest.fixture(scope="module")
def text() -> str:
    return page(load("avoid-overfitting"))


def test_the_page_holds_every_task_with_its_minutes(text: str) -> None:
    for task in load("avoid-overfitting").tasks:
        assert f'<article id="{task.id}">' in text
    assert "15 tasks · about 73 minutes" in text


def test_the_page_is_whole_and_loads_nothing(text: str) -> None:
    outline = Outline(text)
    assert outline.open == []
    tags = {tag for tag, _ in outline.seen}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio", "svg"}
    for tag, attributes in outline.seen:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "style")], tag
        assert (attributes.get("href") or "#").startswith("#")
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
    assert "@import" not in text


def test_solutions_are_folded_away(text: str) -> None:
    folded = "".join(Outline(text).folded)
    bare = re.sub(r"<details.*?</details>", "", text, flags=re.S)
    assert "batches = -(-5_000 // 128)" in folded
    assert "batches = -(-5_000 // 128)" not in bare
    assert " open" not in "".join(re.findall(r"<details[^>]*>", text))


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&colon;alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "![a](https://example.org/a.png)",
    "<https://example.org/><style>@import 'x'</style>",
    '[a](https://example.org "onclick=alert(1)")',
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_authors_text_brings_no_script_and_no_remote_asset(attack: str) -> None:
    outline = Outline(render(attack))
    for tag, attributes in outline.seen:
        assert tag in ("p", "a")
        assert set(attributes) <= {"href", "title", "rel"}
        assert not re.match(r"(?i)\s*(javascript|data|vbscript|file)", attributes.get("href") or "")


def test_titles_and_code_of_an_author_are_escaped(tmp_path: Path) -> None:
    write(tmp_path / "mine")
    for name, old, new in (
        ("session.yaml", "My session", '"<script>1</script>"'),
        ("session.yaml", "title: Count batches", "title: <b onclick=x>"),
        ("tasks/count.md", "What about the rest?", "<i>rest</i>"),
        ("notebook.md", "# of 128 examples", "# </code><script>"),
    ):
        path = tmp_path / "mine" / name
        path.write_text(path.read_text().replace(old, new))
    tags = {tag for tag, _ in Outline(page(load(tmp_path / "mine"))).seen}
    assert not tags & {"script", "b", "i"}


def test_previewing_needs_no_tensorflow(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom regulab.lab.authoring.preview import page\nfrom regulab.lab.authoring.loading import load\n"
        "page(load('avoid-overfitting'))\nprint(*sorted({'tensorflow', 'keras', 'ipykernel'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_commands_list_begin_preview_and_check_a_session(tmp_path: Path) -> None:
    runner = CliRunner()
    folder, out = tmp_path / "mine", tmp_path / "mine.html"
    assert (
        "avoid-overfitting  Avoid overfitting, 15 tasks, 73 minutes" in runner.invoke(cli, ["session", "list"]).output
    )
    assert runner.invoke(cli, ["session", "new", str(folder)]).exit_code == 0
    shown = runner.invoke(cli, ["session", "preview", str(folder), "--out", str(out)])
    assert (shown.exit_code, shown.output) == (0, f"Wrote {out}: 1 task, 3 minutes.\n")
    assert "1 task · about 3 minutes" in out.read_text(encoding="utf-8")
    assert "<h1>My session</h1>" in out.read_text()
    checked = runner.invoke(cli, ["session", "check", str(folder)])
    assert checked.exit_code == 0
    assert "4 of 4 as meant." in checked.output


def test_a_check_that_is_not_as_meant_exits_with_1_and_a_bad_session_with_2(tmp_path: Path) -> None:
    runner = CliRunner()
    folder = tmp_path / "mine"
    write(folder)
    file = folder / "checks/count.yaml"
    file.write_text(file.read_text().replace("says: leaves out", "says: forgets"))
    assert runner.invoke(cli, ["session", "check", str(folder), "--trust"]).exit_code == 1
    file.write_text("asks: 1\n")
    refused = runner.invoke(cli, ["session", "check", str(folder)])
    assert refused.exit_code == 2
    assert "Error: checks/count.yaml, line 1: Expected 'asks'" in refused.output
    refused = runner.invoke(cli, ["session", "preview", str(tmp_path / "none")])
    assert refused.exit_code == 2
