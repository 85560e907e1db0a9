"""Finds the texts that answer a question, with SQLite's full-text search and by how much of the question they cover.

SQLite's FTS5 stems words (Porter's algorithm) and ranks the texts that contain them (BM25). By itself, it would also
answer a question about something else. So a text has to cover half of the question, by the weight of its words.
"""

from __future__ import annotations

import math
import sqlite3
import weakref
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from threading import Lock

from regulab.errors import MissingDependencyError
from regulab.lab.guide.tokenizer import words

# A word in the title counts as much as so many in the body.
_TITLE = 3.0
#: The share of a question, by the weight of its words, that an answer has to cover.
MIN_COVERED = 0.5
#: Longer questions are cut here.
LONGEST = 2_000
# In one question, so many words of at least this length may be misspelled, if they are so much alike.
_MAX_MISSPELLED, _MIN_LENGTH, _MIN_LIKENESS = 3, 6, 0.86


@dataclass(frozen=True)
class Hit:
    """A text that answers a question: its index, its score, and the share of the question that it covers."""

    index: int
    score: float
    covered: float


class Index:
    """Texts to search, each a title and a body.

    Raises:
        MissingDependencyError: If this Python's SQLite was built without FTS5.

    Example:
        >>> index = Index([("Dropout", "Units are dropped."), ("L2", "Large weights cost something.")])
        >>> [hit.index for hit in index.search("What do weights cost?")], index.search("Who won the match?")
        ([1], [])
    """

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        prepared = [(words(title), words(body)) for title, body in texts]
        # Requests are answered in threads, one at a time.
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._lock = Lock()
        weakref.finalize(self, self._database.close)
        try:
            self._database.execute("CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = porter)")
        except sqlite3.OperationalError as error:
            raise MissingDependencyError(
                f"The guide's search needs SQLite's full-text search, FTS5, and the SQLite of this Python has none "
                f"({error}). TensorFlow brings an SQLite without it: import sqlite3 before TensorFlow. "
                "Otherwise use a Python from python.org, conda or your system's packages."
            ) from None
        self._database.executemany(
            "INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)",
            ((index, " ".join(title), " ".join(body)) for index, (title, body) in enumerate(prepared)),
        )
        self._number = len(prepared)
        self._known = {word for title, body in prepared for word in (*title, *body)}

    def search(self, question: str, *, limit: int = 10) -> list[Hit]:
        """The texts that answer a question, the best first; none if nothing fits.

        Args:
            question: In words, or a message.
            limit: How many at most.
        """
        with self._lock:
            terms = self._terms(question[:LONGEST])
        weights = [self._weight(len(scores)) for scores in terms]
        whole = sum(weights)
        total, covered = defaultdict[int, float](float), defaultdict[int, float](float)
        for scores, weight in zip(terms, weights, strict=True):
            for index, score in scores.items():
                total[index] += score
                covered[index] += weight / whole
        # A text about the whole question comes before one that is all about a part of it.
        hits = [
            Hit(index, score * covered[index], covered[index])
            for index, score in total.items()
            if covered[index] >= MIN_COVERED
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.index))[:limit]

    def _weight(self, number: int) -> float:
        """Rare words weigh more. One that no text contains weighs most, so that no text covers a question about it."""
        return math.log(1 + (self._number - number + 0.5) / (number + 0.5))

    def _terms(self, question: str) -> list[dict[int, float]]:
        """For each term of a question, the scores of the texts that contain it.

        A misspelled word counts as the known word that is most like it.
        """
        terms = dict[object, dict[int, float]]()
        tries = _MAX_MISSPELLED
        for word in dict.fromkeys(words(question)):
            scores = self._scores(word)
            if not scores and len(word) >= _MIN_LENGTH and tries:
                tries -= 1
                near = [known for known in self._known if known[0] == word[0] and abs(len(known) - len(word)) <= 2]
                scores = next(map(self._scores, get_close_matches(word, near, n=1, cutoff=_MIN_LIKENESS)), {})
            # Words with the same stem are one term: they have the same scores.
            terms[tuple(scores.items()) or word] = scores
        return list(terms.values())

    def _scores(self, word: str) -> dict[int, float]:
        """BM25 of the texts that contain a word; SQLite returns it with a minus sign."""
        query = "SELECT rowid, -bm25(texts, ?, 1.0) FROM texts WHERE texts MATCH ?"
        return dict(self._database.execute(query, (_TITLE, f'"{word}"')))
