"""Trains a model with one set of settings after another, an epoch at a time, by the engine of studies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from regulab.data.dataset import Dataset
from regulab.histories.history import History
from regulab.models.keras_errors import keras_errors_as_input_errors
from regulab.play.settings import Settings
from regulab.training.arguments import positive
from regulab.training.engine import Engine
from regulab.training.members import Member, ModelSource
from regulab.training.preparation import keras_at_work, prepare

if TYPE_CHECKING:
    import keras


class Trainer:
    """What stays the same from run to run: the model, the data, the batches.

    The test split is left alone: whoever tries settings until the curves please has used up what they look at.

    Args:
        build_model: A function that returns a compiled `keras.Model`, or such a model, as a study takes it.
        data: What to train and validate on.
        batch_size: Examples per batch.

    Raises:
        InputError: If the model cannot be trained on the data.
    """

    def __init__(self, build_model: ModelSource, data: Dataset, *, batch_size: int = 32) -> None:
        self.batch_size = positive("batch_size", batch_size)
        self._preparation, self.template = prepare(
            build_model, data, batch_size=self.batch_size, keep_test=False, purpose="The playground"
        )

    @property
    def data(self) -> Dataset:
        """What is trained and validated on, with labels in the shape that the loss takes."""
        return self._preparation.data

    def model(self, settings: Settings) -> keras.Model:
        """The compiled model with these settings, before training."""
        return self._member(settings).model

    def begin(self, settings: Settings) -> Training:
        """Make ready to train with these settings; from the same initial weights as before where shapes allow."""
        with keras_errors_as_input_errors("Trying the model on one batch"):
            return Training(self._preparation.engine([self._member(settings)]))

    def _member(self, settings: Settings) -> Member:
        variants = [settings.variant] if settings.variant.changes else []
        # The baseline comes first: its initial weights are the variant's, too.
        return self._preparation.members(variants=variants, seeds=[settings.seed])[-1]


class Training:
    """One model that is being trained."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def epoch(self, *, tick: Callable[[], None] = lambda: None) -> History:
        """Train for one more epoch, and measure.

        Args:
            tick: Called now and then, so that it can raise an error to end the training.

        Returns:
            All epochs so far.
        """
        with keras_at_work():
            self._engine.train_epoch(tick=tick)
        (member,) = self._engine.members
        measures = self._engine.progress[member.key].measures
        return History(member.variant.name, member.seed, {name: tuple(values) for name, values in measures.items()})
