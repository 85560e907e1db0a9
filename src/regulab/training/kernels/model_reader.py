"""Reads a compiled Keras model into the records of `model_spec`, or says why the kernels do not support it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from regulab.models.compiling import compile_settings
from regulab.models.keras_internals import is_plain_functional
from regulab.training.kernels.compile_reader import read_loss, read_metrics, read_optimizer
from regulab.training.kernels.layer_reader import read_layers
from regulab.training.kernels.model_spec import ModelSpec, UnsupportedModelError

if TYPE_CHECKING:
    import keras


def read_model(model: keras.Model, *, labels: np.ndarray) -> ModelSpec:
    """Read a compiled model.

    Args:
        model: The model.
        labels: A few labels, in the shape that the loss takes.

    Raises:
        UnsupportedModelError: If the kernels do not support something about it.
    """
    _check_training_steps(model)
    optimizer = read_optimizer(model.optimizer)
    layers = read_layers(model)
    loss, label_smoothing = read_loss(model.loss, layers[-1].activation)
    metrics = read_metrics(model, loss=loss, output=layers[-1], labels=labels)
    return ModelSpec(layers, loss, label_smoothing, metrics, optimizer)


def _check_training_steps(model: keras.Model) -> None:
    """Refuse models that Keras trains in another way than by its standard steps in float32."""
    import keras

    if type(model) is not keras.Sequential and not is_plain_functional(model):
        raise UnsupportedModelError("a subclassed model")
    for step in ("train_step", "test_step", "compute_loss", "compute_metrics"):
        if getattr(type(model), step) is not getattr(keras.Model, step):
            raise UnsupportedModelError(f"its own {step}")
    if compile_settings(model).get("loss_weights") is not None:
        raise UnsupportedModelError("loss_weights")
    if model.run_eagerly:
        raise UnsupportedModelError("run_eagerly=True")
    if model.dtype_policy.name != "float32" or keras.config.floatx() != "float32":
        raise UnsupportedModelError(f"precision {model.dtype_policy.name}")
