"""Trains members with the compiled kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.training.kernels.examples import as_examples
from regulab.training.kernels.layout import Examples
from regulab.training.kernels.model_spec import Plan
from regulab.training.kernels.trainer import Totals, Trainer
from regulab.training.runner import Ticker, Values

if TYPE_CHECKING:
    from regulab.training.members import Member


class KernelRunner:
    """Members of one cohort whose optimizers follow one rule; see `training.runner.Runner`.

    Args:
        members: What to train.
        plans: What each of them is to the kernels.
        data: The splits, in memory.
        rows: Rows to train on, or None for all.
        batch_size: Examples per batch.
        class_weight: Weight of each class in Keras's training loss.
    """

    def __init__(
        self,
        members: Sequence[Member],
        plans: Sequence[Plan],
        data: Dataset,
        *,
        rows: np.ndarray | None,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        # Those with dropout first, as the trainer wants them.
        order = sorted(range(len(plans)), key=lambda place: all(layer.noise is None for layer in plans[place].layers))
        plans = [plans[place] for place in order]
        self.members = tuple(members[place] for place in order)
        self.rows = rows
        train = _examples(data.train, class_weight)
        self._trained_rows = np.arange(len(train.labels)) if rows is None else rows
        self._validation = _examples(data.validation)
        weights = [member.model.get_weights() for member in self.members]
        self._trainer = Trainer(plans, weights, train, batch_size=batch_size)

    @property
    def calls(self) -> int:
        """How often `tick` is called in one epoch."""
        return self._trainer.ticks(len(self._trained_rows)) + 2 + (self._trainer.noisy_models > 0)

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on rows in this order."""
        totals = self._trainer.train(self._trained_rows if order is None else order, tick=tick)
        for place, member in enumerate(self.members):
            values[member.key] |= {
                **self._logs(place, totals, penalty=totals.penalty[place]),
                "epoch_data_loss": totals.data_loss[place],
                "epoch_penalty": totals.penalty[place],
            }

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training loss after the epoch, with dropout off and on."""
        examples = self._trainer.examples
        _, quiet = self._trainer.measure(examples, self._trained_rows)
        tick()
        with_noise = self.members[: self._trainer.noisy_models]
        for place, member in enumerate(self.members):
            values[member.key]["train_data_loss"] = quiet.data_loss[place]
            values[member.key]["noisy_data_loss"] = quiet.data_loss[place]
        if with_noise:
            _, noisy = self._trainer.measure(examples, self._trained_rows, noisy=True)
            tick()
            for place, member in enumerate(with_noise):
                values[member.key]["noisy_data_loss"] = noisy.data_loss[place]

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports of the validation split; the data loss of each example, `(n, members)`."""
        losses, totals = self._trainer.measure(self._validation, np.arange(len(self._validation.labels)))
        tick()
        for place, member in enumerate(self.members):
            penalty = self._trainer.penalties[place]
            logs = self._logs(place, totals, penalty=penalty)
            values[member.key] |= {f"val_{name}": value for name, value in logs.items()}
            values[member.key]["val_data_loss"] = totals.data_loss[place]
            values[member.key]["penalty"] = penalty
        return losses

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the present weights, shape `(n, members)`."""
        examples = _examples(split)
        return self._trainer.measure(examples, np.arange(len(examples.labels)))[0]

    def weights(self, place: int) -> list[np.ndarray]:
        """A copy of a member's weights, in Keras's order."""
        return self._trainer.stack.weights(place)

    def put(self, place: int, weights: Sequence[np.ndarray]) -> None:
        """Give a member these weights."""
        self._trainer.stack.put(place, weights)
        self._trainer.penalties[...] = self._trainer.stack.penalties()

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training goes on from, by name."""
        state = self._trainer.stack.state._asdict()
        return {**state, "penalties": self._trainer.penalties, "step": np.array(self._trainer.step)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` gave."""
        for name, array in self._trainer.stack.state._asdict().items():
            array[...] = state[name]
        self._trainer.penalties[...] = state["penalties"]
        self._trainer.step = int(state["step"])

    def _logs(self, place: int, totals: Totals, *, penalty: float) -> dict[str, float]:
        """Keras's logs of one member: the loss, then the metrics."""
        names = [name for name, _, _ in self._trainer.stack.plans[place].metrics]
        return {"loss": totals.loss[place] + penalty, **dict(zip(names, totals.metrics[place], strict=False))}


def _examples(split: Split | Stream, class_weight: Mapping[int, float] | None = None) -> Examples:
    assert isinstance(split, Split)  # streams are trained in lockstep
    return as_examples(split, class_weight)
