"""The facts that each kind of variable has, so that a misspelled one is reported when a session is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_ALL = frozenset({"there", "kind", "type"})

#: Names of the facts by kind, besides those that every variable has.
FACTS: Mapping[str, frozenset[str]] = {
    "array": frozenset({"shape", "dtype", "values", "low", "high", "ones", "others", "rows"}),
    "axes": frozenset({"lines", "xlabel", "ylabel", "title", "legend"}),
    "function": frozenset({"parameters"}),
    "history": frozenset({"epochs", "steps", "keys", "values", "model", "fits"}),
    "list": frozenset({"length", "values"}),
    "model": frozenset(
        {"id", "form", "built", "compiled", "parameters", "inputs", "outputs", "optimizer", "loss", "layers"}
    ),
    "nothing": frozenset(),
    "number": frozenset({"value"}),
    "other": frozenset(),
    "placeholder": frozenset(),
    "results": frozenset({"variants", "seeds", "epochs", "train", "verdicts"}),
    "sparse": frozenset({"shape", "dtype"}),
    "table": frozenset({"length", "keys", "values"}),
    "text": frozenset({"value"}),
    "truth": frozenset({"value"}),
}


def names_for(kinds: Iterable[str] = FACTS) -> frozenset[str]:
    """The facts that a variable of one of these kinds may have.

    Example:
        >>> sorted(names_for(["number"]))
        ['kind', 'there', 'type', 'value']
    """
    return _ALL.union(*(FACTS[kind] for kind in kinds))
