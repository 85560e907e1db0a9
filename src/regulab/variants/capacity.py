"""More or less capacity: the width and the number of the hidden layers."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError, NotApplicableError
from regulab.models.blocks import block
from regulab.models.cloning import clone, free_name
from regulab.models.graph import Layers, config_of, kernel_configs, select_layers, way_out
from regulab.models.rebuild import rebuild
from regulab.variants.change import Change
from regulab.variants.checking import layer_choice, layer_words, number
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class _Width(Change):
    """Units, filters or embedding dimensions of hidden layers times a factor."""

    kind = "width"
    factor: float
    layers: Layers = None

    @property
    def sets(self) -> tuple[str, ...]:
        return ()

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.factor,)

    def describe(self) -> str:
        return f"{self.factor:g} times the units of {layer_words(self.layers)}"

    def rewrite(self, model: keras.Model) -> keras.Model:
        chosen_layers = select_layers(model, self.layers)
        chosen = {id(layer) for layer in chosen_layers if _widths(config_of(layer))}
        _refuse_output(model, chosen_layers, self.label)
        if not chosen:
            names = ", ".join(layer.name for layer in chosen_layers)
            raise NotApplicableError(
                f"Expected layers with units or filters for {self.label}. Received: {names}, which have none. "
                "Name other layers with `layers=`."
            )

        def edit(config: dict[str, Any]) -> None:
            for part, key in _widths(config):
                groups = part.get("groups") or 1  # Filters come in multiples of the groups.
                part[key] = groups * max(1, round(part[key] * self.factor / groups))

        def replace(layer: Any) -> Any:
            return rebuild(layer, edit if id(layer) in chosen else None)

        return clone(model, replace=replace)


def _widths(config: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """The places in a layer's config that hold its width."""
    settings: list[tuple[dict[str, Any], str]] = []
    for part in kernel_configs(config):
        key: str | None = next((key for key in ("units", "filters") if key in part), None)
        if key is None and "embeddings_regularizer" in part:
            key = "output_dim"
        if key is not None:
            settings.append((part, key))
    return settings


@dataclass(frozen=True, kw_only=True)
class _Depth(Change):
    """Hidden layers added after the last one, or removed."""

    kind = "depth"
    by: int
    layers: Layers = None

    @property
    def sets(self) -> tuple[str, ...]:
        return ()

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.by,)

    def describe(self) -> str:
        count = abs(self.by)
        noun = "layer" if count == 1 else "layers"
        if self.by < 0:
            return f"{count} fewer hidden {noun}"
        return f"{count} more hidden {noun}, like the last one"

    def rewrite(self, model: keras.Model) -> keras.Model:
        chosen_layers = select_layers(model, self.layers)
        _refuse_output(model, chosen_layers, self.label)
        return self._deeper(model, chosen_layers) if self.by > 0 else self._shallower(model, chosen_layers)

    def _shallower(self, model: keras.Model, chosen_layers: list[Any]) -> keras.Model:
        removable = [layer for layer in chosen_layers if _keeps_rank(layer)]
        if len(removable) < -self.by:
            raise NotApplicableError(
                f"Expected a model with at least {-self.by} hidden layers to remove for {self.label}. "
                f"Received: '{model.name}' with {len(removable)}; embeddings and recurrent layers that return "
                "only their last output cannot be removed. Use a smaller `by`, or width."
            )
        removed = [part for layer in removable[self.by :] for part in block(model, layer)]
        return clone(model, remove=removed)

    def _deeper(self, model: keras.Model, chosen_layers: list[Any]) -> keras.Model:
        last = next((layer for layer in reversed(chosen_layers) if _can_follow_itself(layer)), None)
        if last is None:
            raise NotApplicableError(
                f"Expected a model with a hidden Dense, Conv or recurrent layer for {self.label}. "
                f"Received: '{model.name}' without one. Name a layer with `layers=`."
            )
        parts = block(model, last)

        def replace(layer: Any) -> Any:
            # All but the last of stacked recurrent layers hand on the whole sequence.
            return rebuild(layer, _return_sequences if layer is last else None)

        def insert_after(operation: Any) -> list[Any]:
            if operation is not parts[-1]:
                return []
            names = {id(part): free_name(model, f"{part.name}_copy") for part in parts}
            return [
                rebuild(part, _copy_as(names[id(part)], number, final=number == self.by))
                for number in range(1, self.by + 1)
                for part in parts
            ]

        return clone(model, replace=replace, insert_after=insert_after)


def _is_recurrent(config: dict[str, Any]) -> bool:
    return any("return_sequences" in part for part in (config, *kernel_configs(config)))


def _keeps_rank(layer: Any) -> bool:
    config = config_of(layer)
    parts = kernel_configs(config)
    if _is_recurrent(config):
        return all(part.get("return_sequences") and not part.get("return_state") for part in parts)
    return all("embeddings_regularizer" not in part for part in parts) and bool(parts)


def _can_follow_itself(layer: Any) -> bool:
    parts = kernel_configs(config_of(layer))
    return bool(_widths(config_of(layer))) and not any(
        "embeddings_regularizer" in part or part.get("return_state") for part in parts
    )


def _return_sequences(config: dict[str, Any]) -> None:
    for part in kernel_configs(config):
        if "return_sequences" in part:
            part["return_sequences"] = True


def _copy_as(name: str, number: int, *, final: bool) -> Any:
    def edit(config: dict[str, Any]) -> None:
        config["name"] = name if number == 1 else f"{name}_{number}"
        for part in kernel_configs(config):
            if "filters" in part:
                # A copy keeps the size of the image, or a few of them would use it up.
                part.update(padding="causal" if part.get("padding") == "causal" else "same")
                part.update(strides=1 if isinstance(part["strides"], int) else [1] * len(part["strides"]))
        if not final:
            _return_sequences(config)

    return edit


def _refuse_output(model: keras.Model, layers: list[Any], label: str) -> None:
    out = {id(layer) for layer in way_out(model)}
    for layer in layers:
        if id(layer) in out:
            raise NotApplicableError(
                f"Expected hidden layers in `layers` for {label}. Received: '{layer.name}', which produces the output; "
                "its size is set by the labels. Name hidden layers."
            )


def width(factor: float = 0.5, *, layers: Any = None) -> Variant:
    """A smaller (factor below 1) or bigger model: the units or filters of hidden layers times the factor.

    Counts are rounded and at least 1. Embedding dimensions count as units.

    Args:
        factor: Above 0 and not 1.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If the factor is not above 0, or 1.

    Example:
        >>> width(1/4).name, width(32).name, width(1/4).label
        ('smaller', 'bigger', 'width(0.25)')
    """
    hint = "Use 0.25 for a quarter of the units, or 4 for four times as many."
    factor = number("factor", factor, within="above 0 and not 1", allowed=lambda x: x > 0 and x != 1, hint=hint)
    change = _Width(factor=factor, layers=layer_choice(layers))
    return Variant("smaller" if factor < 1 else "bigger", (change,))


def depth(by: Any = 1, *, layers: Any = None) -> Variant:
    """A deeper model (by above 0) or a shallower one (by below 0).

    Deeper: copies of the last hidden layer, with its activation and normalization, follow it.
    Copies of convolutions keep the size of the image. Shallower: the last hidden layers are left
    out, except for those that the next layer needs for its kind of input.

    Args:
        by: How many layers to add (above 0) or remove (below 0).
        layers: Names or indices of the layers to choose from, or a predicate; by default the hidden ones.

    Raises:
        InputError: If `by` is not a whole number, or 0.

    Example:
        >>> depth(1).name, depth(-1).describe()
        ('deeper', '1 fewer hidden layer')
    """
    if isinstance(by, bool) or not isinstance(by, Integral) or by == 0:
        raise InputError(
            f"Expected `by` as a whole number other than 0. Received: by={by!r}. "
            "Use 1 for one more hidden layer, -1 for one fewer."
        )
    change = _Depth(by=int(by), layers=layer_choice(layers))
    return Variant("deeper" if change.by > 0 else "shallower", (change,))
