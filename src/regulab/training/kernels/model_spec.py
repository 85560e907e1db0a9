"""What the kernels know about a model: plain records in place of Keras's objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class UnsupportedModelError(Exception):
    """The kernels cannot train a model; the message says why in a few words. Keras's own steps then train it."""


@dataclass(frozen=True)
class DropoutSpec:
    """A dropout layer: its rate, and Keras's seed generator that it draws from."""

    rate: float
    seed_generator: Any


@dataclass(frozen=True)
class DenseSpec:
    """A dense layer, with the dropout that follows it.

    Attributes:
        inputs: Number of input features.
        units: Number of units.
        activation: Code of the activation.
        bias: Whether there is a bias.
        kernel_penalty: L1 and L2 strength on the kernel.
        bias_penalty: L1 and L2 strength on the bias.
        kernel_decays: Whether weight decay applies to the kernel.
        bias_decays: Whether weight decay applies to the bias.
        dropout: The dropout that follows, or None.
    """

    inputs: int
    units: int
    activation: int
    bias: bool
    kernel_penalty: tuple[float, float]
    bias_penalty: tuple[float, float]
    kernel_decays: bool
    bias_decays: bool
    dropout: DropoutSpec | None = None


@dataclass(frozen=True)
class OptimizerSpec:
    """An optimizer.

    Attributes:
        kind: Code of the update rule.
        beta_1: Adam's β₁, SGD's momentum or RMSprop's ρ; 0 where the rule has none.
        beta_2: Adam's β₂; 0 elsewhere.
        epsilon: Adam's or RMSprop's ε; 0 elsewhere.
        decay: Weight decay.
        learning_rate: A number, or Keras's schedule of it.
    """

    kind: int
    beta_1: float
    beta_2: float
    epsilon: float
    decay: float
    learning_rate: Any

    @property
    def rule(self) -> tuple[int, float, float, float]:
        """What optimizers must have in common for their models to be trained together."""
        return self.kind, self.beta_1, self.beta_2, self.epsilon


@dataclass(frozen=True)
class ModelSpec:
    """A chain of dense layers, and what it was compiled with.

    Attributes:
        layers: The dense layers, from the input on.
        loss: Code of the loss.
        label_smoothing: Label smoothing.
        metrics: Name and code of each metric, and whether it is weighted.
        optimizer: The optimizer.
    """

    layers: tuple[DenseSpec, ...]
    loss: int
    label_smoothing: float
    metrics: tuple[tuple[str, int, bool], ...]
    optimizer: OptimizerSpec

    @property
    def has_dropout(self) -> bool:
        """Whether any layer has dropout."""
        return any(layer.dropout for layer in self.layers)
