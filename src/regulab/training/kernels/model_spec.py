"""Which models the compiled kernels can train, read off Keras's own objects; and why not, for the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from regulab.models.compiling import compile_settings
from regulab.models.keras_internals import (
    compiled_metrics,
    is_decayed,
    is_plain_functional,
    learning_rate_source,
    metrics_with_weighting,
)
from regulab.models.sparse_input import chain
from regulab.training.kernels import layout as codes

if TYPE_CHECKING:
    import keras


class Unfit(Exception):  # noqa: N818 - not a failure: the model is trained by Keras's own step
    """What about a model the kernels do not know, in a few words."""


@dataclass(frozen=True)
class Noise:
    """A dropout: its rate, and the generator that it draws from."""

    rate: float
    generator: Any


@dataclass(frozen=True)
class DenseLayer:
    """A dense layer, with the dropout that follows it.

    Attributes:
        inputs: Features that go in.
        units: Features that come out.
        activation: Code of the activation.
        bias: Whether it has a bias.
        kernel_penalty: L1 and L2 strength on the kernel.
        bias_penalty: The same on the bias.
        kernel_decays: Whether weight decay applies to the kernel.
        bias_decays: Whether it applies to the bias.
        noise: The dropout that follows, or None.
    """

    inputs: int
    units: int
    activation: int
    bias: bool
    kernel_penalty: tuple[float, float]
    bias_penalty: tuple[float, float]
    kernel_decays: bool
    bias_decays: bool
    noise: Noise | None = None


@dataclass(frozen=True)
class Optimizer:
    """An update rule.

    Attributes:
        kind: Code of the rule.
        a: First constant: Adam's β₁, SGD's momentum, RMSprop's ρ.
        b: Second constant: Adam's β₂.
        epsilon: Adam's or RMSprop's ε.
        decay: Weight decay.
        rate: The learning rate, or a schedule of it.
    """

    kind: int
    a: float
    b: float
    epsilon: float
    decay: float
    rate: Any

    @property
    def rule(self) -> tuple[int, float, float, float]:
        """What optimizers must share to be run together."""
        return self.kind, self.a, self.b, self.epsilon


@dataclass(frozen=True)
class Plan:
    """A model as the kernels train it.

    Attributes:
        layers: Its dense layers, from the input on.
        loss: Code of the loss.
        smoothing: Label smoothing.
        metrics: Name, code and whether it is weighted, of each metric.
        optimizer: The update rule.
    """

    layers: tuple[DenseLayer, ...]
    loss: int
    smoothing: float
    metrics: tuple[tuple[str, int, bool], ...]
    optimizer: Optimizer


def plan(model: keras.Model, *, labels: np.ndarray) -> Plan:
    """Read a compiled model.

    Args:
        model: The model.
        labels: Some labels, in the shape that the loss takes.

    Raises:
        Unfit: If anything about it is unknown to the kernels.
    """
    _check_steps(model)
    optimizer = _optimizer(model.optimizer)
    layers = _layers(model)
    loss, smoothing = _loss(model.loss, layers[-1].activation)
    compiled = compiled_metrics(model)
    if compiled is not None and not compiled.built:
        # Names such as 'accuracy' mean what the shapes of labels and outputs make of them.
        compiled.build(labels, np.zeros((1, layers[-1].units), np.float32))
    return Plan(layers, loss, smoothing, _metrics(model, loss, layers[-1].activation), optimizer)


def _check_steps(model: keras.Model) -> None:
    import keras

    if type(model) is not keras.Sequential and not is_plain_functional(model):
        raise Unfit("a subclassed model")
    for step in ("train_step", "test_step", "compute_loss", "compute_metrics"):
        if getattr(type(model), step) is not getattr(keras.Model, step):
            raise Unfit(f"its own {step}")
    if compile_settings(model).get("loss_weights") is not None:
        raise Unfit("loss_weights")
    if model.run_eagerly:
        raise Unfit("run_eagerly=True")
    if model.dtype_policy.name != "float32" or keras.config.floatx() != "float32":
        raise Unfit(f"precision {model.dtype_policy.name}")


def _layers(model: keras.Model) -> tuple[DenseLayer, ...]:
    import keras

    found: list[DenseLayer] = []
    for layer in chain(model) or [None]:
        kind = type(layer)
        if kind is keras.layers.Dense:
            found.append(_dense(layer, int(layer.kernel.shape[0]), model.optimizer))
        elif kind is keras.layers.Dropout and found and found[-1].noise is None and layer.noise_shape is None:
            if layer.rate > 0:
                found[-1] = replace(found[-1], noise=Noise(float(layer.rate), layer.seed_generator))
        elif kind in (keras.layers.Activation, keras.layers.ReLU) and found and found[-1].noise is None:
            if found[-1].activation != codes.LINEAR:
                raise Unfit("two activations in a row")
            found[-1] = replace(found[-1], activation=_activation(layer))
        else:
            raise Unfit("layers that do not follow one another" if layer is None else f"a layer {kind.__name__}")
    if not found or len(model.input_shape) != 2:
        raise Unfit("an input that is not one row of features")
    if found[-1].noise is not None:
        raise Unfit("dropout after the output layer")
    if any(layer.activation == codes.SOFTMAX for layer in found[:-1]):
        raise Unfit("a softmax between layers")
    return tuple(found)


def _dense(layer: Any, inputs: int, optimizer: Any) -> DenseLayer:
    if not layer.trainable:
        raise Unfit("a frozen layer")
    if layer.kernel_constraint is not None or layer.bias_constraint is not None:
        raise Unfit("a constraint")
    if layer.activity_regularizer is not None:
        raise Unfit("an activity regularizer")
    if layer.lora_enabled or getattr(layer, "quantization_mode", None) is not None:
        raise Unfit("LoRA or quantization")
    if layer.dtype_policy.name != "float32":
        raise Unfit(f"precision {layer.dtype_policy.name}")
    decays = [
        bool(optimizer.weight_decay) and variable is not None and is_decayed(optimizer, variable)
        for variable in (layer.kernel, layer.bias)
    ]
    # A variable's own regularizer is what counts in Keras.
    return DenseLayer(
        inputs=inputs,
        units=int(layer.units),
        activation=_activation(layer),
        bias=layer.bias is not None,
        kernel_penalty=_penalty(layer.kernel.regularizer),
        bias_penalty=(0.0, 0.0) if layer.bias is None else _penalty(layer.bias.regularizer),
        kernel_decays=decays[0],
        bias_decays=decays[1],
    )


def _activation(layer: Any) -> int:
    import keras

    if isinstance(layer, keras.layers.ReLU):
        if layer.max_value is not None or layer.negative_slope or layer.threshold:
            raise Unfit("a ReLU with settings")
        return codes.RELU
    for name, code in codes.ACTIVATIONS.items():
        if layer.activation is keras.activations.get(name):
            return code
    raise Unfit(f"activation {getattr(layer.activation, '__name__', layer.activation)}")


def _penalty(regularizer: Any) -> tuple[float, float]:
    import keras

    if regularizer is None:
        return 0.0, 0.0
    if type(regularizer) not in (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2):
        raise Unfit(f"regularizer {type(regularizer).__name__}")
    return float(getattr(regularizer, "l1", 0.0)), float(getattr(regularizer, "l2", 0.0))


def _optimizer(optimizer: Any) -> Optimizer:
    import keras

    kind, known = type(optimizer), keras.optimizers
    if kind not in (known.Adam, known.AdamW, known.SGD, known.RMSprop):
        raise Unfit(f"optimizer {kind.__name__}")
    for setting in ("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "gradient_accumulation_steps"):
        if getattr(optimizer, setting):
            raise Unfit(f"an optimizer with {setting}")
    if optimizer.loss_scale_factor is not None:
        raise Unfit("an optimizer with loss_scale_factor")
    rate = learning_rate_source(optimizer)
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        rate = float(rate)
    decay = float(optimizer.weight_decay or 0.0)
    if kind in (known.Adam, known.AdamW):
        if optimizer.amsgrad:
            raise Unfit("amsgrad")
        return Optimizer(
            codes.ADAM, float(optimizer.beta_1), float(optimizer.beta_2), float(optimizer.epsilon), decay, rate
        )
    if kind is known.RMSprop:
        if optimizer.centered or optimizer.momentum:
            raise Unfit("RMSprop that is centered or has momentum")
        return Optimizer(codes.RMSPROP, float(optimizer.rho), 0.0, float(optimizer.epsilon), decay, rate)
    momentum = float(optimizer.momentum)
    rule = codes.SGD if not momentum else codes.NESTEROV if optimizer.nesterov else codes.MOMENTUM
    return Optimizer(rule, momentum, 0.0, 0.0, decay, rate)


def _loss(loss: Any, activation: int) -> tuple[int, float]:
    """Code and label smoothing of a loss that goes with the output layer's activation."""
    import keras

    loss = keras.losses.get(loss)
    if not isinstance(loss, keras.losses.Loss):
        wrapped = _LOSS_FUNCTIONS().get(loss)
        if wrapped is None:
            raise Unfit(f"loss {getattr(loss, '__name__', loss)}")
        loss = wrapped()
    known = {
        keras.losses.BinaryCrossentropy: (codes.BINARY, codes.SIGMOID),
        keras.losses.SparseCategoricalCrossentropy: (codes.SPARSE_CATEGORICAL, codes.SOFTMAX),
        keras.losses.CategoricalCrossentropy: (codes.CATEGORICAL, codes.SOFTMAX),
        keras.losses.MeanSquaredError: (codes.SQUARED, codes.LINEAR),
        keras.losses.MeanAbsoluteError: (codes.ABSOLUTE, codes.LINEAR),
    }
    if type(loss) not in known or loss.reduction != "sum_over_batch_size":
        raise Unfit(f"loss {getattr(loss, 'name', loss)}")
    code, expected = known[type(loss)]
    settings = loss.get_config()
    if settings.get("from_logits"):
        expected = codes.LINEAR
    if settings.get("axis", -1) != -1 or settings.get("ignore_class") is not None:
        raise Unfit(f"loss {loss.name} with settings")
    if activation != expected:
        raise Unfit(f"loss {loss.name} on that last activation")
    return code, float(settings.get("label_smoothing", 0.0))


def _LOSS_FUNCTIONS() -> dict[Any, Any]:  # noqa: N802
    import keras

    losses = keras.losses
    return {
        losses.binary_crossentropy: losses.BinaryCrossentropy,
        losses.sparse_categorical_crossentropy: losses.SparseCategoricalCrossentropy,
        losses.categorical_crossentropy: losses.CategoricalCrossentropy,
        losses.mean_squared_error: losses.MeanSquaredError,
        losses.mean_absolute_error: losses.MeanAbsoluteError,
    }


def _metrics(model: keras.Model, loss: int, activation: int) -> tuple[tuple[str, int, bool], ...]:
    compiled = compiled_metrics(model)
    if compiled is None:
        return ()
    found = [
        (metric.name, _metric(metric, loss, activation), weighted)
        for metric, weighted in metrics_with_weighting(compiled)
    ]
    if len({name for name, _, _ in found}) < len(found):
        raise Unfit("metrics of the same name")
    return tuple(found)


def _metric(metric: Any, loss: int, activation: int) -> int:
    import keras

    known = keras.metrics
    kind, settings = type(metric), metric.get_config()
    distances = (codes.SQUARED, codes.ABSOLUTE)
    # What a metric averages, and the losses whose labels it takes.
    averages = {
        known.BinaryAccuracy: (codes.BINARY_HIT, (codes.BINARY, *distances)),
        known.SparseCategoricalAccuracy: (codes.SPARSE_CATEGORICAL_HIT, (codes.SPARSE_CATEGORICAL,)),
        known.CategoricalAccuracy: (codes.CATEGORICAL_HIT, (codes.CATEGORICAL,)),
        known.BinaryCrossentropy: (codes.DATA_LOSS, (codes.BINARY,)),
        known.SparseCategoricalCrossentropy: (codes.DATA_LOSS, (codes.SPARSE_CATEGORICAL,)),
        known.CategoricalCrossentropy: (codes.DATA_LOSS, (codes.CATEGORICAL,)),
        known.MeanSquaredError: (codes.SQUARED_ERROR, (codes.BINARY, codes.CATEGORICAL, *distances)),
        known.MeanAbsoluteError: (codes.ABSOLUTE_ERROR, (codes.BINARY, codes.CATEGORICAL, *distances)),
    }
    code, losses = averages.get(kind, (0, ()))
    usual = (
        not settings.get("label_smoothing")
        and settings.get("axis", -1) == -1
        and settings.get("threshold", 0.5) == 0.5
        and (code != codes.DATA_LOSS or bool(settings.get("from_logits")) == (activation == codes.LINEAR))
    )
    if loss not in losses or not usual:
        raise Unfit(f"metric {metric.name}")
    return code
