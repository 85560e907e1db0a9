"""One trace for models that differ in nothing but the values of their variables, such as one variant's seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from regulab.models.fingerprint import step_variables

if TYPE_CHECKING:
    import keras


def traced_once(
    function: Callable[[keras.Model, Any], Sequence[Any]], models: Sequence[keras.Model], x: Any
) -> list[Any]:
    """The results of a function for each of some models that share a fingerprint, in a graph that is being traced.

    It is traced for the first model. The others use the same graph with their own variables in it.

    Args:
        function: Takes a model and features, and returns tensors. It may use tensors of the graph around it.
        models: Models with the same `step_fingerprint`.
        x: Features, the same for all.

    Returns:
        The function's tensors, for each model.
    """
    import tensorflow as tf

    first = models[0]
    inner = tf.function(lambda: [tf.convert_to_tensor(value) for value in function(first, x)], autograph=False)
    traced = inner.get_concrete_function()
    given = traced.captured_inputs
    indices = {id(variable.value.handle): index for index, variable in enumerate(step_variables(first))}
    if any(id(tensor) not in indices and not tf.is_symbolic_tensor(tensor) for tensor in given):
        # It holds something of the first model that is no variable.
        return [function(model, x) for model in models]
    kinds, results = [output.dtype for output in traced.outputs], []
    for model in models:
        handles = [variable.value.handle for variable in step_variables(model)]
        inputs = [handles[indices[id(tensor)]] if id(tensor) in indices else tensor for tensor in given]
        outputs = tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=kinds, f=traced)
        for output, of_first in zip(outputs, traced.outputs, strict=True):
            output.set_shape(of_first.shape)
        results.append(outputs)
    return results
