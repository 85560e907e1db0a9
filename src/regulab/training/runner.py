"""What every way of training has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from regulab.data.dataset import Split, Stream
from regulab.training.members import Member

#: Measures of an epoch, by member's key and measure.
Values = dict[str, dict[str, float]]
#: Called now and then while a pass runs.
Ticker = Callable[[], None]


class Runner(Protocol):
    """Trains some members that see the same rows; one way of doing so.

    Attributes:
        members: The members.
        rows: Sorted rows that they train on, or None for all.
        calls: How often `tick` is called in one epoch; at least once a pass where that is not known.
    """

    members: tuple[Member, ...]
    rows: np.ndarray | None
    calls: int

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on rows in this order; None for a stream, which comes as it comes."""

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training loss after the epoch, with noise off and on."""

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports of the validation split; give the data loss of each example, `(n, members)`."""

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the present weights, shape `(n, members)`."""

    def weights(self, place: int) -> list[np.ndarray]:
        """A copy of a member's weights, in Keras's order, as they are measured."""

    def put(self, place: int, weights: Sequence[np.ndarray]) -> None:
        """Give a member these weights."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training goes on from, by name."""

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` gave."""
