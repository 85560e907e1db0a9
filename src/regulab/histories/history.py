"""The record of one member's training, and of all members of a study."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from regulab.errors import InputError
from regulab.printable import printable

#: Measures that regulab adds to what Keras reports, all without penalty and label smoothing.
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "train_data_loss": "training loss after the epoch, dropout off",
        "noisy_data_loss": "training loss after the epoch, dropout on",
        "epoch_data_loss": "training loss as a mean over the epoch, while the weights change and dropout is on",
        "val_data_loss": "validation loss after the epoch",
        "penalty": "what L1 and L2 add to the loss after the epoch",
        "epoch_penalty": "what L1 and L2 add to the loss, as a mean over the epoch",
    }
)


@dataclass(frozen=True)
class History:
    """One variant trained with one seed.

    Attributes:
        variant: Name of the variant, such as `"baseline"`.
        seed: The seed that it was trained with.
        measures: For each measure its value after every epoch; all of one length. Holds what Keras
            reports (`loss`, `val_loss`, metrics) and the measures of `MEASURES`.
        notes: What a reader repaired or left out, one sentence each.

    Example:
        >>> history = History("l2", 0, {"val_data_loss": (0.6, 0.4, 0.5)})
        >>> history.epochs, history.best_epoch
        (3, 1)
    """

    variant: str
    seed: int
    measures: Mapping[str, tuple[float, ...]]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        measures = ", ".join(self.measures) or "nothing"
        return printable(f"<History of {self.variant}, seed {self.seed}; epochs: {self.epochs}; measures: {measures}>")

    @property
    def epochs(self) -> int:
        """How many epochs were recorded."""
        return max((len(values) for values in self.measures.values()), default=0)

    @cached_property
    def best_epoch(self) -> int | None:
        """The 0-based epoch of the lowest validation loss, or None where it was never finite or not measured.

        Without penalty where that was measured, else as the log has it.
        """
        values = self.measures.get("val_data_loss", self.measures.get("val_loss", ()))
        finite = [epoch for epoch, value in enumerate(values) if math.isfinite(value)]
        return min(finite, key=lambda epoch: values[epoch], default=None)

    def at(self, measure: str, epoch: int | None) -> float:
        """The value of a measure after a 0-based epoch (negative counts from the end); NaN where there is none."""
        values = self.measures.get(measure, ())
        return math.nan if epoch is None or not values else values[epoch]


@dataclass(frozen=True)
class Histories:
    """The histories of a study, in the order in which variants were asked for.

    Example:
        >>> flat = {"val_data_loss": (0.6, 0.4)}
        >>> histories = Histories((History("baseline", 0, flat), History("l2", 0, flat)))
        >>> histories.variants
        ('baseline', 'l2')
    """

    members: tuple[History, ...]

    def __repr__(self) -> str:
        return printable(
            f"<Histories of {', '.join(self.variants) or 'nothing'}; seeds: {len(self.seeds)}, epochs: {self.epochs}; "
            f"measures: {', '.join(self.measures) or 'nothing'}>"
        )

    def __iter__(self) -> Iterator[History]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants, each once."""
        return tuple(dict.fromkeys(member.variant for member in self.members))

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, each once."""
        return tuple(dict.fromkeys(member.seed for member in self.members))

    @property
    def epochs(self) -> int:
        """How many epochs were recorded of the member that was trained for longest."""
        return max((member.epochs for member in self), default=0)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that at least one member has, each once."""
        return tuple(dict.fromkeys(measure for member in self.members for measure in member.measures))

    def of(self, variant: str) -> tuple[History, ...]:
        """One variant's members, a history per seed.

        Raises:
            InputError: If there is no such variant.
        """
        members = tuple(member for member in self.members if member.variant == variant)
        if not members:
            raise InputError(f"No variant '{variant}'. Available: {', '.join(self.variants)}.")
        return members

    def member(self, variant: str, seed: int) -> History:
        """The history of one variant with one seed.

        Raises:
            InputError: If there is no such variant, or it was not trained with the seed.
        """
        members = self.of(variant)
        for member in members:
            if member.seed == seed:
                return member
        seeds = ", ".join(str(member.seed) for member in members)
        raise InputError(f"No seed {seed} of variant '{variant}'. Available: {seeds}.")

    def best_of(self, variant: str) -> History:
        """The history of one variant with the seed whose validation loss, without penalty, is lowest at best.

        Raises:
            InputError: If there is no such variant.
        """

        def rank(member: History) -> tuple[bool, float]:
            # NaN is not smaller than anything, and would win for standing first.
            return member.best_epoch is None, member.at("val_data_loss", member.best_epoch)

        return min(self.of(variant), key=rank)

    def only(self, variants: Iterable[str]) -> Histories:
        """The histories of some of the variants, in the order given."""
        return Histories(tuple(member for name in variants for member in self.of(name)))

    def array(self, measure: str, variant: str) -> np.ndarray:
        """A measure of one variant, shape `(seeds, epochs)`, NaN where a member stopped earlier or lacks it.

        Raises:
            InputError: If there is no such variant, or no member of any variant has the measure; `loss`, `val_loss`
                and those of `MEASURES` may be missing.
        """
        members = self.of(variant)
        if measure not in {*self.measures, *MEASURES, "loss", "val_loss"}:
            raise InputError(f"No measure '{measure}'. Available: {', '.join(self.measures) or 'none'}.")
        epochs = max(member.epochs for member in members)
        table = np.full((len(members), epochs), np.nan)
        for row, member in zip(table, members, strict=True):
            values = member.measures.get(measure, ())
            row[: len(values)] = values
        return table
