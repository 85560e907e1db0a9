"""The gap between Keras's two loss curves, split into the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import Histories

_NEEDED = (
    "loss",
    "val_loss",
    "train_data_loss",
    "noisy_data_loss",
    "epoch_data_loss",
    "val_data_loss",
    "penalty",
    "epoch_penalty",
)


@dataclass(frozen=True)
class GapParts:
    """The gap after one epoch: `shown = true - dropout - lag + penalty + weighting`.

    Attributes:
        epoch: The 0-based epoch.
        shown: What the plot of Keras's curves shows: `val_loss - loss`.
        true: Validation minus training data loss, both after the epoch with dropout off.
        dropout: What dropout adds to the training loss after the epoch.
        lag: How much higher training loss is as a mean over the epoch, while the weights change, than after it.
        penalty: How much the penalty after the epoch differs from its mean over the epoch.
        weighting: What label smoothing and class weights add to `val_loss` more than to `loss`.
    """

    epoch: int
    shown: float
    true: float
    dropout: float
    lag: float
    penalty: float
    weighting: float

    @property
    def steps(self) -> tuple[tuple[str, float], ...]:
        """What leads from the true gap to the one shown: names with signed amounts."""
        return (
            ("dropout", -self.dropout),
            ("lag", -self.lag),
            ("penalty", self.penalty),
            ("weighting", self.weighting),
        )


@dataclass(frozen=True)
class Gap:
    """One variant's gap, as means over its seeds.

    Attributes:
        variant: Its name.
        seeds: How many seeds it was trained with.
        epochs: The parts after every epoch.
        best_epoch: The 0-based epoch with the lowest mean validation data loss, or None.
    """

    variant: str
    seeds: int
    epochs: tuple[GapParts, ...] = field(repr=False)
    best_epoch: int | None

    @property
    def best(self) -> GapParts | None:
        """The parts after the best epoch, or None where no validation loss was finite."""
        return None if self.best_epoch is None else self.epochs[self.best_epoch]

    @property
    def last(self) -> GapParts:
        """The parts after the last epoch."""
        return self.epochs[-1]

    def at(self, when: Literal["best", "last"]) -> GapParts | None:
        """The parts after the best or the last epoch."""
        return self.best if when == "best" else self.last


def gap(histories: Histories) -> tuple[Gap, ...]:
    """Split the gap of every variant, after every epoch.

    With r the training data loss as a mean over the epoch, d the same after the epoch with dropout on, t in
    inference mode and v the validation data loss:
    `val_loss - loss = (v - t) - (d - t) - (r - d) + (penalty - mean penalty) + weighting`.

    Args:
        histories: Of a study run by regulab.

    Raises:
        InputError: If a variant lacks one of the measures.

    Example:
        >>> from regulab.histories.history import History
        >>> after = {"val_data_loss": 0.5, "train_data_loss": 0.2, "noisy_data_loss": 0.3, "epoch_data_loss": 0.35}
        >>> printed = {"val_loss": 0.6, "loss": 0.47, "penalty": 0.1, "epoch_penalty": 0.12}
        >>> measures = {name: (value,) for name, value in {**after, **printed}.items()}
        >>> parts = gap(Histories((History("l2+dropout", 0, measures),)))[0].last
        >>> round(parts.shown, 2), round(parts.true, 2), [(name, round(part, 2)) for name, part in parts.steps[:3]]
        (0.13, 0.3, [('dropout', -0.1), ('lag', -0.05), ('penalty', -0.02)])
    """
    return tuple(_gap(histories, variant) for variant in histories.variants)


def can_split(histories: Histories) -> bool:
    """Whether every variant has the measures that the split needs."""
    return bool(len(histories)) and all(set(_NEEDED) <= member.measures.keys() for member in histories)


def _gap(histories: Histories, variant: str) -> Gap:
    members = histories.of(variant)
    for member in members:
        missing = [name for name in _NEEDED if name not in member.measures]
        if missing:
            raise InputError(
                f"Expected the measures {', '.join(_NEEDED)} of '{variant}'. Received none of: {', '.join(missing)}. "
                "A study run by regulab records them; a log of another tool does not hold them."
            )
    # Where a seed has no number, neither has the mean.
    table = {name: histories.array(name, variant).mean(axis=0) for name in _NEEDED}
    with np.errstate(invalid="ignore"):  # infinity minus infinity is NaN, as it should be
        val_extra = table["val_loss"] - table["val_data_loss"] - table["penalty"]
        extra = table["loss"] - table["epoch_data_loss"] - table["epoch_penalty"]
        columns = (
            table["val_loss"] - table["loss"],
            table["val_data_loss"] - table["train_data_loss"],
            table["noisy_data_loss"] - table["train_data_loss"],
            table["epoch_data_loss"] - table["noisy_data_loss"],
            table["penalty"] - table["epoch_penalty"],
            val_extra - extra,
        )
    parts = tuple(GapParts(epoch, *map(float, row)) for epoch, row in enumerate(zip(*columns, strict=True)))
    finite = np.flatnonzero(np.isfinite(table["val_data_loss"]))
    best = int(finite[table["val_data_loss"][finite].argmin()]) if finite.size else None
    return Gap(variant, len(members), parts, best)
