"""Fingerprints of models, by how they are built and compiled: to know one again, and to let equal ones share work."""

from __future__ import annotations

import json
import re
import warnings
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from regulab.models.compiling import compiled_with, stepping
from regulab.models.keras_internals import (
    every_layer,
    is_decayed,
    is_keras_code,
    is_preprocessing_code,
    learning_rate_source,
)

if TYPE_CHECKING:
    import keras

# Keras draws new seeds and names objects by their addresses. What a seed decides is restored with the weights.
_PASSING = ("seed", "shared_object_id", "compile_config")
# What `compile` and `fit` leave on a model itself.
_COMPILED = ("loss", "steps_per_execution", "stop_training")
# Where a config refers to a layer by its name. Keras numbers names, so those of equal models differ.
_REFERENCES = ("name", "keras_history", "input_layers", "output_layers")
# What Keras writes of a lambda: its code, with its line number.
_LAMBDA = "__lambda__"
# What Keras writes of a Python function; two with one name may be different ones.
_FUNCTIONS = ("function", _LAMBDA)


class _ForeignCodeError(Exception):
    """Something in a model is not Keras's own, so that its config does not say what it does."""


def fingerprints(model: keras.Model) -> dict[str, str]:
    """Short texts that are equal for a model that is built and compiled again in the same way.

    Names do not count, since Keras numbers them through a process, nor do weights and seeds. Code that is not
    Keras's, such as a custom layer, is known by its name and its settings, not by what it does.

    Args:
        model: A compiled model that is built.

    Returns:
        One of the layers (`model`), and one each of the `optimizer`, the `loss` and the `metrics`.

    Example:
        >>> import keras
        >>> def build(rate):
        ...     model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        ...     model.compile(keras.optimizers.Adam(rate), "mse")
        ...     return model
        >>> first, again, other = fingerprints(build(0.1)), fingerprints(build(0.1)), fingerprints(build(0.2))
        >>> first == again, [part for part in first if first[part] != other[part]]
        (True, ['optimizer'])
    """
    return {name: f"{zlib.crc32(_text(part).encode()):08x}" for name, part in _describe(model).items()}


def step_fingerprint(model: keras.Model) -> str | None:
    """A text that two models share only if their steps are the same operations on variables of their own.

    Args:
        model: A compiled model whose optimizer has its variables.

    Returns:
        All that describes the model; or None where this does not tell everything: code that is not Keras's, and
        layers that keep what they have learned elsewhere than in variables, as those for preprocessing do.

    Example:
        >>> import keras
        >>> def build(units):
        ...     model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
        ...     model.compile("sgd", "mse")
        ...     return model
        >>> step_fingerprint(build(2)) == step_fingerprint(build(2))
        True
        >>> step_fingerprint(build(2)) == step_fingerprint(build(3))
        False
    """
    if not all(_is_known(part) for part in (*every_layer(model), model.optimizer)):
        return None
    try:
        description = _describe(model, keras_only=True)
    except _ForeignCodeError:
        return None
    shapes = [(list(variable.shape), str(variable.dtype)) for variable in step_variables(model)]
    return _text([description, shapes])


def step_variables(model: keras.Model) -> list[Any]:
    """All variables that a step may read and write, in an order that equal models share."""
    return [*model.variables, *model.optimizer.variables, *model.metrics_variables]


def _is_known(part: Any) -> bool:
    """Whether a layer or an optimizer is Keras's own, and so is every function it was given, such as an activation."""
    codes = [type(part), *(value for value in vars(part).values() if callable(value))]
    return all(is_keras_code(code) and not is_preprocessing_code(code) for code in codes)


def _describe(model: keras.Model, *, keras_only: bool = False) -> dict[str, Any]:
    """How a model is built and compiled, as plain values.

    Raises:
        _ForeignCodeError: With `keras_only`, if something in it is not Keras's own.
    """
    settings = compiled_with(model)
    optimizer = stepping(model.optimizer)
    decayed = [is_decayed(optimizer, variable) for variable in model.trainable_variables]

    def written(part: Any) -> Any:
        return _written(part, keras_only=keras_only)

    with warnings.catch_warnings():
        # That a lambda is unsafe to load: nothing is.
        warnings.simplefilter("ignore")
        return {
            "model": _of_layers(model, keras_only=keras_only),
            "optimizer": [_of_optimizer(model.optimizer, keras_only=keras_only), decayed],
            "loss": [written(settings.get("loss")), settings.get("loss_weights")],
            "metrics": [written(settings.get(name)) for name in ("metrics", "weighted_metrics")],
        }


def _text(part: Any) -> str:
    return json.dumps(part, sort_keys=True, default=_by_name)


def _of_layers(model: keras.Model, *, keras_only: bool) -> Any:
    layers = every_layer(model)
    operations = [operation for layer in layers for operation in (layer, *getattr(layer, "operations", ()))]
    indices = {operation.name: index for index, operation in reversed(list(enumerate(operations)))}
    variables = [
        # Penalties are read off the variables, where they may be set after the layer was made.
        [
            list(variable.shape),
            str(variable.dtype),
            variable.trainable,
            _written(variable.regularizer, keras_only=keras_only),
            _written(variable.constraint, keras_only=keras_only),
        ]
        for variable in model.weights
    ]
    # The config of a subclassed model need not hold its layers.
    configs = [_written(layer, indices, keras_only=keras_only) for layer in layers]
    return [configs[0], configs[1:], variables]


def _of_optimizer(optimizer: Any, *, keras_only: bool) -> list[Any]:
    import keras

    rate = learning_rate_source(optimizer)
    own = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) or type(rate).__name__ == "function"
    # A schedule of a user's own need not have a config, and then the optimizer has none.
    return [_written(part, keras_only=keras_only) for part in (optimizer, rate if own else None)]


def _written(part: Any, indices: Mapping[str, int] = MappingProxyType({}), *, keras_only: bool) -> Any:
    """What Keras writes of a layer, an optimizer and so on, without what differs from process to process."""
    import keras

    try:
        config = keras.saving.serialize_keras_object(part)
    except Exception as error:
        # A user's own code, which need not be made for that.
        if keras_only:
            raise _ForeignCodeError from error
        config = _by_name(part)
    if keras_only:
        _refuse_foreign(config)
    return _neutral(config, indices)


def _by_name(part: Any) -> Any:
    """The name of a function, or of an object's class together with its plain settings."""
    named = part if hasattr(part, "__qualname__") else type(part)
    settings = {
        name: value
        for name, value in getattr(part, "__dict__", {}).items()
        if not name.startswith("_") and name not in _COMPILED and isinstance(value, int | float | str | None)
    }
    return [f"{named.__module__}.{named.__qualname__}", settings]


def _refuse_foreign(config: Any) -> None:
    """Raise `_ForeignCodeError` if a config holds code that is not Keras's."""
    if isinstance(config, dict):
        module = config.get("module")
        if config.get("class_name") in _FUNCTIONS or (module is not None and module.split(".")[0] != "keras"):
            raise _ForeignCodeError
        for value in config.values():
            _refuse_foreign(value)
    elif isinstance(config, list | tuple):
        for value in config:
            _refuse_foreign(value)


def _neutral(config: Any, indices: Mapping[str, int], key: str = "") -> Any:
    """A config with the indices of layers instead of their names, without what differs between equal models."""
    if isinstance(config, dict):
        if config.get("class_name") == _LAMBDA:
            return _LAMBDA
        return {name: _neutral(value, indices, name) for name, value in config.items() if name not in _PASSING}
    if isinstance(config, list | tuple):
        return [_neutral(value, indices, key) for value in config]
    if isinstance(config, str) and key in _REFERENCES:
        # Of metrics and optimizers, to which nothing refers, it is enough to take the number off.
        return indices.get(config, re.sub(r"_\d+$", "", config))
    return config
