"""Everything that regulab reads of Keras and TensorFlow for which they offer no public way.

No other module touches a private attribute of theirs. Each function says which public way there is and why it is not
enough. Each has a test that fails when Keras changes what it reads, and that names what breaks in regulab
(`tests/models/test_keras_internals.py`). Read in Keras 3.15 and TensorFlow 2.21.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_NAME_COUNTERS = "object_name_uids"


def compile_arguments(model: keras.Model) -> dict[str, Any] | None:
    """The objects that `model.compile` was called with, by argument; None where Keras keeps no record.

    `get_compile_config`, the public way, turns them into configs, which lose plain Python functions.
    """
    arguments = getattr(getattr(model, "_compile_config", None), "config", None)
    return None if arguments is None else dict(arguments)


def compiled_metrics(model: keras.Model) -> Any:
    """Keras's container of the metrics that the model was compiled with, or None.

    `model.metrics`, the public way, lists the metrics without saying which of them are weighted.
    """
    return model._compile_metrics


def metrics_with_weighting(container: Any) -> Iterator[tuple[Any, bool]]:
    """Each metric in a built container of `compiled_metrics`, and whether sample weights count in it."""
    for groups, weighted in ((container._flat_metrics, False), (container._flat_weighted_metrics, True)):
        for group in groups:
            for metric in group.metrics if group else ():
                yield metric, weighted


def metric_function(metric: Any) -> tuple[Any, dict[str, Any]]:
    """The function that a `MeanMetricWrapper` averages, and its keyword arguments.

    `get_config`, the public way, serializes the function, which fails for a plain Python function.
    """
    return metric._fn, metric._fn_kwargs


def learning_rate_source(optimizer: Any) -> Any:
    """The learning rate as the optimizer holds it: a variable, a schedule or a function; None where it has none.

    `optimizer.learning_rate`, the public way, gives the current value and hides the schedule.
    """
    return getattr(optimizer, "_learning_rate", None)


def without_learning_rate(optimizer: Any) -> Any:
    """A shallow copy whose `get_config` works although the learning rate is a schedule that has no config.

    Setting `learning_rate`, the public way, would change the optimizer itself.
    """
    bare = object.__new__(type(optimizer))
    bare.__dict__.update(optimizer.__dict__, _learning_rate=None)
    return bare


def undecayed_pattern(optimizer: Any) -> str | None:
    """The regular expression of the variables that weight decay leaves alone, or None.

    `exclude_from_weight_decay` writes it, and nothing public reads it; `get_config` leaves it out.
    """
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    return None if pattern is None else str(pattern.pattern)


def is_decayed(optimizer: Any, variable: Any) -> bool:
    """Whether weight decay applies to a variable; there is no public way to ask."""
    return bool(optimizer._use_weight_decay(variable))


def weight_averages(optimizer: Any) -> list[Any]:
    """The moving average of each trainable variable, of an optimizer with `use_ema`.

    `finalize_variable_values`, the public way, overwrites the weights with them; `variables` does not say which is
    whose.
    """
    return list(optimizer._model_variables_moving_average)


def adam_moments(optimizer: Any, variable: Any) -> tuple[Any, Any]:
    """Adam's first and second moment of a variable; `variables`, the public way, does not say which is whose."""
    index = optimizer._get_variable_index(variable)
    return optimizer._momentums[index], optimizer._velocities[index]


def every_layer(model: keras.Model, *, include_self: bool = True) -> list[Any]:
    """The model and all layers in it, also those inside other layers; `model.layers` has only the outermost."""
    return list(model._flatten_layers(include_self=include_self))


def is_functional(model: Any) -> bool:
    """Whether the model was made from symbolic tensors; the class of such models is not public."""
    return any(kind.__name__ == "Functional" and kind.__module__.startswith("keras.") for kind in type(model).__mro__)


def is_plain_functional(model: Any) -> bool:
    """Whether the model is of the functional class itself and not of a subclass."""
    return type(model).__name__ == "Functional" and is_functional(model)


def producer(tensor: Any) -> Any:
    """The layer or operation whose result a symbolic tensor is; there is no public way to ask."""
    return tensor._keras_history.operation


def output_nodes(model: keras.Model) -> list[Any]:
    """The calls that produce the outputs of a functional model; their `parent_nodes` lead to the inputs.

    `get_config` is the public way. It names the calls, and fails for layers that have no config.
    """
    histories = [tensor._keras_history for tensor in model.outputs]
    return [history.operation._inbound_nodes[history.node_index] for history in histories]


def calls_of(layer: Any) -> list[Any]:
    """The calls of a layer; `layer.input`, the public way, is there for a single call only."""
    return list(layer._inbound_nodes)


def calls_on_results_of(layer: Any) -> list[Any]:
    """The calls that take a layer's results; there is no public way to ask."""
    return list(layer._outbound_nodes)


def lambda_output_shape(layer: Any) -> Any:
    """The `output_shape` that a `Lambda` layer was made with; `get_config`, the public way, serializes a function."""
    return layer._output_shape


def weight_variable(layer: Any, kind: str) -> Any:
    """The variable of a layer's `kernel` or `embeddings`; None where it has none.

    On a layer with low-rank adapters the public attribute is a sum that is computed each time.
    """
    weights = (getattr(layer, name, None) for name in (f"_{kind}", kind))
    return next((weight for weight in weights if hasattr(weight, "regularizer")), None)


def mask_of(tensor: Any) -> Any:
    """The mask that the layers before attached to a result, or None; the accessor that Keras has is not public."""
    return getattr(tensor, "_keras_mask", None)


def is_keras_code(code: Any) -> bool:
    """Whether Keras itself defines a class or function; its public names are aliases."""
    return str(getattr(code, "__module__", "")).startswith("keras.src.")


def is_preprocessing_code(code: Any) -> bool:
    """Whether a class belongs to Keras's layers for preprocessing, which have no public class in common."""
    return ".preprocessing." in str(getattr(code, "__module__", ""))


def name_counters() -> Counter[str]:
    """How often Keras has given each name to a layer or metric without one.

    `clear_session`, the public way, resets it and forgets all else that Keras holds for the session.
    """
    from keras.src.backend.common import global_state

    return Counter(global_state.get_global_attribute(_NAME_COUNTERS) or {})


def set_name_counters(counters: Counter[str]) -> None:
    """Let Keras number further names from these counters on."""
    from keras.src.backend.common import global_state

    global_state.set_global_attribute(_NAME_COUNTERS, counters)


def tensorflow_seed() -> int | None:
    """The seed that `tf.random.set_seed` was last given; TensorFlow has no public way to ask."""
    from tensorflow.python.eager import context

    seed: int | None = context.global_seed()
    return seed
