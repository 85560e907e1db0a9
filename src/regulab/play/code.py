"""A training as plain Keras: code that builds the same model without regulab."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scipy.sparse import issparse

from regulab.data.dataset import Dataset, Split
from regulab.errors import NotApplicableError
from regulab.models.compiling import compile_settings
from regulab.models.graph import Call, graph, require_rebuildable
from regulab.play.literals import Writer
from regulab.play.settings import Settings

if TYPE_CHECKING:
    import keras


def write(
    model: keras.Model,
    data: Dataset,
    settings: Settings,
    *,
    batch_size: int,
    given: Dataset | None = None,
    named: str = "data",
) -> str:
    """The code of one run.

    Args:
        model: The compiled model with the settings.
        data: What it was trained on, with labels in the shape that the loss takes.
        settings: What it was trained with.
        batch_size: Examples per batch.
        given: The data set as the learner has it, whose labels may have another shape; `data` by default.
        named: What the learner calls the data set.

    Raises:
        NotApplicableError: If the model or its data cannot be written as code.
    """
    writer = Writer()
    body = [
        f"keras.utils.set_random_seed({settings.seed})",
        "",
        *_data(data, data if given is None else given, settings, named),
        "",
        *network(model, writer),
        *_compile(model, writer),
        *_fit(data, settings, batch_size, named),
    ]
    # Only where it is used: the notebook may have no other need of it.
    numpy = ["import numpy as np"] if settings.share != 1 else []
    return "\n".join(["import keras", *numpy, *writer.imports, "", *body])


def network(model: keras.Model, writer: Writer) -> list[str]:
    """The lines that lay out the model, as `model`, not compiled.

    Raises:
        NotApplicableError: If it is subclassed, or its layers are called in a way that cannot be read from it.
    """
    import keras

    require_rebuildable(model, what="code that is written for you")
    if isinstance(model, keras.Sequential):
        first = [_input(model.inputs[0])] if model.built else []
        layers = [*first, *(_layer(layer, writer) for layer in model.layers)]
        return ["model = keras.Sequential([", *(f"    {layer}," for layer in layers), "])"]
    flow = graph(model)
    calls = flow.calls
    names: dict[int, str] = {}
    shared_layers: dict[int, str] = {}
    lines = []
    for index, call in enumerate(calls):
        layer = call.operation
        times = [other for other in calls if other.operation is layer]
        if len(times) > 1 and id(layer) not in shared_layers:
            shared_layers[id(layer)] = _identifier(layer.name)
            lines.append(f"{shared_layers[id(layer)]} = {_layer(layer, writer)}")
        after = [other for other in calls if any(parent is call for parent in other.parents)]
        names[id(call)] = _result(call, number=times.index(call), alone=after == list(calls[index + 1 : index + 2]))
        lines.append(f"{names[id(call)]} = {_called(call, names, shared_layers.get(id(layer)), writer)}")
    ends = names[id(flow.exits[0])]
    starts = next(names[id(call)] for call in calls if isinstance(call.operation, keras.layers.InputLayer))
    return [*lines, f"model = keras.Model({starts}, {ends})"]


def _input(tensor: Any) -> str:
    """The call of `keras.Input` for a model's input."""
    shape = tuple(tensor.shape[1:])
    inside = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    return f"keras.Input({inside}{'' if tensor.dtype == 'float32' else f', dtype={chr(34)}{tensor.dtype}{chr(34)}'})"


def _layer(layer: Any, writer: Writer) -> str:
    if type(layer).__name__ in ("Lambda", "Sequential", "Functional", "Model"):
        raise NotApplicableError(
            "Expected a model of layers that can be written one by one. "
            f"Received: '{layer.name}' of the class {type(layer).__name__}. Write the code by hand."
        )
    return writer.made(layer)


def _called(call: Call, names: dict[int, str], shared_layer: str | None, writer: Writer) -> str:
    """A layer called on results that have names; the layer itself has one if it is called several times."""
    import keras

    layer = call.operation
    if isinstance(layer, keras.layers.InputLayer):
        return _input(layer.output)
    # A model tells all its layers whether it is being trained, whatever each was called with.
    given = [name for name, value in call.arguments.kwargs.items() if name != "training" and value is not None]
    if given or not isinstance(layer, keras.layers.Layer):
        raise NotApplicableError(
            "Expected a model whose layers are called on the results of others and nothing else. "
            f"Received: '{layer.name}', which is not. Write the code by hand."
        )
    received = [names[id(parent)] for parent in call.parents]
    listed = isinstance(call.arguments.args[0], (list, tuple))
    inside = f"[{', '.join(received)}]" if listed else ", ".join(received)
    return f"{shared_layer or _layer(layer, writer)}({inside})"


def _result(call: Call, *, number: int, alone: bool) -> str:
    """What to call a result: `x` where the next line takes it and no other; else after its layer."""
    if type(call.operation).__name__ == "InputLayer":
        return "inputs"
    return "x" if alone else _identifier(f"{call.operation.name}_output{f'_{number + 1}' if number else ''}")


def _identifier(name: str) -> str:
    return re.sub(r"\W|^(?=\d)", "_", name)


def _compile(model: keras.Model, writer: Writer) -> list[str]:
    import keras

    usual = inspect.signature(keras.Model.compile).parameters
    settings = {
        name: value
        for name, value in compile_settings(model).items()
        if name in ("optimizer", "loss") or (name in usual and not _is_usual(name, value, usual[name].default))
    }
    return ["model.compile(", *(f"    {name}={writer.value(value)}," for name, value in settings.items()), ")"]


def _is_usual(name: str, value: Any, usual: Any) -> bool:
    # Keras puts an answer in the place of "auto", which is False unless there is more than a CPU.
    if name == "jit_compile":
        return value is not True
    return value is usual or (isinstance(value, (str, int, bool)) and value == usual)


def _data(data: Dataset, given: Dataset, settings: Settings, named: str) -> list[str]:
    lines, sizes = [], {}
    for name, short in (("train", "train"), ("validation", "val")):
        split, before = getattr(data, name), getattr(given, name)
        if not isinstance(split, Split):
            raise NotApplicableError(
                "Expected arrays to write code for. Received: a stream of batches. Hand it to model.fit as it is."
            )
        sizes[name] = len(split)
        x = f"{named}.{name}.x{'.toarray()' if issparse(split.x) else ''}"
        column = split.y.ndim == 2 and before.y.ndim == 1
        lines.append(f"x_{short}, y_{short} = {x}, {named}.{name}.y{'.reshape(-1, 1)' if column else ''}")
    if settings.share != 1:
        count = max(1, round(sizes["train"] * settings.share))
        lines += [
            "# As many examples as in the playground, but not the same ones.",
            f"some = np.random.default_rng({settings.seed}).permutation(len(x_train))[:{count}]",
            "x_train, y_train = x_train[some], y_train[some]",
        ]
    return lines


def _fit(data: Dataset, settings: Settings, batch_size: int, named: str) -> Sequence[str]:
    held = [isinstance(split, Split) and split.sample_weight is not None for split in (data.train, data.validation)]
    chosen = "[some]" if settings.share != 1 else ""
    weights = [f"    sample_weight={named}.train.sample_weight{chosen},"] if held[0] else []
    validation = f"x_val, y_val{f', {named}.validation.sample_weight' if held[1] else ''}"
    return (
        "history = model.fit(",
        "    x_train,",
        "    y_train,",
        *weights,
        f"    validation_data=({validation}),",
        f"    epochs={settings.epochs},",
        f"    batch_size={batch_size},",
        "    verbose=2,",
        ")",
    )
