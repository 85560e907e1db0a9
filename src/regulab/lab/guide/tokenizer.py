"""Texts to the terms by which they are searched: small letters, code taken apart, endings off."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Words, and names in code with their underscores.
_WORD = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
# EarlyStopping is also two words.
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_COMMON = """
    a about after again all also am an and any are as at be because been before being both but by can cannot
    could define describe did do does doing don done each else ever explain for from get gets getting give go
    goes going got had has have having help here how i if in into is isn it its just know let like look make
    makes me mean means more most much must my need no not now of off on once one only or other our out over own
    please really s say says see shall she should so some such t take tell than that the their them then there
    these they thing this those through to too under until up use used using very want was way we were what when
    where whether which while who why will with without work works would you your
"""
_SILENT = frozenset(_COMMON.split())
# Spellings and words of the same meaning, as terms.
_SAME = {
    "regularisation": "regularization",
    "regularise": "regularize",
    "regularizer": "regularization",
    "regulariser": "regularization",
    "regularized": "regularization",
    "normalisation": "normalization",
    "optimiser": "optimizer",
    "colour": "color",
    "neuron": "unit",
    "node": "unit",
    "neurons": "unit",
    "nodes": "unit",
    "acc": "accuracy",
    "val": "validation",
    "crossentropy": "entropy",
    "overfit": "overfitting",
    "overfits": "overfitting",
    "underfit": "underfitting",
    "underfits": "underfitting",
    "exception": "error",
    "increase": "rise",
    "increases": "rise",
    "increasing": "rise",
    "decrease": "fall",
    "decreases": "fall",
    "decreasing": "fall",
    "worse": "rise",
    "ram": "memory",
}
_ENDINGS = (
    ("ization", "iz"),
    ("izing", "iz"),
    ("ized", "iz"),
    ("ize", "iz"),
    ("ational", "at"),
    ("ation", "at"),
    ("ating", "at"),
    ("ated", "at"),
    ("ate", "at"),
    ("ness", ""),
    ("ment", ""),
    ("ies", "y"),
    ("ing", ""),
    ("ed", ""),
    ("es", ""),
    ("er", ""),
    ("s", ""),
    ("e", ""),
)
# What has to be left of a word without its ending.
_SHORTEST = 3


def terms(text: str) -> list[str]:
    """The terms of a text, in order, common words left out.

    A name in code gives its parts as well as itself.

    Example:
        >>> terms("Why is val_loss rising?"), terms("EarlyStopping")
        (['val_loss', 'validat', 'loss', 'ris'], ['earlystopp', 'early', 'stopp'])
    """
    return [stem(word) for word in words(text)]


def words(text: str) -> list[str]:
    """The words of a text in small letters, common ones left out.

    Example:
        >>> words("The model's EarlyStopping")
        ['model', 'earlystopping', 'early', 'stopping']
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [small for word in _WORD.findall(plain) for part in _parts(word) if (small := part.lower()) not in _SILENT]


def _parts(word: str) -> list[str]:
    parts = [part for piece in word.split("_") for part in _HUMP.findall(piece)]
    mixed = "_" in word or (len(parts) > 1 and word[1:] != word[1:].lower())
    return [word, *parts] if mixed else [word]


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """A word without its ending, roughly: equal for the forms that a question and an answer may have.

    Example:
        >>> stem("epochs"), stem("regularisation") == stem("regularizer"), stem("loss")
        ('epoch', True, 'loss')
    """
    word = _SAME.get(word, word)
    if "_" in word or word.endswith("ss"):
        return word
    for ending, instead in _ENDINGS:
        kept = word.removesuffix(ending)
        if kept != word and len(kept) + len(instead) >= _SHORTEST:
            return kept + instead
    return word
