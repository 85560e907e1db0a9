"""What a resumed run knows its models again by: fingerprints of how they are built and compiled."""

from __future__ import annotations

import json
import re
import warnings
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from regulab.models.compiling import compiled_with, stepping
from regulab.models.keras_internals import every_layer, is_decayed, learning_rate_source

if TYPE_CHECKING:
    import keras

# Keras draws seeds anew and names objects by their addresses. What a seed decides is restored with the weights.
_PASSING = ("seed", "shared_object_id", "compile_config")
# What `compile` and `fit` leave on a model itself.
_COMPILED = ("loss", "steps_per_execution", "stop_training")
#: Where a config refers to a layer by its name. Keras numbers names, so those of equal models differ.
REFERENCES = ("name", "keras_history", "input_layers", "output_layers")
# What Keras writes of a lambda: its code, with the line on which it stands.
_LAMBDA = "__lambda__"


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
    settings = compiled_with(model)
    optimizer = stepping(model.optimizer)
    decayed = [is_decayed(optimizer, variable) for variable in model.trainable_variables]
    with warnings.catch_warnings():
        # That a lambda is unsafe to load: nothing is.
        warnings.simplefilter("ignore")
        parts = {
            "model": _of_layers(model),
            "optimizer": [_of_optimizer(model.optimizer), decayed],
            "loss": [_written(settings.get("loss")), settings.get("loss_weights")],
            "metrics": [_written(settings.get(name)) for name in ("metrics", "weighted_metrics")],
        }
    return {name: _code(part) for name, part in parts.items()}


def _code(part: Any) -> str:
    return f"{zlib.crc32(json.dumps(part, sort_keys=True, default=_told).encode()):08x}"


def _of_layers(model: keras.Model) -> Any:
    layers = every_layer(model)
    operations = [each for layer in layers for each in (layer, *getattr(layer, "operations", ()))]
    places = {each.name: place for place, each in reversed(list(enumerate(operations)))}
    variables = [
        # Penalties are read off the variables, where they may be set after the layer was made.
        [list(each.shape), str(each.dtype), each.trainable, _written(each.regularizer), _written(each.constraint)]
        for each in model.weights
    ]
    # The config of a subclassed model need not hold its layers.
    return [_written(model, places), [_written(layer, places) for layer in layers[1:]], variables]


def _of_optimizer(optimizer: Any) -> Any:
    import keras

    rate = learning_rate_source(optimizer)
    own = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) or type(rate).__name__ == "function"
    # A schedule of a user's own need not have a config, and then the optimizer has none.
    return [_written(optimizer), _written(rate) if own else None]


def _written(part: Any, places: Mapping[str, int] = MappingProxyType({})) -> Any:
    """What Keras writes of a layer, an optimizer and so on, without what differs from process to process."""
    import keras

    try:
        written = keras.saving.serialize_keras_object(part)
    except Exception:
        # A user's own code, which need not be made for that.
        written = _told(part)
    return _neutral(written, places)


def _told(part: Any) -> Any:
    """The name of a function, or of an object's class together with its plain settings."""
    named = part if hasattr(part, "__qualname__") else type(part)
    settings = {
        name: value
        for name, value in getattr(part, "__dict__", {}).items()
        if not name.startswith("_") and name not in _COMPILED and isinstance(value, int | float | str | None)
    }
    return [f"{named.__module__}.{named.__qualname__}", settings]


def _neutral(config: Any, places: Mapping[str, int], key: str = "") -> Any:
    if isinstance(config, dict):
        if config.get("class_name") == _LAMBDA:
            return _LAMBDA
        return {name: _neutral(value, places, name) for name, value in config.items() if name not in _PASSING}
    if isinstance(config, list | tuple):
        return [_neutral(value, places, key) for value in config]
    if isinstance(config, str) and key in REFERENCES:
        # Of metrics and optimizers, to which nothing refers, it is enough to take the number off.
        return places.get(config, re.sub(r"_\d+$", "", config))
    return config
