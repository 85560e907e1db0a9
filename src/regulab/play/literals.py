"""Values and objects of Keras as the Python that makes them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from operator import attrgetter
from typing import Any

import numpy as np

from regulab.errors import NotApplicableError
from regulab.models.rebuild import read_config

#: Where Keras offers its classes and functions by a public name.
_NAMESPACES = (
    "layers",
    "optimizers",
    "optimizers.schedules",
    "losses",
    "metrics",
    "regularizers",
    "initializers",
    "constraints",
    "activations",
)


@dataclass(eq=False)
class Writer:
    """Writes expressions, and gathers the imports that they need.

    Attributes:
        imports: Lines such as `from shapes import Ring`, in the order of their first use.
    """

    imports: list[str] = field(default_factory=list)

    def value(self, value: Any) -> str:
        """A plain value, a function, an object of Keras, or its serialized form.

        Raises:
            NotApplicableError: If there is no way to write it.

        Example:
            >>> print(Writer().value((np.float32(0.001), ["relu", None])))
            (0.001, ["relu", None])
        """
        if value is None or isinstance(value, (bool, str, int)):
            return _quoted(value) if isinstance(value, str) else repr(value)
        if isinstance(value, (float, np.floating, np.integer)):
            return _number(value)
        if isinstance(value, Mapping):
            if {"class_name", "config"} <= value.keys():
                return self._serialized(value)
            return "{" + ", ".join(f"{key!r}: {self.value(item)}" for key, item in value.items()) + "}"
        if isinstance(value, (list, tuple)):
            inside = ", ".join(self.value(item) for item in value)
            if isinstance(value, tuple):
                return f"({inside},)" if len(value) == 1 else f"({inside})"
            return f"[{inside}]"
        if inspect.isfunction(value) or isinstance(value, type):
            return self.name(value)
        if hasattr(value, "get_config"):
            return self.made(value)
        raise NotApplicableError(
            f"Expected a model that can be written as code. Received: one with a {type(value).__name__}. "
            "Write the code by hand, or use the model that your function returns."
        )

    def made(self, thing: Any) -> str:
        """An object as the call of its class, with the arguments that differ from the defaults."""
        return self._call(type(thing), read_config(thing))

    def name(self, thing: Callable[..., Any]) -> str:
        """What a class or function is called: by Keras, in the notebook, or after an import.

        Raises:
            NotApplicableError: If it has no name, as a lambda, or none outside a function.
        """
        import keras

        for namespace in _NAMESPACES:
            if getattr(attrgetter(namespace)(keras), thing.__name__, None) is thing:
                return f"keras.{namespace}.{thing.__name__}"
        if thing.__name__ != thing.__qualname__ or not thing.__name__.isidentifier():
            raise NotApplicableError(
                "Expected a model whose parts code can call by name. "
                f"Received: '{thing.__qualname__}', which has no name outside the function that defines it. "
                "Define it in a cell of its own."
            )
        if thing.__module__ != "__main__":
            line = f"from {thing.__module__} import {thing.__name__}"
            if line not in self.imports:
                self.imports.append(line)
        return str(thing.__name__)

    def _serialized(self, value: Mapping[str, Any]) -> str:
        import keras

        name, config = value["class_name"], value["config"]
        if name == "DTypePolicy":
            return _quoted(config["name"])
        if name == "function":
            return self.name(keras.saving.deserialize_keras_object(dict(value)))
        module = import_module(value["module"]) if value.get("module") else import_module("__main__")
        return self._call(getattr(module, name), config)

    def _call(self, kind: Any, config: Mapping[str, Any]) -> str:
        parameters = inspect.signature(kind.__init__).parameters
        required = [
            name
            for name, parameter in list(parameters.items())[1:]
            if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        usual = _usual(kind, {name: config[name] for name in required if name in config})
        given = [self.value(config[name]) for name in required if name in config]
        takes_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
        for name, setting in config.items():
            known = name in parameters or (takes_more and name in ("name", "dtype", "trainable"))
            if name in required or not known or (name in usual and _same(usual[name], setting)):
                continue
            if name == "name" and (setting is None or _automatic(str(setting), kind)):
                continue
            given.append(f"{name}={self.value(setting)}")
        return f"{self.name(kind)}({', '.join(given)})"


def _usual(kind: Callable[..., Any], required: Mapping[str, Any]) -> dict[str, Any]:
    """The config of an object that was created with its required arguments alone."""
    try:
        return dict(kind.from_config(dict(required)).get_config())  # type: ignore[attr-defined]
    except Exception:  # a custom class may fail in any way; then every argument is written out
        return {}


def _same(usual: Any, setting: Any) -> bool:
    if isinstance(usual, float) and isinstance(setting, (int, float, np.floating)):
        return bool(np.float32(usual) == np.float32(setting))
    if isinstance(usual, (list, tuple)) and isinstance(setting, (list, tuple)):
        return list(usual) == list(setting)
    return bool(usual == setting)


def _automatic(name: str, kind: type) -> bool:
    """Whether a name was given by Keras, or by regulab to a layer that a variant added."""
    usual = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.__name__).lower()
    return re.fullmatch(rf"{re.escape(usual)}(_\d+|_after_.*)?", name) is not None


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isprintable() and not set('"\\') & set(text) else repr(text)


def _number(value: Any) -> str:
    if isinstance(value, np.integer):
        return repr(int(value))
    # Optimizers keep their rates as float32, of which 0.001 has more digits than anyone wrote.
    short = float(f"{value:.7g}")
    return repr(short if np.float32(short) == np.float32(value) else float(value))
