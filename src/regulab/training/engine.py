"""The engine: every member of a study, epoch by epoch, on the same batches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.histories.history import Histories, History
from regulab.training.backends import make_runners
from regulab.training.data_loss import DataLoss
from regulab.training.members import Member
from regulab.training.runner import Runner, Ticker, Values


@dataclass(eq=False)
class Progress:
    """The training of one member so far.

    Attributes:
        measures: Values of each measure, one an epoch.
        best_loss: Lowest validation data loss so far.
        best_weights: The member's weights at that epoch.
        validation: Validation data loss of each example at that epoch, shape `(n,)`.
    """

    measures: dict[str, list[float]] = field(default_factory=dict)
    best_loss: float = np.inf
    best_weights: list[np.ndarray] | None = None
    validation: np.ndarray | None = None

    def record(self, values: Mapping[str, float]) -> None:
        """Append one epoch."""
        for measure, value in values.items():
            self.measures.setdefault(measure, []).append(float(value))


class Engine:
    """Trains members side by side.

    Args:
        members: What to train.
        data: Splits whose labels already have the shape that the loss takes.
        measure: The data loss of each example.
        batch_size: Examples per batch; a stream brings its own batches.
        class_weight: Weight of each class in Keras's training loss.
        shuffle_seed: Seeds the order of batches, with the epoch.
    """

    def __init__(
        self,
        members: Sequence[Member],
        data: Dataset,
        *,
        measure: DataLoss,
        batch_size: int,
        class_weight: Mapping[int, float] | None = None,
        shuffle_seed: int = 0,
    ) -> None:
        self.members = tuple(members)
        self.progress = {member.key: Progress() for member in self.members}
        self._data = data
        self._shuffle_seed = shuffle_seed
        self.runners: list[Runner]
        self.runners, self.backends = make_runners(
            self.members, data, measure=measure, batch_size=batch_size, class_weight=class_weight
        )

    @property
    def epoch(self) -> int:
        """How many epochs every member has finished."""
        # The one measure that is regulab's own whatever a model calls its metrics.
        return min(len(progress.measures.get("val_data_loss", ())) for progress in self.progress.values())

    @property
    def histories(self) -> Histories:
        """What was measured so far, in the order of the members."""
        return Histories(
            tuple(
                History(member.variant.name, member.seed, {name: tuple(values) for name, values in measures.items()})
                for member in self.members
                for measures in [self.progress[member.key].measures]
            )
        )

    @property
    def calls_per_epoch(self) -> int:
        """How often `tick` is called in one epoch."""
        return sum(runner.calls for runner in self.runners)

    def train_epoch(self, *, tick: Ticker = lambda: None) -> None:
        """Train every member for one epoch, measure it, and keep its weights where it is at its best.

        An epoch that an exception ends leaves no trace in `progress`.
        """
        values: Values = {member.key: {} for member in self.members}
        examples: list[np.ndarray] = []
        for runner in self.runners:
            runner.train(self._order(runner.rows), values, tick=tick)
            runner.measure(values, tick=tick)
            examples.append(runner.validate(values, tick=tick))
        for runner, losses in zip(self.runners, examples, strict=True):
            self._keep_best(runner, losses, values)
        first = self.members[0].key
        names = tuple(self.progress[first].measures or values[first])
        for key, recorded in values.items():
            self.progress[key].record(_named_as(names, recorded))

    def restore_best_weights(self) -> None:
        """Give every member the weights of its best epoch."""
        for runner in self.runners:
            for index, member in enumerate(runner.members):
                best = self.progress[member.key].best_weights
                if best is not None:
                    runner.set_weights(index, best)

    def losses(self, split: Split | Stream) -> dict[str, np.ndarray]:
        """Data loss of each example for each member with its present weights, each of shape `(n,)`."""
        losses: dict[str, np.ndarray] = {}
        for runner in self.runners:
            table = runner.losses(split)
            losses |= {member.key: table[:, index].copy() for index, member in enumerate(runner.members)}
        return losses

    def _order(self, rows: np.ndarray | None) -> np.ndarray | None:
        if isinstance(self._data.train, Stream):
            return None
        rng = np.random.default_rng((self._shuffle_seed, self.epoch))
        if rows is None:
            return rng.permutation(len(self._data.train))
        return rng.permutation(rows)

    def _keep_best(self, runner: Runner, examples: np.ndarray, values: Values) -> None:
        for index, member in enumerate(runner.members):
            loss, progress = values[member.key]["val_data_loss"], self.progress[member.key]
            if loss < progress.best_loss or progress.best_weights is None:
                progress.best_loss = float(loss) if np.isfinite(loss) else np.inf
                progress.best_weights = runner.weights(index)
                progress.validation = examples[:, index].copy()


def _named_as(names: Sequence[str], recorded: Mapping[str, float]) -> dict[str, float]:
    """The values under the names that their measures had in the first member's first epoch.

    Keras numbers the names of metrics throughout a process: a compiled model that is built again to resume its study
    has `precision_1` where it had `precision`.

    Example:
        >>> _named_as(["loss", "auc_1", "auc_2"], {"loss": 0.6, "auc_2": 0.7, "auc_3": 0.8})
        {'loss': 0.6, 'auc_1': 0.7, 'auc_2': 0.8}
    """
    waiting: dict[str, list[str]] = {}
    for name in names:
        waiting.setdefault(_unnumbered(name), []).append(name)
    return {(waiting.get(_unnumbered(name)) or [name]).pop(0): value for name, value in recorded.items()}


def _unnumbered(name: str) -> str:
    return re.sub(r"_\d+$", "", name)
