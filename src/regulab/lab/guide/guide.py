"""The guide: how it answers a question or explains an error, and where the answer comes from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.records import GuideEntry, Session, Task
from regulab.lab.guide.catalogue import explain, general, own_entries
from regulab.lab.guide.pages import pages
from regulab.lab.guide.passages import Passage, Source, of_session, task_source
from regulab.lab.guide.search import Index

#: How many answers there are at most, each from a different source.
MAX_ANSWERS = 3
# Texts written to answer questions come before texts written to be read from top to bottom.
_ANSWER, _EXPLANATION, _PROSE = 1.3, 1.1, 1.0


@dataclass(frozen=True)
class Guide:
    """Answers from a session's tasks, regulab's pages and the catalogue. It never sees a hint or a solution."""

    session: Session

    @cached_property
    def entries(self) -> tuple[GuideEntry, ...]:
        """The session's own entries and then regulab's; one of the same name replaces regulab's."""
        own = {entry.id for entry in self.session.guide}
        return (*self.session.guide, *(entry for entry in own_entries() if entry.id not in own))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Everything that can answer a question."""
        entries = (
            Passage(
                _source(entry), general(entry), " ".join((*entry.asked, *entry.errors)), about_error=bool(entry.errors)
            )
            for entry in self.entries
        )
        documentation = (passage for page in pages().values() for passage in page.passages())
        return (*entries, *of_session(self.session), *documentation)

    @cached_property
    def _index(self) -> Index:
        return Index([(passage.title, passage.markdown) for passage in self.passages])

    def answers(self, question: str) -> list[Passage]:
        """The passages that answer a question, the best first, one per source; none if nothing fits."""
        hits = [(self.passages[hit.index], hit.score) for hit in self._index.search(question, limit=30)]
        best: dict[tuple[str, str], Passage] = {}
        for passage, _ in sorted(hits, key=lambda hit: -hit[1] * _weight(hit[0])):
            best.setdefault((passage.source.kind, passage.source.id), passage)
        return list(best.values())[:MAX_ANSWERS]

    def answer(self, question: str) -> dict[str, Any]:
        """The answers to a question as plain values, with sanitized HTML."""
        return {
            "answers": [
                {"source": passage.source.document(), "html": render(passage.markdown)}
                for passage in self.answers(question)
            ]
        }

    def explain(self, error: str, message: str) -> dict[str, Any]:
        """What an error means, as plain values; `source` is None if no entry fits it.

        Args:
            error: Name of the exception.
            message: What it says.
        """
        explanation = explain(self.session.guide, error, message) or explain(self.entries, error, message)
        if explanation is None:
            return {"source": None, "html": "", "made": None}
        task = self.maker(explanation.values.get("name", ""))
        maker = None if task is None else task_source(task).document()
        source = _source(explanation.entry)
        return {"source": source.document(), "html": render(explanation.markdown), "made": maker}

    def maker(self, name: str) -> Task | None:
        """The first task whose cells assign a variable."""
        return next((task for task in self.session.tasks if name in _assigned(f"{task.given}\n{task.starter}")), None)

    def opened(self, kind: str, name: str) -> dict[str, Any] | None:
        """A whole page or entry; None if there is none. Tasks are opened in the panel."""
        if kind == "page" and name in pages():
            page = pages()[name]
            return {"source": page.source.document(), "html": render(page.markdown)}
        entry = next((entry for entry in self.entries if (kind, entry.id) == ("entry", name)), None)
        if entry is not None:
            return {"source": _source(entry).document(), "html": render(general(entry))}
        return None


def _source(entry: GuideEntry) -> Source:
    return Source("entry", entry.id, entry.title)


def _weight(passage: Passage) -> float:
    kind, name = passage.source.kind, passage.source.id
    if name == "glossary" or (kind == "entry" and not passage.about_error):
        return _ANSWER
    return _EXPLANATION if kind == "task" or name.startswith("findings/") else _PROSE


def _assigned(code: str) -> set[str]:
    """Names that code assigns, imports or defines at its outer level."""
    names = set[str]()
    for node in ast.parse(code).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Import() | ast.ImportFrom():
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            case ast.Assign():
                names |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return names
