"""regulab's own documentation as passages: the pages of `docs/`, which a wheel carries as `regulab/docs/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from regulab.lab.authoring.markdown_blocks import Fence, fences, split_lines
from regulab.lab.guide.passages import Passage, Source, sections

_PACKAGE = Path(__file__).parents[2]
#: Where the pages are: inside the package in a wheel, next to `src` in a checkout.
FOLDERS = (_PACKAGE / "docs", _PACKAGE.parents[1] / "docs")
#: Pages for people who write sessions or change regulab, and lists of names.
LEFT_OUT = frozenset({"api", "architecture", "index", "performance", "sessions"})
_ROLE = re.compile(r"\{(\w+)\}`([^`<]+?)(?:\s*<([^`>]+)>)?`")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:)[^)]*\)")
_HEAD = re.compile(r"\A---\n.*?^---\n", re.S | re.M)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
# Directives that say nothing to a reader.
_SILENT = ("toctree", "eval-rst")
_TERM = re.compile(r"^(?=\S)(.+)\n((?:[ \t]+\S.*\n?)+)", re.M)


@dataclass(frozen=True)
class Page:
    """A page of the documentation, in Markdown without Sphinx's own markup."""

    id: str
    title: str
    markdown: str

    @property
    def source(self) -> Source:
        """The page as a source."""
        return Source("page", self.id, self.title)

    def passages(self) -> Iterator[Passage]:
        """Its sections."""
        for heading, text in sections(self.markdown):
            section = "" if heading == self.title else heading
            yield Passage(Source("page", self.id, self.title, section), text)


@lru_cache(maxsize=1)
def pages() -> dict[str, Page]:
    """The pages for learners by id, which is their path without `.md`; none if regulab was installed without them."""
    folder = next((folder for folder in FOLDERS if (folder / "findings").is_dir()), None)
    if folder is None:
        return {}
    pages = {}
    for path in [*sorted((folder / "findings").glob("*.md")), *sorted(folder.glob("*.md"))]:
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name not in LEFT_OUT:
            pages[name] = _page(name, path.read_text(encoding="utf-8"))
    return pages


def _page(name: str, text: str) -> Page:
    plain = readable(text)
    first = re.match(r"# (.+)", plain)
    return Page(name, first[1] if first else name, plain)


def readable(text: str) -> str:
    r"""MyST Markdown without what only Sphinx understands: roles become words, and a glossary becomes sections.

    Example:
        >>> readable("See {doc}`the gap <findings/index>`, {term}`seed` and [data](data.md).")
        'See the gap, seed and data.'
        >>> readable("```{glossary}\nseed\n  A number.\n```\n")
        '## seed\n\nA number.'
    """
    text = _COMMENT.sub("", _HEAD.sub("", text))
    lines, parts, end = split_lines(text), list[str](), 0
    for fence in fences(text):
        parts += [_words(_joined(lines[end : fence.start])), _fenced(fence, lines)]
        end = fence.end
    return "".join([*parts, _words(_joined(lines[end:]))]).strip("\n")


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _words(text: str) -> str:
    """Roles and links within the documentation as their words."""
    return _LINK.sub(r"\1", _ROLE.sub(lambda role: role[2].strip().rpartition("/")[2], text))


def _fenced(fence: Fence, lines: list[str]) -> str:
    """Code as it is, a glossary as sections, and of other directives what they hold."""
    directive, _ = fence.directive or ("", "")
    if directive in _SILENT:
        return ""
    if directive == "glossary":
        terms = _TERM.findall(fence.content)
        return "\n".join(f"## {term}\n\n{_words(' '.join(text.split()))}\n" for term, text in terms)
    opening, *others = lines[fence.start : fence.end]
    return _joined([opening.replace(f"{{{directive}}}", "", 1), *others])
