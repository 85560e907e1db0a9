"""Copy a model with layers changed, inserted or removed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regulab.errors import NotApplicableError
from regulab.models.graph import is_rebuildable, require_rebuildable, walk_layers
from regulab.models.keras_errors import one_line
from regulab.models.keras_internals import is_functional, producer
from regulab.models.rebuild import rebuild

if TYPE_CHECKING:
    import keras


def clone(
    model: keras.Model,
    *,
    replace: Callable[[Any], Any] | None = None,
    insert_after: Callable[[Any], list[Any]] | None = None,
    remove: Collection[Any] = (),
) -> keras.Model:
    """A new model, not compiled and with fresh weights, of the same layers but for what is asked.

    Names, dtypes and sparse inputs stay. Layers that training would not change (frozen ones,
    adapted `Normalization`) keep their weights. Models used as layers are rewritten in the same way.

    Args:
        model: A Sequential or Functional model; it stays as it was.
        replace: Given a layer of the model, the new layer to use instead; by default an equal one.
        insert_after: Given a layer or operation of the model, new layers to call on its result.
        remove: Layers of the model to leave out; what went into them goes to the next.

    Raises:
        NotApplicableError: If the model is subclassed, a layer cannot be rebuilt, or the shapes of
            the new layers do not fit together.
    """
    require_rebuildable(model, what="a model with other layers")
    cloning = _Cloning(replace or rebuild, insert_after or (lambda layer: []), frozenset(map(id, remove)))
    try:
        new = cloning.model(model)
    except NotApplicableError:
        raise
    except (ValueError, TypeError) as error:
        raise NotApplicableError(
            f"Expected layers that fit together after the change to the model '{model.name}'. "
            f"Received from Keras: {one_line(error)}. Use `layers=` to name the layers that may change."
        ) from error
    cloning.keep_untrained()
    return new


@dataclass
class _Cloning:
    """One cloning: what was made of what, so that shared layers stay shared."""

    replace: Callable[[Any], Any]
    insert_after: Callable[[Any], list[Any]]
    removed: frozenset[int]
    copies: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    inserted: dict[int, list[Any]] = field(default_factory=dict)

    def model(self, model: keras.Model) -> keras.Model:
        return self._functional(model) if is_functional(model) else self._sequential(model)

    def layer(self, layer: Any) -> Any:
        if id(layer) not in self.copies:
            # The original is kept with its copy, because an id is valid only while its object exists.
            self.copies[id(layer)] = (layer, self._make(layer))
        return self.copies[id(layer)][1]

    def _make(self, layer: Any) -> Any:
        import keras

        if is_rebuildable(layer):
            return self.model(layer)
        if isinstance(layer, keras.layers.Layer):
            return self.replace(layer)
        return rebuild(layer)

    def after(self, layer: Any) -> list[Any]:
        if id(layer) not in self.inserted:
            self.inserted[id(layer)] = self.insert_after(layer)
        return self.inserted[id(layer)]

    def _sequential(self, model: keras.Model) -> keras.Model:
        import keras

        layers: list[Any] = []
        # `Sequential.layers` leaves the input layer out; `Model.layers` does not.
        entry = keras.Model.layers.fget(model)[:1]
        if entry and isinstance(entry[0], keras.layers.InputLayer):
            layers.append(_fresh_input(entry[0]))
        for layer in model.layers:
            if id(layer) not in self.removed:
                layers.append(self.layer(layer))
            layers.extend(self.after(layer))
        return type(model)(layers, name=model.name, trainable=model.trainable)

    def _functional(self, model: keras.Model) -> keras.Model:
        import keras

        inputs = keras.tree.map_structure(lambda tensor: _fresh_input(producer(tensor)).output, model.input)
        originals: dict[int, Any] = {}

        def make(layer: Any) -> Any:
            new = self.layer(layer)
            originals[id(new)] = layer
            return new

        def call(new: Any, *args: Any, **kwargs: Any) -> Any:
            layer = originals[id(new)]
            if id(layer) in self.removed:
                return args[0]
            return _through(self.after(layer), new(*args, **kwargs))

        # A compiled model would make `clone_model` serialize its losses and metrics, which fails for
        # plain Python functions. The view has the same layers and is not compiled.
        view = type(model)(model.input, model.output, name=model.name)
        return keras.models.clone_model(view, input_tensors=inputs, clone_function=make, call_function=call)

    def keep_untrained(self) -> None:
        import keras

        for old, new in self.copies.values():
            if not isinstance(old, keras.layers.Layer) or isinstance(old, keras.Model):
                continue
            adapted = isinstance(old, keras.layers.Normalization)
            if not old.weights or (old.trainable and not adapted):
                continue
            if [weight.shape for weight in old.weights] == [weight.shape for weight in new.weights]:
                new.set_weights(old.get_weights())
                if adapted:
                    new.finalize_state()


def _fresh_input(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _through(layers: list[Any], result: Any) -> Any:
    """What the layers make of a result; of several tensors (output and states) only the first goes through."""
    if layers and isinstance(result, list | tuple):
        return type(result)([_through(layers, result[0]), *result[1:]])
    for layer in layers:
        result = layer(result)
    return result


def free_name(model: keras.Model, wanted: str) -> str:
    """The wanted layer name, with a number where the model has such a layer already."""
    taken = {layer.name for layer in walk_layers(model)}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
