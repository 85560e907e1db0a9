"""Which of some texts answer a question: BM25, and how much of the question a text covers at all.

A few hundred passages need no search engine: this is the ranking function of Robertson and Zaragoza (*The Probabilistic
Relevance Framework: BM25 and Beyond*, 2009), with its usual constants.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from regulab.lab.guide.tokenizer import stem, terms, words

# How soon another occurrence of a word stops to count, and how much a long text is held back.
_K1, _B = 1.2, 0.75
# A word in the title counts as so many in the text.
_TITLE = 3
#: The share of a question, by the weight of its words, that an answer has to be about.
COVERED = 0.5
#: Longer questions are cut here.
LONGEST = 2_000
# Words from this length on may be misspelt, so much, and so many of them in one question.
_LONG, _ALIKE, _MISSPELT = 6, 0.86, 3


@dataclass(frozen=True)
class Hit:
    """A text that answers a question: its place, its score, and the share of the question that it covers."""

    place: int
    score: float
    covered: float


class Index:
    """Texts to search, each a title and a body.

    Example:
        >>> index = Index([("Dropout", "Units are dropped."), ("L2", "Large weights cost something.")])
        >>> [hit.place for hit in index.search("What do weights cost?")], index.search("Who won the match?")
        ([1], [])
    """

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        counted = [Counter(terms(title) * _TITLE + terms(body)) for title, body in texts]
        lengths = [sum(counts.values()) for counts in counted]
        mean = sum(lengths) / max(len(lengths), 1) or 1.0
        self._held_back = [_K1 * (1 - _B + _B * length / mean) for length in lengths]
        self._found: dict[str, list[tuple[int, int]]] = {}
        for place, counts in enumerate(counted):
            for term, count in counts.items():
                self._found.setdefault(term, []).append((place, count))
        self._number = len(counted)
        self._words = {word for text in texts for part in text for word in words(part)}

    def search(self, question: str, *, most: int = 10) -> list[Hit]:
        """The texts that answer a question, the best first; none where nothing fits.

        Args:
            question: In words, or a message.
            most: How many at most.
        """
        weights = self._spelt(question[:LONGEST])
        whole = sum(weights.values())
        scores, covered = defaultdict[int, float](float), defaultdict[int, float](float)
        for term, weight in weights.items():
            for place, count in self._found.get(term, ()):
                scores[place] += weight * count * (_K1 + 1) / (count + self._held_back[place])
                covered[place] += weight / whole
        # A text about all of the question stands before one that is all about a part of it.
        hits = [
            Hit(place, score * covered[place], covered[place])
            for place, score in scores.items()
            if covered[place] >= COVERED
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.place))[:most]

    def _weight(self, term: str) -> float:
        """Rare words weigh more; one that no text has weighs most, so that nothing covers a question about it."""
        number = len(self._found.get(term, ()))
        return math.log(1 + (self._number - number + 0.5) / (number + 0.5))

    def _spelt(self, question: str) -> dict[str, float]:
        """The question's terms with their weights; a misspelt word counts as the known one most alike."""
        found = dict[str, float]()
        tries = _MISSPELT
        for word in words(question):
            term = stem(word)
            if term not in self._found and len(word) >= _LONG and tries:
                tries -= 1
                near = [each for each in self._words if each[0] == word[0] and abs(len(each) - len(word)) <= 2]
                term = next(map(stem, get_close_matches(word, near, n=1, cutoff=_ALIKE)), term)
            found[term] = self._weight(term)
        return found
