"""A layer together with the activation and normalization that follow it directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulab.models.graph import FOLLOWERS, Call, graph, is_rebuildable

if TYPE_CHECKING:
    import keras


def block(model: keras.Model, layer: Any) -> list[Any]:
    """The layer and the activations and normalizations that follow it in a plain chain.

    A layer that is called more than once, or whose result is used more than once, is a block of its own.
    """
    import keras

    followers = tuple(getattr(keras.layers, name) for name in FOLLOWERS)
    calls = graph(_owner(model, layer)).calls
    members = [layer]
    call = _only_call(calls, layer)
    while call is not None:
        after = [other for other in calls for parent in other.parents if parent is call]
        call = _only_call(calls, after[0].operation) if len(after) == 1 else None
        if call is None or not isinstance(call.operation, followers):
            break
        members.append(call.operation)
    return members


def _only_call(calls: tuple[Call, ...], operation: Any) -> Call | None:
    matching = [call for call in calls if call.operation is operation]
    return matching[0] if len(matching) == 1 else None


def _owner(model: Any, layer: Any) -> Any:
    """The model, or the one nested in it, that has the layer itself."""
    if any(own is layer for own in model.layers):
        return model
    for nested in model.layers:
        if is_rebuildable(nested):
            owner = _owner(nested, layer)
            if owner is not None:
                return owner
    return None
