"""Facts about a learner's variables: what a check may know, read in the kernel and handed out as JSON text.

The panel has the kernel evaluate one expression for each variable, which calls `read`: `regulab.lab.grading.probes` has
their text. Judging happens elsewhere, on the JSON text that they give.

Types are exact (`type(value) is list`, and for Keras the very class of the installed Keras), and values are copied
into plain ones before they are compared, so an object that claims to equal everything convinces nobody. A determined
learner can still forge what runs in the kernel: a fact is feedback, never proof.

Reading is quick whatever the size of what is read: of a large array only some values are looked at, and nothing of
the learner's own is called.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from types import FunctionType
from typing import Any

import numpy as np

from regulab.lab.kernel.facts_source import fits_behind

#: Values of a list or an array that are handed out, and how deep nested ones are read.
MOST, DEEPEST = 4_000, 3
#: Rows of a table-like array whose non-zero columns are handed out; rows at either end that are measured, and how many
#: values they may have together.
ROWS, MEASURED, VALUES = 3, 200, 4_000_000

Facts = dict[str, Any]


def namespace_facts(namespace: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """The same facts read in this process: JSON text by name."""
    return {name: read(namespace, name) for name in names}


def read(namespace: Mapping[str, Any], name: str) -> str:
    """Facts about one variable as JSON text.

    Always there: `there`, whether it has a value; `kind`, one of `missing`, `placeholder` (still `...`), `number`,
    `text`, `truth`, `nothing` (None), `list`, `table` (a dict), `array`, `sparse`, `function`, `model`, `history`,
    `axes`, `results` and `other`; and `type`, the exact type's name. The rest depends on the kind; the functions of
    this module and of `facts_keras` say what there is. Numbers that are not finite are null.

    Args:
        namespace: The learner's variables.
        name: Which one.

    Example:
        >>> read({"batches": 40}, "batches")
        '{"there": true, "kind": "number", "type": "int", "value": 40}'
        >>> read({}, "batches")
        '{"there": false, "kind": "missing", "type": null}'
    """
    if name not in namespace:
        facts: Facts = {"there": False, "kind": "missing", "type": None}
    else:
        facts = describe(namespace[name])
        if facts["kind"] == "placeholder":
            facts["there"] = False
        elif facts["kind"] == "history":
            # Cells that IPython has run, oldest first.
            cells = namespace.get("In")
            facts["fits"] = fits_behind(name, cells if type(cells) is list else [])
    return json.dumps(facts, allow_nan=False)


def describe(value: Any, *, deep: int = DEEPEST) -> Facts:
    """Facts about a value.

    Args:
        value: Anything.
        deep: How many levels of lists and dicts are read.
    """
    kind = type(value)
    facts: Facts = {"there": True, "kind": "other", "type": kind.__name__}
    if value is ...:
        return facts | {"kind": "placeholder"}
    if value is None:
        return facts | {"kind": "nothing"}
    if kind is bool or kind is np.bool_:
        return facts | {"kind": "truth", "value": bool(value)}
    if kind is int or kind is float or (issubclass(kind, np.number) and kind.__module__ == "numpy"):
        return facts | {"kind": "number", "value": _number(value)}
    if kind is str or kind is np.str_:
        return facts | {"kind": "text", "value": str(value)[:MOST]}
    if kind is list or kind is tuple:
        return facts | {"kind": "list", "length": len(value), "values": _values(value, deep)}
    if kind is dict:
        return facts | {"kind": "table"} | _table(value, deep)
    if kind is np.ndarray:
        return facts | _array(value)
    if kind is FunctionType:
        code = value.__code__
        return facts | {
            "kind": "function",
            "parameters": list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]),
        }
    return facts | _of_library(value, kind)


def _of_library(value: Any, kind: type) -> Facts:
    """Facts about objects of libraries, each asked only if the learner has imported it."""
    from regulab.lab.kernel import facts_keras

    if "keras" in sys.modules:
        if facts_keras.is_history(value):
            return facts_keras.history(value)
        if facts_keras.is_model(value):
            return facts_keras.model(value)
        if facts_keras.is_tensor(value):
            return _array(np.asarray(value))
    if kind.__module__.startswith("scipy.sparse."):
        return {"kind": "sparse", "shape": [int(size) for size in value.shape], "dtype": str(value.dtype)}
    axes = sys.modules.get("matplotlib.axes")
    if axes is not None and kind is axes.Axes:
        return _axes(value)
    results = sys.modules.get("regulab.results")
    if results is not None and kind is results.Results:
        return _results(value)
    return {}


def _number(value: Any) -> int | float | None:
    if isinstance(value, (int, np.integer)):
        number = int(value)
        return number if abs(number) < 1 << 63 else None
    wide = float(value)
    return wide if np.isfinite(wide) else None


def _values(values: Any, deep: int, budget: list[int] | None = None) -> list[Any]:
    """The first values of a list: plain ones as they are, lists as lists, others as null.

    `budget` counts down over all levels, so that a list of long lists stays short.
    """
    budget = [MOST] if budget is None else budget
    plain = []
    for value in values:
        if budget[0] <= 0:
            break
        budget[0] -= 1
        plain.append(_plain(value, deep - 1, budget))
    return plain


def _plain(value: Any, deep: int, budget: list[int]) -> Any:
    kind = type(value)
    if kind in (list, tuple):
        return _values(value, deep, budget) if deep > 0 else None
    return describe(value).get("value") if kind in _SMALL or issubclass(kind, np.generic) else None


_SMALL = (bool, int, float, str)


def _table(value: dict[Any, Any], deep: int) -> Facts:
    """Facts about a dict: `keys`, those that are text, and `values`, a plain value or facts by key."""
    kept = {key: part for key, part in islice(value.items(), 100) if type(key) is str}
    parts: Facts = {}
    for key, part in kept.items():
        plain = _plain(part, 2, [MOST // 10])
        parts[key] = describe(part, deep=deep - 1) if plain is None and deep > 1 else plain
    return {"keys": list(kept), "length": len(value), "values": parts}


def _array(value: np.ndarray) -> Facts:
    """Facts about an array.

    `shape`, `dtype`, `values` (the first ones, flat); `low`, `high`, `ones` (the mean) and `others` (whether there are
    values besides 0 and 1) of the rows that are looked at; and `rows`, the non-zero columns of a table's first rows.
    """
    facts: Facts = {"kind": "array", "shape": [int(size) for size in value.shape], "dtype": str(value.dtype)}
    if value.dtype.kind not in "biuf" or not value.size:
        return facts
    if value.ndim == 0:
        scalar = describe(value[()])
        return facts | {"kind": scalar["kind"], "value": scalar["value"]}
    sample = _sample(value)
    facts |= {
        "values": [_number(number) for number in value.flat[: 400 if value.ndim > 1 else MOST]],
        "low": _number(sample.min()),
        "high": _number(sample.max()),
        "others": bool(((sample != 0) & (sample != 1)).any()),
        "ones": _number(sample.mean()),
    }
    if value.ndim == 2 and value.shape[1] > 1:
        facts["rows"] = [[int(column) for column in np.flatnonzero(row[:VALUES])[:MOST]] for row in value[:ROWS]]
    return facts


def _sample(value: np.ndarray) -> np.ndarray:
    """The values of the first and the last rows, flat: all of them, each once, where there are not too many."""
    rows = min(MEASURED, max(1, VALUES // 2 // (value.size // len(value))))
    parts = [value] if len(value) <= 2 * rows else [value[:rows], value[-rows:]]
    most = VALUES // len(parts)
    # A single row may be larger than all that may be looked at.
    flat = [part.ravel() if part.size <= most else part.flat[:most] for part in parts]
    return np.concatenate(flat).astype(float)


def _axes(value: Any) -> Facts:
    """Facts about Matplotlib's axes: `xlabel`, `ylabel`, `title`, `legend`, and `lines`.

    A line has a `label`, a `style`, a `color` and `values`.
    """
    lines = [
        {
            "label": str(line.get_label()),
            "style": str(line.get_linestyle()),
            "color": str(line.get_color()),
            # As Matplotlib draws them: categories and dates are numbers there.
            "values": [_number(number) for number in line.get_ydata(orig=False)[:MOST]],
        }
        for line in value.get_lines()[:50]
    ]
    return {
        "kind": "axes",
        "lines": lines,
        "xlabel": value.get_xlabel(),
        "ylabel": value.get_ylabel(),
        "title": value.get_title(),
        "legend": value.get_legend() is not None,
    }


def _results(value: Any) -> Facts:
    """Facts about regulab's results: `variants`, `seeds`, `epochs`, `train` (examples) and `verdicts` by variant."""
    histories = value.histories
    return {
        "kind": "results",
        "variants": list(histories.variants),
        "seeds": len({member.seed for member in histories}),
        "epochs": max(member.epochs for member in histories),
        "train": _train_size(value.study),
        "verdicts": {comparison.variant: str(comparison.verdict) for comparison in value.compare()},
    }


def _train_size(study: Mapping[str, Any]) -> int | None:
    size = study.get("data", {}).get("train")
    return size if type(size) is int else None
