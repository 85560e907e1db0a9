"""One trace for models that differ in nothing but the values of their variables, such as one variant's seeds."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from regulab.models.compiling import stepping
from regulab.models.fingerprint import REFERENCES
from regulab.models.keras_internals import every_layer, is_decayed, is_keras_code, is_preprocessing_code

if TYPE_CHECKING:
    import keras

# Whose names nothing refers to.
_UNREFERRED = ("keras.metrics", "keras.losses", "keras.optimizers")
# What Keras writes of a Python function; two with one name may be different ones.
_FUNCTIONS = ("function", "__lambda__")


def fingerprint(model: keras.Model) -> str | None:
    """A text that two models share only if their steps are the same operations on variables of their own.

    Args:
        model: A compiled model whose optimizer has its variables.

    Returns:
        The configs of the model and of what it was compiled with, without seeds, initializers and the numbers in
        names; or None where these do not tell everything: code that is not Keras's, and layers that keep what they
        have learned elsewhere than in variables, as those for preprocessing do.

    Example:
        >>> import keras
        >>> def build(units):
        ...     model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
        ...     model.compile("sgd", "mse")
        ...     return model
        >>> fingerprint(build(2)) == fingerprint(build(2)), fingerprint(build(2)) == fingerprint(build(3))
        (True, False)
    """
    import keras

    layers = every_layer(model)
    if not all(_is_known(part) for part in (*layers, model.optimizer)):
        return None
    places = {layer.name: place for place, layer in enumerate(layers)}
    try:
        with warnings.catch_warnings():
            # That a lambda is unsafe to load: nothing is.
            warnings.simplefilter("ignore")
            written = keras.saving.serialize_keras_object([model, *_carried(model)])
            config = _neutral(written, places)
    # Also what Keras cannot write down.
    except (NotImplementedError, TypeError, ValueError, _UnknownError):
        return None
    shapes = [(tuple(variable.shape), str(variable.dtype)) for variable in _variables(model)]
    return json.dumps([config, shapes], sort_keys=True, default=repr)


def traced_once(
    function: Callable[[keras.Model, Any], Sequence[Any]], models: Sequence[keras.Model], x: Any
) -> list[Any]:
    """What a function gives for each of some models with one fingerprint, inside of a graph that is being traced.

    It is traced for the first of them, and its graph put in for the others with their variables instead.

    Args:
        function: Takes a model and features; gives tensors. It may use tensors of the graph around.
        models: Models with the same fingerprint.
        x: Features, the same for all.

    Returns:
        What it gives, for each model.
    """
    import tensorflow as tf

    first = models[0]
    inner = tf.function(lambda: [tf.convert_to_tensor(value) for value in function(first, x)], autograph=False)
    traced = inner.get_concrete_function()
    given = traced.captured_inputs
    places = {id(variable.value.handle): place for place, variable in enumerate(_variables(first))}
    if any(id(tensor) not in places and not tf.is_symbolic_tensor(tensor) for tensor in given):
        # It holds something of the first model that is no variable.
        return [function(model, x) for model in models]
    kinds, found = [output.dtype for output in traced.outputs], []
    for model in models:
        handles = [variable.value.handle for variable in _variables(model)]
        inputs = [handles[places[id(tensor)]] if id(tensor) in places else tensor for tensor in given]
        outputs = tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=kinds, f=traced)
        for output, alike in zip(outputs, traced.outputs, strict=True):
            output.set_shape(alike.shape)
        found.append(outputs)
    return found


class _UnknownError(Exception):
    """A config that holds what is not Keras's own."""


def _is_known(part: Any) -> bool:
    """Whether a layer or an optimizer is Keras's own, and so is every function it was given, such as an activation."""
    codes = [type(part), *(value for value in vars(part).values() if callable(value))]
    return all(is_keras_code(code) and not is_preprocessing_code(code) for code in codes)


def _carried(model: keras.Model) -> list[Any]:
    """What the steps read off trainable variables themselves, which the configs of their makers may not say."""
    optimizer = stepping(model.optimizer)
    return [
        [variable.regularizer, variable.constraint, is_decayed(optimizer, variable)]
        for variable in model.trainable_variables
    ]


def _neutral(config: Any, places: dict[str, int], key: str = "") -> Any:
    """A config with places instead of names, without seeds and initializers."""
    if isinstance(config, dict):
        module = config.get("module")
        if config.get("class_name") in _FUNCTIONS or (module is not None and module.split(".")[0] != "keras"):
            raise _UnknownError
        if module in _UNREFERRED:
            config = config | {"config": {name: value for name, value in config["config"].items() if name != "name"}}
        return {
            name: _neutral(value, places, name)
            for name, value in config.items()
            if name != "seed" and not name.endswith("initializer")
        }
    if isinstance(config, list | tuple):
        return [_neutral(value, places, key) for value in config]
    return places.get(config, config) if key in REFERENCES and isinstance(config, str) else config


def _variables(model: keras.Model) -> list[Any]:
    """All that a step may read and write, in an order that equal models share."""
    return [*model.variables, *model.optimizer.variables, *model.metrics_variables]
