"""Reads the layers of a Keras model: a chain of dense layers, each with its activation, penalties and dropout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from regulab.models.keras_internals import is_decayed
from regulab.models.sparse_input import chain
from regulab.training.kernels import codes
from regulab.training.kernels.model_spec import DenseSpec, DropoutSpec, UnsupportedModelError

if TYPE_CHECKING:
    import keras


def read_layers(model: keras.Model) -> tuple[DenseSpec, ...]:
    """Read the dense layers of a compiled model, from the input on.

    Activation and dropout layers become part of the dense layer that they follow.

    Raises:
        UnsupportedModelError: If the kernels do not support one of the layers, or the layers are no chain.
    """
    import keras

    layers: list[DenseSpec] = []
    for layer in chain(model) or [None]:
        kind = type(layer)
        if kind is keras.layers.Dense:
            layers.append(_read_dense(layer, int(layer.kernel.shape[0]), model.optimizer))
        elif kind is keras.layers.Dropout and layers and layers[-1].dropout is None and layer.noise_shape is None:
            if layer.rate > 0:
                layers[-1] = replace(layers[-1], dropout=DropoutSpec(float(layer.rate), layer.seed_generator))
        elif kind in (keras.layers.Activation, keras.layers.ReLU) and layers and layers[-1].dropout is None:
            if layers[-1].activation != codes.LINEAR:
                raise UnsupportedModelError("two activations in a row")
            layers[-1] = replace(layers[-1], activation=_read_activation(layer))
        elif layer is None:
            raise UnsupportedModelError("layers that do not follow one another")
        else:
            raise UnsupportedModelError(f"a layer {kind.__name__}")
    if not layers or len(model.input_shape) != 2:
        raise UnsupportedModelError("an input that is not one row of features")
    if layers[-1].dropout is not None:
        raise UnsupportedModelError("dropout after the output layer")
    if any(layer.activation == codes.SOFTMAX for layer in layers[:-1]):
        raise UnsupportedModelError("a softmax between layers")
    return tuple(layers)


def _read_dense(layer: Any, inputs: int, optimizer: Any) -> DenseSpec:
    if not layer.trainable:
        raise UnsupportedModelError("a frozen layer")
    if layer.kernel_constraint is not None or layer.bias_constraint is not None:
        raise UnsupportedModelError("a constraint")
    if layer.activity_regularizer is not None:
        raise UnsupportedModelError("an activity regularizer")
    if layer.lora_enabled or getattr(layer, "quantization_mode", None) is not None:
        raise UnsupportedModelError("LoRA or quantization")
    if layer.dtype_policy.name != "float32":
        raise UnsupportedModelError(f"precision {layer.dtype_policy.name}")
    kernel_decays, bias_decays = (
        bool(optimizer.weight_decay) and variable is not None and is_decayed(optimizer, variable)
        for variable in (layer.kernel, layer.bias)
    )
    # Keras applies the regularizer of the variable, which may have been changed after the layer was made.
    return DenseSpec(
        inputs=inputs,
        units=int(layer.units),
        activation=_read_activation(layer),
        bias=layer.bias is not None,
        kernel_penalty=_read_penalty(layer.kernel.regularizer),
        bias_penalty=(0.0, 0.0) if layer.bias is None else _read_penalty(layer.bias.regularizer),
        kernel_decays=kernel_decays,
        bias_decays=bias_decays,
    )


def _read_activation(layer: Any) -> int:
    import keras

    if isinstance(layer, keras.layers.ReLU):
        if layer.max_value is not None or layer.negative_slope or layer.threshold:
            raise UnsupportedModelError("a ReLU with settings")
        return codes.RELU
    for name, code in codes.ACTIVATIONS.items():
        if layer.activation is keras.activations.get(name):
            return code
    raise UnsupportedModelError(f"activation {getattr(layer.activation, '__name__', layer.activation)}")


def _read_penalty(regularizer: Any) -> tuple[float, float]:
    """L1 and L2 strength."""
    import keras

    if regularizer is None:
        return 0.0, 0.0
    if type(regularizer) not in (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2):
        raise UnsupportedModelError(f"regularizer {type(regularizer).__name__}")
    return float(getattr(regularizer, "l1", 0.0)), float(getattr(regularizer, "l2", 0.0))
