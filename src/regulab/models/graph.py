"""How the layers of a model follow one another: which are hidden and which produce the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError, NotApplicableError
from regulab.models.keras_internals import is_functional, output_nodes
from regulab.models.rebuild import read_config

if TYPE_CHECKING:
    import keras

#: Which layers to act on: names, indices into `model.layers`, a predicate, or None for the hidden ones.
Layers = Sequence[str | int] | Callable[[Any], bool] | None

#: Where a layer's config names the penalty on its kernel. Biases, recurrent kernels and the scales
#: of normalization are left alone, as in the course.
PENALTIES = ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer", "embeddings_regularizer")

#: Layers that belong to the one before them.
FOLLOWERS = (
    "Activation",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Softmax",
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "UnitNormalization",
)


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer or operation, the calls whose results it took, and its arguments where Keras holds them."""

    operation: Any
    parents: tuple[Call, ...]
    arguments: Any = None


@dataclass(frozen=True, eq=False)
class Graph:
    """The calls of a model, each after its parents, and those that give its output."""

    calls: tuple[Call, ...]
    exits: tuple[Call, ...]


def is_rebuildable(model: Any) -> bool:
    """Whether the model is Sequential or Functional, so that a model of other layers can be made from it."""
    import keras

    constructor = type(model).__init__
    if isinstance(model, keras.Sequential):
        return bool(constructor is keras.Sequential.__init__)
    if not is_functional(model):
        return False
    # A subclass that calls `super().__init__(inputs=..., outputs=...)` has a constructor of its own.
    kinds = [parameter.kind for parameter in signature(constructor).parameters.values()]
    names = list(signature(constructor).parameters)
    return names[1:3] == ["inputs", "outputs"] or {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD} <= set(kinds)


def require_rebuildable(model: Any, *, what: str = "this variant") -> None:
    """Refuse a subclassed model, and say what can be done with it.

    Raises:
        NotApplicableError: If the model is subclassed.
    """
    if not is_rebuildable(model):
        raise NotApplicableError(
            f"Expected a Sequential or Functional model for {what}. Received: a model of the class "
            f"{type(model).__name__}, whose layers are called in its own code. If you pass the function that "
            "builds it, label_smoothing, weight_decay, ema and train_size apply, and penalties and max_norm whose "
            "`layers=` names layers. For other changes, give that function an option."
        )


def graph(model: keras.Model) -> Graph:
    """The calls of a Sequential or Functional model."""
    import keras

    if isinstance(model, keras.Sequential):
        chain: list[Call] = []
        for layer in model.layers:
            chain.append(Call(layer, tuple(chain[-1:])))
        return Graph(tuple(chain), tuple(chain[-1:]))

    ends = output_nodes(model)
    known: dict[int, Call] = {}
    # Deep models have more layers than Python has room for calls in calls.
    pending = ends[::-1]
    while pending:
        node = pending[-1]
        unknown = [parent for parent in node.parent_nodes if id(parent) not in known]
        if unknown:
            pending += unknown[::-1]
            continue
        pending.pop()
        if id(node) not in known:
            parents = tuple(known[id(parent)] for parent in node.parent_nodes)
            known[id(node)] = Call(node.operation, parents, node.arguments)
    return Graph(tuple(known.values()), tuple(known[id(node)] for node in ends))


def walk_layers(model: Any) -> Iterator[Any]:
    """The layers of a model and of the models in it, in order, each once, without input layers."""
    import keras

    seen: set[int] = set()

    def walk(layers: Sequence[Any]) -> Iterator[Any]:
        for layer in layers:
            if id(layer) in seen or isinstance(layer, keras.layers.InputLayer):
                continue
            seen.add(id(layer))
            if is_rebuildable(layer):
                yield from walk(layer.layers)
            else:
                yield layer

    yield from walk(model.layers)


def config_of(layer: Any) -> dict[str, Any]:
    """The config of a layer, empty where it has none."""
    try:
        return read_config(layer)
    except NotImplementedError:
        return {}


def kernel_configs(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a layer's config that describe kernels: its own, or those of the layers that it wraps."""
    wrapped = [config[key] for key in ("layer", "backward_layer") if isinstance(config.get(key), dict)]
    parts = [part["config"] for part in wrapped if isinstance(part.get("config"), dict)] or [config]
    return [part for part in parts if any(key in part for key in PENALTIES)]


def has_kernel(layer: Any) -> bool:
    """Whether the layer is one that takes a penalty on its kernel: Dense, Conv, recurrent, Embedding and the like."""
    import keras

    return isinstance(layer, keras.layers.Layer) and bool(kernel_configs(config_of(layer)))


def transforms(layer: Any) -> bool:
    """Whether the layer mixes its inputs by weights, so that what comes before it is hidden."""
    import keras

    if not isinstance(layer, keras.layers.Layer):
        return False
    followers = tuple(getattr(keras.layers, name) for name in FOLLOWERS)
    custom = not isinstance(layer, followers) and any(len(weight.shape) > 1 for weight in layer.weights)
    return custom or has_kernel(layer)


def output_layers(model: keras.Model) -> list[Any]:
    """The layers with weights whose result, perhaps through layers without, is the model's output."""
    return [layer for layer in way_out(model) if transforms(layer)]


def way_out(model: keras.Model) -> list[Any]:
    """The output layers and all layers after them."""
    return _way_out(model)[0]


def _way_out(model: keras.Model) -> tuple[list[Any], bool]:
    """What is on the way out, and whether some way from the inputs to the output meets no weights."""
    tail: dict[int, Any] = {}
    seen: set[int] = set()
    open_end = False
    pending = list(graph(model).exits)
    while pending:
        call = pending.pop()
        if id(call) in seen:
            continue
        seen.add(id(call))
        if is_rebuildable(call.operation):
            layers, through = _way_out(call.operation)
        else:
            layers, through = [call.operation], not transforms(call.operation)
        tail.update((id(layer), layer) for layer in layers)
        open_end |= through and not call.parents
        pending += call.parents if through else ()
    return list(tail.values()), open_end


def hidden_layers(model: keras.Model) -> list[Any]:
    """The layers with kernels that are not on the way out, in the order of the model."""
    out = {id(layer) for layer in way_out(model)}
    return [layer for layer in walk_layers(model) if id(layer) not in out and has_kernel(layer)]


def select_layers(model: keras.Model, layers: Layers) -> list[Any]:
    """The layers that `layers=` means; for None the hidden ones.

    Indices count as in `model.layers`, in the model as the change finds it. A predicate is asked
    about each layer that has a kernel. Names are searched for in models within the model, too.

    Raises:
        InputError: If a name or an index is not there.
        NotApplicableError: If nothing is left to act on.
    """
    if layers is None or callable(layers):
        if layers is None:
            chosen_layers = hidden_layers(model)
        else:
            chosen_layers = [layer for layer in walk_layers(model) if has_kernel(layer) and layers(layer)]
        if not chosen_layers:
            wanted = "hidden layers with a kernel" if layers is None else "layers that the predicate `layers` chooses"
            raise NotApplicableError(f"Expected a model with {wanted}. Received: {_outline(model)}.")
        return chosen_layers
    chosen: dict[int, Any] = {}
    for item in layers:
        for layer in _at(model, item) if isinstance(item, int) else _named(model, item):
            chosen[id(layer)] = layer
    return list(chosen.values())


def _at(model: Any, index: int) -> list[Any]:
    if not -len(model.layers) <= index < len(model.layers):
        raise InputError(
            f"Expected indices in `layers` from 0 to {len(model.layers) - 1}. Received: {index}. "
            f"The layers are {_names(model.layers)}."
        )
    layer = model.layers[index]
    return list(walk_layers(layer)) if is_rebuildable(layer) else [layer]


def _named(model: Any, name: str) -> list[Any]:
    matching = [layer for layer in walk_layers(model) if layer.name == name]
    if not matching:
        raise InputError(f"No layer '{name}'. Available: {_names(walk_layers(model))}.")
    return matching


def _names(layers: Any) -> str:
    return ", ".join(layer.name for layer in layers)


def _outline(model: Any) -> str:
    return f"'{model.name}' with the layers {_names(walk_layers(model)) or '(none)'}"
