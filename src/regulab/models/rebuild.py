"""A new layer with fresh weights from an old one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from regulab.errors import NotApplicableError
from regulab.models.keras_internals import lambda_output_shape


def rebuild(layer: Any, edit: Callable[[dict[str, Any]], None] | None = None) -> Any:
    """The same layer once more, with fresh weights and with the changes that `edit` makes to its config.

    Custom classes and functions need no registration: those that the layer uses are made known
    while it is rebuilt.

    Args:
        layer: A layer or an operation of a Keras model.
        edit: Changes the config in place.

    Raises:
        NotApplicableError: If the layer has no usable config.
    """
    import keras

    try:
        config = read_config(layer)
        _forget_shapes(config)
        _pass_lambdas_through(layer, config)
        if edit is not None:
            edit(config)
        if isinstance(layer, keras.layers.Lambda):
            return _rebuild_lambda(layer, config)
        with keras.saving.custom_object_scope(dict(_custom_objects(layer))):
            return type(layer).from_config(config)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise NotApplicableError(
            f"Expected layers that can be rebuilt from their config. Received: '{layer.name}' of the class "
            f"{type(layer).__name__}, which cannot: {error}. Give the class a `get_config` that returns every "
            "argument of its constructor, or give the function that builds the model an option."
        ) from error


def read_config(layer: Any) -> dict[str, Any]:
    """A layer's config, without Keras's warning that a lambda makes a file unsafe, since no file is written."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        return dict(layer.get_config())


def _forget_shapes(config: dict[str, Any]) -> None:
    # Layers in a wrapper would be built at once for the shapes that they had, which may change.
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(config.get(key), dict):
            config[key].pop("build_config", None)
            _forget_shapes(config[key].get("config") or {})


def _pass_lambdas_through(layer: Any, config: dict[str, Any]) -> None:
    # Keras refuses to read a serialized lambda, rightly so for files; here the function itself is available.
    for key in config:
        value = getattr(layer, key, None)
        if isinstance(value, FunctionType) and value.__name__ == "<lambda>":
            config[key] = value


def _rebuild_lambda(layer: Any, config: dict[str, Any]) -> Any:
    functions = {"function": layer.function, "mask": layer.mask, "arguments": layer.arguments}
    return type(layer)(**{**config, **functions, "output_shape": lambda_output_shape(layer)})


def _custom_objects(owner: Any, depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Functions and classes from outside Keras that a layer, its cell or the layers in it use."""
    import keras

    for value in vars(owner).values():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, FunctionType):
                yield item.__name__, item
            elif not isinstance(item, type) and hasattr(item, "get_config"):
                if not type(item).__module__.startswith("keras."):
                    yield type(item).__name__, type(item)
                if depth and isinstance(item, keras.layers.Layer):
                    yield from _custom_objects(item, depth - 1)
