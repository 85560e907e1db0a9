"""What a model was compiled with, ready to compile another one with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError
from regulab.models import keras_internals

if TYPE_CHECKING:
    import keras

#: What `Model.compile` was given: optimizer, loss, metrics and the rest.
CompileSettings = dict[str, Any]


def compile_settings(model: keras.Model) -> CompileSettings:
    """Keyword arguments for `Model.compile`, equal to those that the model was compiled with.

    The optimizer and the metrics are fresh objects, since they hold state; learning-rate schedules
    and losses hold none and are the same objects.

    Raises:
        InputError: If the model is not compiled, or a metric cannot be created again.
    """
    if not getattr(model, "compiled", False):
        raise InputError(
            f"Expected a compiled model. Received: '{getattr(model, 'name', model)}', which is not. "
            "Call model.compile(optimizer=..., loss=...) first."
        )
    settings = compiled_with(model)
    settings["optimizer"] = fresh_optimizer(settings.get("optimizer") or model.optimizer)
    for key in ("metrics", "weighted_metrics"):
        settings[key] = _fresh_metrics(settings.get(key))
    wrapped = type(model.optimizer).__name__ == "LossScaleOptimizer"
    if model.dtype_policy.name == "mixed_float16" and not wrapped:
        settings["auto_scale_loss"] = False
    return settings


def compiled_with(model: keras.Model) -> CompileSettings:
    """What the model was compiled with: the objects themselves."""
    arguments = keras_internals.compile_arguments(model)
    if arguments is not None:
        return arguments
    return {
        "optimizer": model.optimizer,
        "loss": model.loss,
        "run_eagerly": model.run_eagerly,
        "steps_per_execution": model.steps_per_execution,
        "jit_compile": model.jit_compile,
    }


def fresh_optimizer(optimizer: Any, **changes: Any) -> Any:
    """A new optimizer without state, with the same settings but for the changes.

    A name stays a name where nothing changes. The optimizer inside a `LossScaleOptimizer` is the
    one that changes.

    Raises:
        InputError: If the optimizer has no usable config or does not know a setting.
    """
    import keras

    if isinstance(optimizer, str):
        if not changes:
            return optimizer
        optimizer = keras.optimizers.get(optimizer)
    rate = keras_internals.learning_rate_source(optimizer)
    shared = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) or _is_function(rate)
    config = (keras_internals.without_learning_rate(optimizer) if shared else optimizer).get_config()
    if "inner_optimizer" in config:
        config["inner_optimizer"] = fresh_optimizer(optimizer.inner_optimizer, **changes)
        return type(optimizer)(**config)
    unknown = [name for name in changes if name not in config]
    if unknown:
        raise InputError(
            f"Expected an optimizer with the setting `{unknown[0]}`. Received: {type(optimizer).__name__}. "
            "Use an optimizer of Keras, such as keras.optimizers.Adam()."
        )
    config.update(changes)
    if shared:
        config["learning_rate"] = rate
    new = type(optimizer).from_config(config)
    # `get_config` leaves out what was excluded from weight decay.
    pattern = keras_internals.undecayed_pattern(optimizer)
    if pattern is not None:
        new.exclude_from_weight_decay(var_names=[pattern])
    return new


def stepping(optimizer: Any) -> Any:
    """The optimizer that makes the steps: the one within a `LossScaleOptimizer`, else itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _is_function(value: Any) -> bool:
    import keras

    return callable(value) and not isinstance(value, keras.Variable)


def _fresh_metrics(metrics: Any) -> Any:
    import keras

    if isinstance(metrics, Mapping):
        return {name: _fresh_metrics(metric) for name, metric in metrics.items()}
    if isinstance(metrics, list | tuple):
        return [_fresh_metrics(metric) for metric in metrics]
    return _fresh_metric(metrics) if isinstance(metrics, keras.metrics.Metric) else metrics


def _fresh_metric(metric: Any) -> Any:
    import keras

    if type(metric) is keras.metrics.MeanMetricWrapper:
        function, arguments = keras_internals.metric_function(metric)
        return type(metric)(function, name=metric.name, dtype=metric.dtype, **arguments)
    try:
        return type(metric).from_config(metric.get_config())
    except (NotImplementedError, TypeError, ValueError) as error:
        raise InputError(
            f"Expected metrics that can be created again for each model. Received: '{metric.name}' of the class "
            f"{type(metric).__name__}, which cannot: {error}. Give the class a `get_config` that returns every "
            "argument of its constructor."
        ) from error
