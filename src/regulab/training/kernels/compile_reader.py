"""Reads what a Keras model was compiled with: optimizer, loss and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from regulab.models.keras_internals import compiled_metrics, learning_rate_source, metrics_with_weighting
from regulab.training.kernels import codes
from regulab.training.kernels.model_spec import DenseSpec, OptimizerSpec, UnsupportedModelError

if TYPE_CHECKING:
    import keras


def read_optimizer(optimizer: Any) -> OptimizerSpec:
    """Read an optimizer.

    Raises:
        UnsupportedModelError: If the kernels do not support it or one of its settings.
    """
    import keras

    kind, optimizers = type(optimizer), keras.optimizers
    if kind not in (optimizers.Adam, optimizers.AdamW, optimizers.SGD, optimizers.RMSprop):
        raise UnsupportedModelError(f"optimizer {kind.__name__}")
    for setting in ("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "gradient_accumulation_steps"):
        if getattr(optimizer, setting):
            raise UnsupportedModelError(f"an optimizer with {setting}")
    if optimizer.loss_scale_factor is not None:
        raise UnsupportedModelError("an optimizer with loss_scale_factor")
    learning_rate = learning_rate_source(optimizer)
    if not isinstance(learning_rate, optimizers.schedules.LearningRateSchedule):
        learning_rate = float(learning_rate)
    decay = float(optimizer.weight_decay or 0.0)
    if kind in (optimizers.Adam, optimizers.AdamW):
        if optimizer.amsgrad:
            raise UnsupportedModelError("amsgrad")
        beta_1, beta_2, epsilon = float(optimizer.beta_1), float(optimizer.beta_2), float(optimizer.epsilon)
        return OptimizerSpec(codes.ADAM, beta_1, beta_2, epsilon, decay, learning_rate)
    if kind is optimizers.RMSprop:
        if optimizer.centered or optimizer.momentum:
            raise UnsupportedModelError("RMSprop that is centered or has momentum")
        rho, epsilon = float(optimizer.rho), float(optimizer.epsilon)
        return OptimizerSpec(codes.RMSPROP, rho, 0.0, epsilon, decay, learning_rate)
    momentum = float(optimizer.momentum)
    rule = codes.SGD if not momentum else codes.NESTEROV if optimizer.nesterov else codes.MOMENTUM
    return OptimizerSpec(rule, momentum, 0.0, 0.0, decay, learning_rate)


def read_loss(loss: Any, activation: int) -> tuple[int, float]:
    """Read the loss of a model whose output layer has this activation.

    Returns:
        Code and label smoothing.

    Raises:
        UnsupportedModelError: If the kernels do not support the loss, or it does not go with the activation.
    """
    import keras

    loss = keras.losses.get(loss)
    if not isinstance(loss, keras.losses.Loss):
        loss_class = _loss_classes().get(loss)
        if loss_class is None:
            raise UnsupportedModelError(f"loss {getattr(loss, '__name__', loss)}")
        loss = loss_class()
    supported = {
        keras.losses.BinaryCrossentropy: (codes.BINARY_CROSSENTROPY, codes.SIGMOID),
        keras.losses.SparseCategoricalCrossentropy: (codes.SPARSE_CATEGORICAL_CROSSENTROPY, codes.SOFTMAX),
        keras.losses.CategoricalCrossentropy: (codes.CATEGORICAL_CROSSENTROPY, codes.SOFTMAX),
        keras.losses.MeanSquaredError: (codes.SQUARED_LOSS, codes.LINEAR),
        keras.losses.MeanAbsoluteError: (codes.ABSOLUTE_LOSS, codes.LINEAR),
    }
    if type(loss) not in supported or loss.reduction != "sum_over_batch_size":
        raise UnsupportedModelError(f"loss {getattr(loss, 'name', loss)}")
    code, expected = supported[type(loss)]
    settings = loss.get_config()
    if settings.get("from_logits"):
        expected = codes.LINEAR
    if settings.get("axis", -1) != -1 or settings.get("ignore_class") is not None:
        raise UnsupportedModelError(f"loss {loss.name} with settings")
    if activation != expected:
        raise UnsupportedModelError(f"loss {loss.name} on that last activation")
    return code, float(settings.get("label_smoothing", 0.0))


def _loss_classes() -> dict[Any, Any]:
    """The class of each loss that may also be given as a function."""
    import keras

    losses = keras.losses
    return {
        losses.binary_crossentropy: losses.BinaryCrossentropy,
        losses.sparse_categorical_crossentropy: losses.SparseCategoricalCrossentropy,
        losses.categorical_crossentropy: losses.CategoricalCrossentropy,
        losses.mean_squared_error: losses.MeanSquaredError,
        losses.mean_absolute_error: losses.MeanAbsoluteError,
    }


def read_metrics(
    model: keras.Model, *, loss: int, output: DenseSpec, labels: np.ndarray
) -> tuple[tuple[str, int, bool], ...]:
    """Read the metrics of a compiled model.

    Args:
        model: The model.
        loss: Code of its loss.
        output: Its output layer.
        labels: A few labels, in the shape that the loss takes.

    Returns:
        Name and code of each metric, and whether it is weighted.

    Raises:
        UnsupportedModelError: If the kernels do not support one of them.
    """
    container = compiled_metrics(model)
    if container is None:
        return ()
    if not container.built:
        # Keras chooses what a name like 'accuracy' means by the shapes of labels and predictions.
        container.build(labels, np.zeros((1, output.units), np.float32))
    metrics = [
        (metric.name, _read_metric(metric, loss, output.activation), weighted)
        for metric, weighted in metrics_with_weighting(container)
    ]
    if len({name for name, _, _ in metrics}) < len(metrics):
        raise UnsupportedModelError("metrics of the same name")
    return tuple(metrics)


def _read_metric(metric: Any, loss: int, activation: int) -> int:
    """Code of a metric, which has to go with the loss's labels and the output layer's activation."""
    import keras

    classes = keras.metrics
    kind, settings = type(metric), metric.get_config()
    regression = (codes.SQUARED_LOSS, codes.ABSOLUTE_LOSS)
    binary, sparse = codes.BINARY_CROSSENTROPY, codes.SPARSE_CATEGORICAL_CROSSENTROPY
    categorical = codes.CATEGORICAL_CROSSENTROPY
    # What a metric averages, and the losses that take the same labels.
    supported = {
        classes.BinaryAccuracy: (codes.BINARY_ACCURACY, (binary, *regression)),
        classes.SparseCategoricalAccuracy: (codes.SPARSE_CATEGORICAL_ACCURACY, (sparse,)),
        classes.CategoricalAccuracy: (codes.CATEGORICAL_ACCURACY, (categorical,)),
        classes.BinaryCrossentropy: (codes.DATA_LOSS, (binary,)),
        classes.SparseCategoricalCrossentropy: (codes.DATA_LOSS, (sparse,)),
        classes.CategoricalCrossentropy: (codes.DATA_LOSS, (categorical,)),
        classes.MeanSquaredError: (codes.SQUARED_ERROR, (binary, categorical, *regression)),
        classes.MeanAbsoluteError: (codes.ABSOLUTE_ERROR, (binary, categorical, *regression)),
    }
    code, losses = supported.get(kind, (0, ()))
    has_default_settings = (
        not settings.get("label_smoothing")
        and settings.get("axis", -1) == -1
        and settings.get("threshold", 0.5) == 0.5
        and (code != codes.DATA_LOSS or bool(settings.get("from_logits")) == (activation == codes.LINEAR))
    )
    if loss not in losses or not has_default_settings:
        raise UnsupportedModelError(f"metric {metric.name}")
    return code
