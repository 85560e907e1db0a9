"""The blocks of a Markdown text with their lines, as markdown-it reads them: headings, paragraphs, lists and fences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from regulab.lab.authoring.yaml_files import fault

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_DIRECTIVE = re.compile(r"\{([^}]*)\}[ \t]*(.*)")


@dataclass(frozen=True)
class Block:
    """A block of a Markdown text.

    Attributes:
        kind: markdown-it's name for it, such as `paragraph`, `heading`, `bullet_list`, `table` or `fence`.
        start: Index of its first line.
        end: Index of the line after its last one.
        text: The text of a heading.
    """

    kind: str
    start: int
    end: int
    text: str = ""


@dataclass(frozen=True)
class Fence:
    """A fenced block: code, or a directive, whose name stands in braces behind the opening fence.

    Attributes:
        start: Index of the line of its opening fence.
        end: Index of the line after its closing fence.
        marker: The opening fence: three or more backticks, tildes or colons.
        info: What stands behind the opening fence.
        content: The lines within, each with its line break.
        closed: Whether there is a closing fence; without one, the block goes on to the end.
    """

    start: int
    end: int
    marker: str
    info: str
    content: str
    closed: bool

    @property
    def directive(self) -> tuple[str, str] | None:
        """Name and argument of the directive; None for code."""
        match = _DIRECTIVE.match(self.info)
        return None if match is None else (match[1].strip(), match[2])


def split_lines(text: str) -> list[str]:
    """The lines of a text, as blocks count them."""
    return text.split("\n")


def blocks(text: str) -> Iterator[Block]:
    r"""The outermost blocks of a text, in order.

    Example:
        >>> [(block.kind, block.start, block.end) for block in blocks("# Title\n\nWords,\nmore words.\n")]
        [('heading', 0, 1), ('paragraph', 2, 4)]
    """
    tokens = _tokens(text)
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0 and token.map is not None:
            start, end = token.map
            heading = tokens[index + 1].content if token.type == "heading_open" else ""
            yield Block(token.type.removesuffix("_open"), start, end, heading)


def fences(text: str) -> Iterator[Fence]:
    r"""The fenced blocks of a text, in order, also those within lists.

    Colons fence directives only: other lines of colons are text.

    Example:
        >>> [fence] = fences("Train it.\n\n```{hint} Where?\nIn the cell.\n```\n")
        >>> fence.directive, fence.start, fence.content
        (('hint', 'Where?'), 2, 'In the cell.\n')
    """
    for token in _tokens(text):
        if token.type != "fence" or token.map is None:
            continue
        start, end = token.map
        closed = end - start == token.content.count("\n") + 2
        fence = Fence(start, end, token.markup, token.info.strip(), token.content, closed)
        if fence.marker.startswith(":") and fence.directive is None:
            for inner in fences(fence.content):
                yield replace(inner, start=inner.start + start + 1, end=inner.end + start + 1)
        else:
            yield fence


def closed_fences(text: str, name: str) -> Iterator[Fence]:
    """The fenced blocks of a text, each with its closing fence.

    Args:
        text: Markdown.
        name: File named in errors.

    Raises:
        InputError: If a fence is not closed.
    """
    for fence in fences(text):
        if not fence.closed:
            content = f"{{{fence.directive[0]}}}" if fence.directive else "the code"
            at_the_end = fence.end >= len(split_lines(text.rstrip()))
            received = "the end of the file" if at_the_end else "the end of the block around it"
            expected = f"Expected {content} to be closed by {fence.marker}."
            raise fault(name, fence.start + 1, f"{expected} Received: {received}.")
        yield fence


def _tokens(text: str) -> list[Token]:
    # The last line needs its line break too, or a fence's lines could not be counted.
    return _parser().parse(text if text.endswith("\n") else f"{text}\n")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import make_fence_rule

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
    # MyST's fences of colons, and backticks in a directive's title. As ever, a fence ends what stands before it.
    fence = make_fence_rule(markers=("`", "~", ":"), disallow_marker_in_info=())
    parser.block.ruler.at("fence", fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    return parser
