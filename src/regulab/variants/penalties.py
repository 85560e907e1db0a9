"""Penalties on large weights, and an upper bound on their norm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulab.errors import NotApplicableError
from regulab.models.cloning import clone
from regulab.models.graph import PENALTIES, Layers, kernel_configs, select_layers
from regulab.models.inplace import named_layers, set_on_kernels
from regulab.models.rebuild import rebuild
from regulab.variants.change import Change
from regulab.variants.checking import layer_choice, layer_words, positive
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras

_HINT = "Use 0.001 as a start."


@dataclass(frozen=True, kw_only=True)
class _OnKernels(Change):
    """A change to what the kernels of some layers are subject to."""

    layers: Layers = None

    def value(self, key: str, old: dict[str, Any] | None) -> dict[str, Any]:
        """The Keras config to put under the key of a layer's config, in place of the old one."""
        raise NotImplementedError

    def keys(self) -> tuple[str, ...]:
        """The keys of a layer's config that the change acts on."""
        return PENALTIES

    def rewrite(self, model: keras.Model) -> keras.Model:
        chosen = {id(layer) for layer in select_layers(model, self.layers)}

        def replace(layer: Any) -> Any:
            return rebuild(layer, self._edit(layer)) if id(layer) in chosen else rebuild(layer)

        return clone(model, replace=replace)

    def modify(self, model: keras.Model) -> None:
        for layer in named_layers(model, self.layers, what=self.label):
            if not set_on_kernels(layer, self.keys(), self.value):
                raise self._no_kernel(layer)

    def _edit(self, layer: Any) -> Callable[[dict[str, Any]], None]:
        def edit(config: dict[str, Any]) -> None:
            parts = kernel_configs(config)
            if not parts:
                raise self._no_kernel(layer)
            for part in parts:
                for key in self.keys():
                    if key in part:
                        part[key] = self.value(key, part[key])

        return edit

    def _no_kernel(self, layer: Any) -> NotApplicableError:
        return NotApplicableError(
            f"Expected layers with a kernel in `layers`, such as Dense, for {self.label}. Received: '{layer.name}' "
            f"of the class {type(layer).__name__}. Name other layers."
        )


@dataclass(frozen=True, kw_only=True)
class _Penalty(_OnKernels):
    """Adds to the loss `l1 * sum(|w|) + l2 * sum(w**2)` over each kernel.

    A part that is None stays as the layer has it, so that `l1(a) + l2(b)` is `l1_l2(a, b)`; a part
    that is given replaces the layer's own. Penalties other than L1 and L2 are replaced.
    """

    l1: float | None = None
    l2: float | None = None

    @property
    def sets(self) -> tuple[str, ...]:
        return tuple(name for name in ("l1", "l2") if getattr(self, name) is not None)

    @property
    def kind(self) -> str:
        return "_".join(self.sets)

    @property
    def strengths(self) -> tuple[float, ...]:
        return tuple(strength for strength in (self.l1, self.l2) if strength is not None)

    def describe(self) -> str:
        terms = [
            f"{strength:g} times the sum of the {of} weights"
            for strength, of in ((self.l1, "absolute"), (self.l2, "squared"))
            if strength is not None
        ]
        return f"adds {' plus '.join(terms)} of {layer_words(self.layers)} to the loss"

    def value(self, key: str, old: dict[str, Any] | None) -> dict[str, Any]:
        import keras

        before = _strengths(old)
        l1 = before["l1"] if self.l1 is None else self.l1
        l2 = before["l2"] if self.l2 is None else self.l2
        if not l1:
            penalty = keras.regularizers.L2(l2)
        else:
            penalty = keras.regularizers.L1L2(l1, l2) if l2 else keras.regularizers.L1(l1)
        return dict(keras.regularizers.serialize(penalty))


def _strengths(config: dict[str, Any] | None) -> dict[str, float]:
    known = config is not None and config.get("class_name") in {"L1", "L2", "L1L2"}
    settings = config["config"] if known and config is not None else {}
    return {part: float(settings.get(part) or 0) for part in ("l1", "l2")}


@dataclass(frozen=True, kw_only=True)
class _MaxNorm(_OnKernels):
    """Keeps the norm of the weights that lead into a unit at or below a bound; replaces other constraints."""

    kind = "max_norm"
    bound: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.bound,)

    def describe(self) -> str:
        return f"keeps the norm of the weights into each unit of {layer_words(self.layers)} at or below {self.bound:g}"

    def keys(self) -> tuple[str, ...]:
        return tuple(key.replace("regularizer", "constraint") for key in PENALTIES)

    def value(self, key: str, old: dict[str, Any] | None) -> dict[str, Any]:
        import keras

        # A row of an embedding holds the weights of a word; a column of a kernel those into a unit.
        axis = 1 if key.startswith("embeddings") else 0
        return dict(keras.constraints.serialize(keras.constraints.MaxNorm(self.bound, axis=axis)))


def l1(strength: float = 0.0001, *, layers: Any = None) -> Variant:
    """L1 weight regularization: `strength * sum(|w|)` is added to the loss; it drives weights to zero.

    Args:
        strength: Above 0; 0.0001 to 0.001 is usual.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If the strength is not above 0.

    Example:
        >>> l1(0.001).label
        'l1(0.001)'
    """
    return _variant(_Penalty(l1=positive("strength", strength, hint=_HINT), layers=layer_choice(layers)))


def l2(strength: float = 0.001, *, layers: Any = None) -> Variant:
    """L2 weight regularization: `strength * sum(w**2)` is added to the loss, as in Keras without a half.

    Args:
        strength: Above 0; 0.0001 to 0.01 is usual.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If the strength is not above 0.

    Example:
        >>> l2(0.001).describe()
        'adds 0.001 times the sum of the squared weights of each hidden layer to the loss'
    """
    return _variant(_Penalty(l2=positive("strength", strength, hint=_HINT), layers=layer_choice(layers)))


def l1_l2(l1: float = 0.0001, l2: float = 0.001, *, layers: Any = None) -> Variant:
    """L1 and L2 weight regularization together.

    Args:
        l1: Strength of the L1 part, above 0.
        l2: Strength of the L2 part, above 0.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If a strength is not above 0.

    Example:
        >>> l1_l2(0.0001, 0.001).label
        'l1_l2(0.0001, 0.001)'
    """
    hint = "Use l1 or l2 alone for one of them, and 0.001 as a start."
    parts = {"l1": positive("l1", l1, hint=hint), "l2": positive("l2", l2, hint=hint)}
    return _variant(_Penalty(**parts, layers=layer_choice(layers)))


def max_norm(bound: float = 3.0, *, layers: Any = None) -> Variant:
    """A bound on the norm of the weights into each unit, enforced after every step.

    Source: Srivastava et al. (2014), "Dropout", appendix A, where 3 to 4 is typical.

    Args:
        bound: Above 0.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If the bound is not above 0.

    Example:
        >>> max_norm(2).label
        'max_norm(2)'
    """
    return _variant(_MaxNorm(bound=positive("bound", bound, hint="Use 3 as a start."), layers=layer_choice(layers)))


def _variant(change: Change) -> Variant:
    return Variant(change.kind, (change,))
