"""Facts about trainings: the one that a cell is running now, and those that have ended.

Read while `fit` runs, like any fact, from the kernel's control thread. Nothing is installed in the learner's Keras:
what `fit` keeps in its own frame, the model with its History so far, is looked up by the thread that is in it.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from regulab.lab.kernel import facts_keras
from regulab.lab.kernel.main_thread import in_main_thread

#: Trainings in one answer at most.
MOST = 20
# A name for each History as long as it lives; its address would be used again.
_NAMES: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def read(namespace: Mapping[str, Any], known: Iterable[str] = ()) -> str:
    """Facts about trainings as JSON text.

    A list, running ones first. Each has a `training` (a unique name), `running`, `epochs` (how many were asked for, or
    null), and `values`: numbers by key, one for each epoch so far; numbers that are not finite are null.

    Args:
        namespace: The learner's variables.
        known: Names of ended trainings to leave out.

    Example:
        >>> read({"batches": 40})
        '[]'
    """
    if "keras" not in sys.modules:
        return "[]"
    left_out = set(known)
    trainings: dict[str, dict[str, Any]] = {}
    for history, running in [*_running(), *_ended(namespace)]:
        name = _NAMES.setdefault(history, secrets.token_hex(4))
        if name not in trainings and (running or name not in left_out) and len(trainings) < MOST:
            trainings[name] = {"training": name, "running": running} | _facts(history)
    return json.dumps(list(trainings.values()), allow_nan=False)


def _facts(history: Any) -> dict[str, Any]:
    facts = facts_keras.history(history)
    parameters = history.params if type(history.params) is dict else {}
    epochs = parameters.get("epochs")
    return {"epochs": epochs if type(epochs) is int else None, "values": facts["values"]}


def _running() -> list[tuple[Any, bool]]:
    """The histories of calls of Keras's `fit` that the main thread is in, where cells run."""
    return in_main_thread(lambda: [*_fits(sys._getframe())]) or []


def _fits(frame: FrameType | None) -> Iterator[tuple[Any, bool]]:
    """The histories of calls of `fit` from a frame outwards."""
    callback_list = sys.modules["keras"].callbacks.CallbackList
    while frame is not None:
        if frame.f_code.co_name == "fit" and frame.f_globals.get("__name__", "").startswith("keras."):
            variables = frame.f_locals
            # Before its callbacks are there, the model still has the history of an earlier training.
            history = getattr(variables.get("self"), "history", None)
            if type(variables.get("callbacks")) is callback_list and facts_keras.is_history(history):
                yield history, True
        frame = frame.f_back


def _ended(namespace: Mapping[str, Any]) -> Iterator[tuple[Any, bool]]:
    """The histories that variables hold, themselves or in a model, the newest first."""
    for value in reversed([*namespace.values()]):
        if facts_keras.is_history(value):
            yield value, False
        elif facts_keras.is_model(value) and facts_keras.is_history(getattr(value, "history", None)):
            yield value.history, False
