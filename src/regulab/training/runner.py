"""The interface that every training backend implements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from regulab.data.dataset import Split, Stream
from regulab.training.members import Member

#: Measures of an epoch, by the member's key and the measure's name.
Values = dict[str, dict[str, float]]
#: Called after every few batches, so that a progress bar can move.
Ticker = Callable[[], None]


class Runner(Protocol):
    """Trains and measures the members of one cohort: those that a backend trains together on the same rows.

    The engine, the checkpoint and the playground know members by a runner alone, and not how it trains them.
    """

    @property
    def members(self) -> tuple[Member, ...]:
        """The members. A member's index in this tuple is its index everywhere else in the runner."""

    @property
    def rows(self) -> np.ndarray | None:
        """Sorted rows of the training split that the members train on, or None for all."""

    @property
    def calls(self) -> int:
        """How often `tick` is called in one epoch. A pass over a stream, whose length is unknown, counts as one."""

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on the rows in this order, or on the stream in its own order (None)."""

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training data loss after the epoch, with dropout off and on."""

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports on the validation split.

        Returns:
            Data loss of each example, shape `(n, members)`.
        """

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the present weights, shape `(n, members)`."""

    def weights(self, index: int) -> list[np.ndarray]:
        """A copy of a member's weights, in Keras's order; their moving average where its optimizer keeps one."""

    def set_weights(self, index: int, weights: Sequence[np.ndarray]) -> None:
        """Replace a member's weights."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training depends on from here on, by name."""

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from what `state` returned."""
