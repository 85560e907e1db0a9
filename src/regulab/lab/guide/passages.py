"""Passages: pieces of text that can answer a question, each with the source it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from regulab.lab.authoring.markdown_blocks import Block, blocks, split_lines
from regulab.lab.authoring.records import Session, Task, Text

#: A piece of a task's instructions has about this many characters.
LONG = 500
# These belong to the paragraph before them.
_CONTINUING = ("bullet_list", "ordered_list", "blockquote", "table")


@dataclass(frozen=True)
class Source:
    """Where a passage comes from, so that it can be named and opened.

    Attributes:
        kind: `task`, `page` or `entry`.
        id: The task's id, the page's path or the entry's name.
        title: Its name for people.
        section: The heading above the passage, if there is one.
    """

    kind: str
    id: str
    title: str
    section: str = ""

    def document(self) -> dict[str, str]:
        """Plain values for JSON."""
        return {"kind": self.kind, "id": self.id, "title": self.title, "section": self.section}


@dataclass(frozen=True)
class Passage:
    """A piece of text that can answer a question.

    Attributes:
        source: Where it comes from.
        markdown: What is shown.
        asked: More words by which it can be found.
        about_error: Whether it explains an error.
    """

    source: Source
    markdown: str
    asked: str = ""
    about_error: bool = False

    @property
    def title(self) -> str:
        """Its name in the search."""
        return f"{self.source.title} {self.source.section} {self.asked}"


def of_session(session: Session) -> Iterator[Passage]:
    """The instructions of a session's tasks, without hints and solutions, which are shown only on request."""
    for task in session.tasks:
        source = task_source(task)
        for part in task.parts:
            if isinstance(part, Text):
                for piece in pieces(part.markdown):
                    yield Passage(source, piece)


def task_source(task: Task) -> Source:
    """A task as a source."""
    return Source("task", task.id, f"Task {task.number}: {task.title}")


def sections(markdown: str) -> Iterator[tuple[str, str]]:
    r"""Heading and text of each section; the text before the first heading has none.

    Example:
        >>> list(sections("Before.\n\n## What to do\n\nStop earlier.\n"))
        [('', 'Before.'), ('What to do', 'Stop earlier.')]
    """
    lines = split_lines(markdown)
    heading, start = "", 0
    for block in [*blocks(markdown), Block("heading", len(lines), len(lines))]:
        if block.kind == "heading":
            text = "\n".join(lines[start : block.start]).strip("\n")
            if text.strip():
                yield heading, text
            heading, start = block.text, block.end


def pieces(markdown: str) -> Iterator[str]:
    r"""A text in pieces of about the same length. They end between paragraphs, never inside code, a list or a table.

    Example:
        >>> list(pieces("One.\n\nTwo."))
        ['One.\n\nTwo.']
    """
    lines = split_lines(markdown)
    texts = list[str]()
    for block in blocks(markdown):
        text = "\n".join(lines[block.start : block.end]).rstrip()
        if texts and block.kind not in _CONTINUING and sum(map(len, texts)) + len(text) > LONG:
            yield "\n\n".join(texts)
            texts = []
        texts.append(text)
    if texts:
        yield "\n\n".join(texts)
