"""Noise after the hidden layers during training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulab.errors import NotApplicableError
from regulab.models.blocks import block
from regulab.models.cloning import clone, free_name
from regulab.models.graph import Layers, select_layers, way_out
from regulab.variants.change import Change
from regulab.variants.checking import layer_choice, layer_words, number, positive
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class _Noise(Change):
    """A layer without weights after each hidden layer."""

    layers: Layers = None

    @property
    def sets(self) -> tuple[str, ...]:
        return ()

    def make(self, name: str) -> Any:
        """The layer to insert."""
        raise NotImplementedError

    def rewrite(self, model: keras.Model) -> keras.Model:
        chosen = select_layers(model, self.layers)
        out = {id(layer) for layer in way_out(model)}
        layer_before: dict[int, Any] = {}
        for layer in chosen:
            end = block(model, layer)[-1]
            if id(layer) in out:
                raise NotApplicableError(
                    f"Expected layers before the output in `layers` for {self.label}. Received: '{layer.name}', which "
                    "produces the output; noise after it would spoil the predictions. Name hidden layers."
                )
            layer_before[id(end)] = layer

        def insert_after(operation: Any) -> list[Any]:
            layer = layer_before.get(id(operation))
            return [] if layer is None else [self.make(free_name(model, f"{self.kind}_after_{layer.name}"))]

        return clone(model, insert_after=insert_after)


@dataclass(frozen=True, kw_only=True)
class _Dropout(_Noise):
    """Sets a share of a layer's outputs to zero and scales the others up by `1 / (1 - rate)`."""

    kind = "dropout"
    rate: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.rate,)

    def describe(self) -> str:
        return f"drops {self.rate:.3g} of the outputs of {layer_words(self.layers)} at random during training"

    def make(self, name: str) -> Any:
        import keras

        return keras.layers.Dropout(self.rate, name=name)


@dataclass(frozen=True, kw_only=True)
class _GaussianNoise(_Noise):
    """Adds normally distributed noise to a layer's outputs."""

    kind = "gaussian_noise"
    stddev: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.stddev,)

    def describe(self) -> str:
        deviation = f"standard deviation {self.stddev:g}"
        return f"adds noise with {deviation} to the outputs of {layer_words(self.layers)} during training"

    def make(self, name: str) -> Any:
        import keras

        return keras.layers.GaussianNoise(self.stddev, name=name)


def dropout(rate: float = 0.5, *, layers: Any = None) -> Variant:
    """Dropout after each hidden layer: during training, each output is zero with probability `rate`.

    It is inserted after the activation or normalization that follows the layer, if there is one, and
    before pooling. Source: Srivastava et al. (2014), "Dropout".

    Args:
        rate: Above 0 and below 1; the share that is dropped, not the share that is kept.
        layers: Names or indices of layers, or a predicate; by default each hidden layer. Layers
            without weights, such as pooling, can be named too.

    Raises:
        InputError: If the rate is out of range.

    Example:
        >>> dropout(0.5).describe()
        'drops 0.5 of the outputs of each hidden layer at random during training'
    """
    hint = "Use 0.5 to drop half the units."
    rate = number("rate", rate, within="above 0 and below 1", allowed=lambda x: 0 < x < 1, hint=hint)
    return Variant("dropout", (_Dropout(rate=rate, layers=layer_choice(layers)),))


def gaussian_noise(stddev: float = 0.1, *, layers: Any = None) -> Variant:
    """Normally distributed noise added after each hidden layer during training; placed as `dropout` is.

    Args:
        stddev: Standard deviation, above 0, in units of the layer's outputs.
        layers: Names or indices of layers, or a predicate; by default each hidden layer.

    Raises:
        InputError: If the standard deviation is not above 0.

    Example:
        >>> gaussian_noise(0.1).label
        'gaussian_noise(0.1)'
    """
    stddev = positive("stddev", stddev, hint="Use 0.1 as a start.")
    return Variant("gaussian_noise", (_GaussianNoise(stddev=stddev, layers=layer_choice(layers)),))
