"""Penalties and bounds on a subclassed model, changed in place because its layers are called in its own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError, NotApplicableError
from regulab.models.graph import Layers
from regulab.models.keras_internals import every_layer, weight_variable

if TYPE_CHECKING:
    import keras

Value = Callable[[str, dict[str, Any] | None], dict[str, Any]]


def named_layers(model: keras.Model, layers: Layers, *, what: str) -> list[Any]:
    """The layers of a subclassed model that `layers=` names, also those inside other layers.

    Raises:
        NotApplicableError: If `layers` does not name layers.
        InputError: If there is no such layer.
    """
    # `Model.layers` does not reach layers that are parts of other layers.
    known = {layer.name: layer for layer in every_layer(model, include_self=False)}
    listed = ", ".join(known)
    if layers is None or callable(layers) or not all(isinstance(item, str) for item in layers):
        raise NotApplicableError(
            f"Expected `layers=` with names of layers for {what}, as which layers of a {type(model).__name__} are "
            f"hidden is not known. Received: layers={layers!r}. Name some of: {listed}."
        )
    for name in layers:
        if name not in known:
            raise InputError(f"No layer '{name}'. Available: {listed}.")
    return [known[str(name)] for name in layers]


def set_on_kernels(layer: Any, keys: Sequence[str], value: Value) -> bool:
    """Put a regularizer or constraint on the kernels of a layer in place; whether it has any.

    Keras copies the setting from the layer to the weight when it builds the layer, so that on a
    built layer both are set: the weight's acts, and the layer's is saved.
    """
    import keras

    has_kernel = False
    for owner in _owners(layer):
        for key in keys:
            if not hasattr(owner, key):
                continue
            has_kernel = True
            weight_kind, kind = key.rsplit("_", 1)
            module = keras.regularizers if kind == "regularizer" else keras.constraints
            old = getattr(owner, key)
            new = module.get(value(key, None if old is None else module.serialize(old)))
            setattr(owner, key, new)
            weight = _weight(owner, weight_kind)
            if weight is not None:
                setattr(weight, kind, new)
    return has_kernel


def _owners(layer: Any) -> list[Any]:
    parts = [getattr(layer, name, None) for name in ("forward_layer", "backward_layer")]
    layers = [part for part in parts if part is not None] or [getattr(layer, "layer", layer)]
    # The settings of a recurrent layer are those of its cell.
    return [getattr(part, "cell", part) for part in layers]


def _weight(owner: Any, kind: str) -> Any:
    if not owner.built:
        return None
    return weight_variable(owner, kind if kind in {"kernel", "embeddings"} else f"{kind}_kernel")
