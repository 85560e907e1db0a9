"""The runner of the compiled kernels: the rest of regulab trains with them through this class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.training.kernels.examples import as_examples
from regulab.training.kernels.layout import Examples
from regulab.training.kernels.model_spec import ModelSpec
from regulab.training.kernels.trainer import Totals, Trainer
from regulab.training.members import Member
from regulab.training.runner import Ticker, Values

# Names in checkpoints, by fields of `State`. They do not change when a field is renamed, so that a run that was begun
# with another version of regulab can be resumed.
_CHECKPOINT_NAMES = {
    "first_kernels": "first",
    "first_slot_1": "first_1",
    "first_slot_2": "first_2",
    "other_weights": "rest",
    "other_slot_1": "rest_1",
    "other_slot_2": "rest_2",
    "dropout_seeds": "seeds",
}


class KernelRunner:
    """Trains members of one cohort whose optimizers share one update rule; a `training.runner.Runner`.

    Args:
        members: What to train.
        specs: Each member's model as the kernels read it.
        data: The splits, in memory.
        rows: Rows to train on, or None for all.
        batch_size: Examples per batch.
        class_weight: Weight of each class in Keras's training loss.
    """

    def __init__(
        self,
        members: Sequence[Member],
        specs: Sequence[ModelSpec],
        data: Dataset,
        *,
        rows: np.ndarray | None,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        # The trainer wants models with dropout first.
        order = sorted(range(len(specs)), key=lambda index: not specs[index].has_dropout)
        self.members = tuple(members[index] for index in order)
        self.rows = rows
        train = _examples(data.train, class_weight)
        self._train_rows = np.arange(len(train.labels)) if rows is None else rows
        self._validation = _examples(data.validation)
        weights = [member.model.get_weights() for member in self.members]
        self._trainer = Trainer([specs[index] for index in order], weights, train, batch_size=batch_size)

    @property
    def calls(self) -> int:
        """How often `tick` is called in one epoch."""
        return self._trainer.ticks(len(self._train_rows)) + 2 + (self._trainer.models_with_dropout > 0)

    def train(self, order: np.ndarray | None, values: Values, *, tick: Ticker) -> None:
        """Train for one epoch on rows in this order."""
        totals = self._trainer.train(self._train_rows if order is None else order, tick=tick)
        for index, member in enumerate(self.members):
            values[member.key] |= {
                **self._logs(index, totals, penalty=totals.penalty[index]),
                "epoch_data_loss": totals.data_loss[index],
                "epoch_penalty": totals.penalty[index],
            }

    def measure(self, values: Values, *, tick: Ticker) -> None:
        """Record the training data loss after the epoch, with dropout off and on."""
        examples = self._trainer.examples
        _, without_dropout = self._trainer.measure(examples, self._train_rows)
        tick()
        for index, member in enumerate(self.members):
            values[member.key]["train_data_loss"] = without_dropout.data_loss[index]
            values[member.key]["noisy_data_loss"] = without_dropout.data_loss[index]
        if self._trainer.models_with_dropout:
            _, with_dropout = self._trainer.measure(examples, self._train_rows, dropout_on=True)
            tick()
            for index, member in enumerate(self.members[: self._trainer.models_with_dropout]):
                values[member.key]["noisy_data_loss"] = with_dropout.data_loss[index]

    def validate(self, values: Values, *, tick: Ticker) -> np.ndarray:
        """Record what Keras reports on the validation split; the data loss of each example, `(n, members)`."""
        losses, totals = self._trainer.measure(self._validation, np.arange(len(self._validation.labels)))
        tick()
        for index, member in enumerate(self.members):
            penalty = self._trainer.penalties[index]
            logs = self._logs(index, totals, penalty=penalty)
            values[member.key] |= {f"val_{name}": value for name, value in logs.items()}
            values[member.key]["val_data_loss"] = totals.data_loss[index]
            values[member.key]["penalty"] = penalty
        return losses

    def losses(self, split: Split | Stream) -> np.ndarray:
        """Data loss of each example of a split with the current weights, shape `(n, members)`."""
        examples = _examples(split)
        return self._trainer.measure(examples, np.arange(len(examples.labels)))[0]

    def weights(self, index: int) -> list[np.ndarray]:
        """A copy of a member's weights, in Keras's order."""
        return self._trainer.stack.weights(index)

    def set_weights(self, index: int, weights: Sequence[np.ndarray]) -> None:
        """Replace a member's weights."""
        self._trainer.stack.set_weights(index, weights)
        self._trainer.penalties[...] = self._trainer.stack.penalties()

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training depends on from here on, by its name in checkpoints."""
        return {**self._arrays(), "penalties": self._trainer.penalties, "step": np.array(self._trainer.step)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from what `state` returned."""
        for name, array in self._arrays().items():
            array[...] = state[name]
        self._trainer.penalties[...] = state["penalties"]
        self._trainer.step = int(state["step"])

    def _arrays(self) -> dict[str, np.ndarray]:
        """The arrays of `State`, by their names in checkpoints."""
        return {_CHECKPOINT_NAMES[field]: array for field, array in self._trainer.stack.state._asdict().items()}

    def _logs(self, index: int, totals: Totals, *, penalty: float) -> dict[str, float]:
        """Keras's logs of one member: the loss, then the metrics."""
        names = [name for name, _, _ in self._trainer.stack.specs[index].metrics]
        return {"loss": totals.loss[index] + penalty, **dict(zip(names, totals.metrics[index], strict=False))}


def _examples(split: Split | Stream, class_weight: Mapping[int, float] | None = None) -> Examples:
    assert isinstance(split, Split)  # `backends` leaves streams to the lockstep runner.
    return as_examples(split, class_weight)
