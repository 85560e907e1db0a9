"""Changes to the loss and the optimizer; the layers stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulab.errors import NotApplicableError
from regulab.models.compiling import CompileSettings, fresh_optimizer, stepping
from regulab.models.keras_internals import undecayed_pattern
from regulab.variants.change import Change
from regulab.variants.checking import number, positive
from regulab.variants.variant import Variant

#: What weight decay leaves alone, as in the papers: biases and the scales of normalization layers.
_NOT_DECAYED = ("bias", "gamma", "beta")


@dataclass(frozen=True, kw_only=True)
class _LabelSmoothing(Change):
    """Mixes the labels with the uniform distribution."""

    kind = "label_smoothing"
    amount: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.amount,)

    def describe(self) -> str:
        return f"mixes {self.amount:.3g} of the uniform distribution into the labels"

    def recompile(self, settings: CompileSettings) -> CompileSettings:
        import keras

        losses = keras.tree.flatten(settings.get("loss"))
        if not any(_smoothable(loss) for loss in losses):
            names = ", ".join(_loss_name(loss) for loss in losses) or "none"
            raise NotApplicableError(
                "Expected binary or categorical cross-entropy, or their focal forms, as the loss for "
                f"{self.label}. Received: {names}. For sparse_categorical_crossentropy use "
                "categorical_crossentropy with one-hot labels."
            )
        return {**settings, "loss": self._smooth(settings["loss"])}

    def _smooth(self, loss: Any) -> Any:
        if isinstance(loss, Mapping):
            return {name: self._smooth(part) for name, part in loss.items()}
        if isinstance(loss, list | tuple):
            return [self._smooth(part) for part in loss]
        smoothable = _smoothable(loss)
        return (
            loss
            if smoothable is None
            else type(smoothable).from_config(smoothable.get_config() | {"label_smoothing": self.amount})
        )


def _smoothable(loss: Any) -> Any:
    """The loss as an object that has label smoothing, or None."""
    import keras

    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    # Functions such as `binary_crossentropy` have no settings; the class of the same name does.
    name = "".join(part.capitalize() for part in getattr(loss, "__name__", "").split("_"))
    counterpart = getattr(keras.losses, name, None) if name else None
    if counterpart is not None and loss is keras.losses.get(loss.__name__):
        loss = counterpart()
    known = isinstance(loss, keras.losses.Loss) and hasattr(loss, "label_smoothing")
    return loss if known else None


def _loss_name(loss: Any) -> str:
    return loss if isinstance(loss, str) else str(getattr(loss, "__name__", type(loss).__name__))


@dataclass(frozen=True, kw_only=True)
class _WeightDecay(Change):
    """Shrinks the weights a little before each step, apart from the gradient."""

    kind = "weight_decay"
    rate: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.rate,)

    def describe(self) -> str:
        return f"shrinks every weight except biases by {self.rate:g} times the learning rate before each step"

    def recompile(self, settings: CompileSettings) -> CompileSettings:
        optimizer = fresh_optimizer(settings["optimizer"], weight_decay=self.rate)
        steps = stepping(optimizer)
        pattern = undecayed_pattern(steps)
        own = [] if pattern is None else [pattern]
        steps.exclude_from_weight_decay(var_names=[*own, *_NOT_DECAYED])
        return {**settings, "optimizer": optimizer}


@dataclass(frozen=True, kw_only=True)
class _Ema(Change):
    """Predicts with an average over the weights of past steps."""

    kind = "ema"
    momentum: float

    @property
    def strengths(self) -> tuple[float, ...]:
        return (self.momentum,)

    def describe(self) -> str:
        steps = 1 / (1 - self.momentum)
        return f"predicts with the weights averaged over about the last {steps:.3g} steps"

    def recompile(self, settings: CompileSettings) -> CompileSettings:
        optimizer = fresh_optimizer(settings["optimizer"], use_ema=True, ema_momentum=self.momentum)
        return {**settings, "optimizer": optimizer}


def label_smoothing(amount: float = 0.1) -> Variant:
    """Label smoothing: a label of 1 becomes a little less, one of 0 a little more, so the model is less sure.

    Keras applies it in validation too; regulab's own measures leave it out. Source: Szegedy et al.
    (2016), "Rethinking the Inception Architecture", section 7.

    Args:
        amount: Above 0 and below 1, the share of the uniform distribution.

    Raises:
        InputError: If the amount is out of range.

    Example:
        >>> label_smoothing(0.1).describe()
        'mixes 0.1 of the uniform distribution into the labels'
    """
    hint = "Use 0.1 as a start."
    amount = number("amount", amount, within="above 0 and below 1", allowed=lambda x: 0 < x < 1, hint=hint)
    return Variant("label_smoothing", (_LabelSmoothing(amount=amount),))


def weight_decay(rate: float = 0.1) -> Variant:
    """Decoupled weight decay: `w -= learning_rate * rate * w` before each step; Adam becomes AdamW.

    Biases and the scales and shifts of normalization layers are left alone. Over `n` steps a weight
    shrinks to `(1 - learning_rate * rate) ** n` of what it was: at a learning rate of 0.001, 1000
    steps at the rate 0.1 take 10%. Source: Loshchilov and Hutter (2019).

    Args:
        rate: Above 0.

    Raises:
        InputError: If the rate is not above 0.

    Example:
        >>> weight_decay(0.1).label
        'weight_decay(0.1)'
    """
    return Variant("weight_decay", (_WeightDecay(rate=positive("rate", rate, hint="Use 0.1 as a start.")),))


def ema(momentum: float = 0.99) -> Variant:
    """Weight averaging: validation and prediction use an exponential moving average of the weights.

    Args:
        momentum: Above 0 and below 1; the average reaches back about `1 / (1 - momentum)` steps.

    Raises:
        InputError: If the momentum is out of range.

    Example:
        >>> ema(0.99).describe()
        'predicts with the weights averaged over about the last 100 steps'
    """
    hint = "Use 0.99 to average over about 100 steps."
    momentum = number("momentum", momentum, within="above 0 and below 1", allowed=lambda x: 0 < x < 1, hint=hint)
    return Variant("ema", (_Ema(momentum=momentum),))
