"""Splits texts into the words by which they are searched: in lower case, without common words, code names split."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[A-Za-z0-9]+")
# EarlyStopping is two words.
_CAMEL_CASE_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_COMMON = """
    a about after again all also am an and any are as at be because been before being both but by can cannot
    could define describe did do does doing don done each else ever explain for from get gets getting give go
    goes going got had has have having help here how i if in into is isn it its just know let like look make
    makes me mean means more most much must my need no not now of off on once one only or other our out over own
    please really s say says see shall she should so some such t take tell than that the their them then there
    these they thing this those through to too under until up use used using very want was way we were what when
    where whether which while who why will with without work works would you your
    whats hows dont doesnt isnt cant wont
"""
_STOP_WORDS = frozenset(_COMMON.split())
# Words of the same meaning, and spellings that the stemmer takes for different words.
_SYNONYMS = {
    "accuracy": "acc",
    "color": "colour",
    "entropy": "crossentropy",
    "error": "exception",
    "fall": "decrease decreases decreasing",
    "memory": "ram",
    "normalization": "normalisation",
    "optimizer": "optimiser",
    "regularization": "regularisation regularise regularize regularized regularizer regulariser",
    "rise": "increase increases increasing worse",
    "unit": "neuron neurons node nodes",
    "validation": "val",
}
_CANONICAL = {synonym: word for word, synonyms in _SYNONYMS.items() for synonym in synonyms.split()}


def words(text: str) -> list[str]:
    """The words of a text in lower case, without common ones and with synonyms replaced.

    Names in code are split into their parts.

    Example:
        >>> words("Why is val_loss of the model rising?"), words("EarlyStopping")
        (['validation', 'loss', 'model', 'rising'], ['early', 'stopping'])
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    lower_case = (part.lower() for word in _WORD.findall(plain) for part in _parts(word))
    return [_CANONICAL.get(word, word) for word in lower_case if word not in _STOP_WORDS]


def _parts(word: str) -> list[str]:
    camel_case = word[1:] != word[1:].lower()
    return _CAMEL_CASE_PART.findall(word) if camel_case else [word]
