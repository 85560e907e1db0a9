"""Facts about Keras's models and histories, where the learner has imported Keras.

Nothing here imports Keras: it is taken from the modules that the kernel has loaded.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np

Facts = dict[str, Any]


def _keras() -> Any:
    return sys.modules["keras"]


def is_history(value: Any) -> bool:
    """Whether it is what `fit` returns, and not a look-alike."""
    return type(value) is getattr(getattr(_keras(), "callbacks", None), "History", None)


def is_model(value: Any) -> bool:
    """Whether it is a Keras model of any kind."""
    model = getattr(_keras(), "Model", None)
    return isinstance(model, type) and issubclass(type(value), model)


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor with a value."""
    return type(value).__name__ == "EagerTensor" and type(value).__module__.startswith("tensorflow")


def history(value: Any) -> Facts:
    """Facts about a training.

    `keys`, `values` (numbers by key, one an epoch), `epochs`, `steps` (batches an epoch) and `model`: the facts of the
    model trained. `read` adds `fits`, what the calls of `fit` behind it look like.
    """
    values = {}
    records = value.history if type(value.history) is dict else {}
    for key, numbers in records.items():
        if type(key) is str and type(numbers) is list:
            values[key] = [_number(number) for number in numbers[:1000]]
    parameters = value.params if type(value.params) is dict else {}
    steps = parameters.get("steps")
    trained = getattr(value, "model", None)
    return {
        "kind": "history",
        "keys": sorted(values),
        "values": values,
        "epochs": len(value.epoch) if type(value.epoch) is list else 0,
        "steps": steps if type(steps) is int else None,
        "model": model(trained) if is_model(trained) else None,
    }


def model(value: Any) -> Facts:
    """Facts about a model.

    `id` (equal for one and the same object), `form` (`Sequential`, `Functional` or `own`), `built`, `parameters`,
    `inputs` and `outputs` (shapes), `compiled`, `optimizer`, `loss` and `layers`, each with `kind` and the settings of
    that kind. Layers of nested models stand in one row with the others, inputs are left out, and an activation given as
    a layer of its own counts as that of the layer before it.
    """
    keras = _keras()
    functional = getattr(getattr(keras, "models", None), "Functional", None)
    form = {keras.Sequential: "Sequential", functional: "Functional", keras.Model: "Functional"}.get(type(value), "own")
    if form == "own" and type(value).__name__ == "Functional" and type(value).__module__.startswith("keras."):
        form = "Functional"
    facts: Facts = {
        "kind": "model",
        "type": type(value).__name__,
        "id": id(value),
        "form": form,
        "built": bool(value.built),
        "compiled": bool(value.compiled),
        "layers": _layers(value),
        "inputs": _shape(value, "input_shape"),
        "outputs": _shape(value, "output_shape"),
        "parameters": int(value.count_params()) if value.built else None,
    }
    if value.compiled:
        optimizer = getattr(value, "optimizer", None)
        facts["optimizer"] = type(optimizer).__name__
        facts["loss"] = _loss(getattr(value, "loss", None))
    return facts


def _shape(value: Any, name: str) -> list[int | None] | None:
    try:
        shape = getattr(value, name)
        return [None if size is None else int(size) for size in shape]
    except (AttributeError, TypeError, ValueError):
        return None


def _loss(loss: Any) -> str:
    """The loss as Keras's own short word, where it is known."""
    name = loss if type(loss) is str else getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name)).lower()
    return {"bce": "binary_crossentropy", "mse": "mean_squared_error"}.get(words, words)


def _layers(value: Any) -> list[Facts]:
    keras = _keras()
    layers: list[Facts] = []
    for layer in value.layers:
        kind = type(layer)
        if kind is keras.layers.InputLayer:
            continue
        if is_model(layer):
            layers += _layers(layer)
            continue
        known = getattr(keras.layers, kind.__name__, None) is kind
        activation = _activation_layer(layer, kind) if known else None
        if activation is not None and layers and layers[-1].get("activation") == "linear":
            layers[-1]["activation"] = activation
            continue
        # A layer that is not Keras's own may call itself anything.
        layers.append(
            {"kind": kind.__name__ if known else "own", "name": str(layer.name)} | (_settings(layer) if known else {})
        )
    return layers


def _activation_layer(layer: Any, kind: type) -> str | None:
    keras = _keras()
    if kind is keras.layers.Activation:
        return _activation(layer.get_config().get("activation"))
    return {"ReLU": "relu", "Softmax": "softmax"}.get(kind.__name__)


def _activation(value: Any) -> str | None:
    if type(value) is dict:
        config = value.get("config")
        value = config if type(config) is str else value.get("class_name")
    return value.lower() if type(value) is str else None


def _settings(layer: Any) -> Facts:
    """Settings of a layer: `units`, `activation`, `rate`, and the strengths `l1` and `l2` of its kernel's penalty."""
    config = layer.get_config()
    settings: Facts = {}
    if type(config.get("units")) is int:
        settings["units"] = config["units"]
    if "activation" in config:
        settings["activation"] = _activation(config["activation"])
    if type(config.get("rate")) in (int, float):
        settings["rate"] = float(config["rate"])
    if "kernel_regularizer" in config:
        settings |= _strengths(config["kernel_regularizer"])
    for part in ("bias", "activity"):
        settings[f"{part}_penalty"] = config.get(f"{part}_regularizer") is not None
    return settings


def _strengths(regularizer: Any) -> Facts:
    """L1 and L2 strengths, with eight digits since Keras keeps some in float32; null for another regularizer."""
    if regularizer is None:
        return {"l1": 0.0, "l2": 0.0}
    kind, config = (
        (regularizer.get("class_name"), regularizer.get("config")) if type(regularizer) is dict else (None, None)
    )
    if kind not in ("L1", "L2", "L1L2") or type(config) is not dict:
        return {"l1": None, "l2": None}
    return {part: round(float(config.get(part) or 0.0), 8) for part in ("l1", "l2")}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None
