"""Code in the documentation fits its column, so that nobody has to scroll sideways to read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for folder in (DOCS, DOCS / "findings") for path in sorted(folder.glob("*.md"))]
#: docs/_static/regulab.css makes room for this many characters.
COLUMNS = 93


def too_long(text: str) -> list[str]:
    """The lines that would make a block scroll."""
    return [line for line in text.splitlines() if len(line) > COLUMNS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_code_of_a_page_fits_its_column(page: Path) -> None:
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    # Directives, such as the glossary, are prose and wrap.
    blocks = [token.content for token in tokens if token.type == "fence" and not token.info.startswith("{")]
    assert [line for block in blocks for line in too_long(block)] == []


@pytest.mark.parametrize("path", sorted((DOCS / "jupyterhub").glob("*.py")), ids=lambda path: path.name)
def test_an_included_file_fits_its_column(path: Path) -> None:
    assert too_long(path.read_text(encoding="utf-8")) == []
