"""Trains a model with one set of settings after another, an epoch at a time, by the engine of studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from regulab.data.dataset import Dataset
from regulab.data.validate import check as check_data
from regulab.errors import require
from regulab.histories.history import History
from regulab.models.keras_errors import told
from regulab.play.settings import Settings
from regulab.training.arguments import check_kinds, positive
from regulab.training.compatibility import fit_data
from regulab.training.data_loss import yardstick
from regulab.training.engine import Engine
from regulab.training.members import Member, ModelSource, build_members
from regulab.training.members import build_model as build_template
from regulab.training.tf_warnings import without_retracing_warnings

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

    def __init__(self, build_model: ModelSource, data: Dataset, *, batch_size: int = 512) -> None:
        require("tensorflow", extra="cpu", purpose="The playground")
        check_kinds(build_model, data, None)
        self.batch_size = positive("batch_size", batch_size)
        check_data(data)
        self._source = build_model
        self.template = build_template(build_model, seed=0)
        with told("Reading the model's loss"):
            self._measure = yardstick(self.template)
        self.data = fit_data(replace(data, test=None), self.template)

    def model(self, settings: Settings) -> keras.Model:
        """The compiled model with these settings, before training."""
        return self._member(settings).model

    def begin(self, settings: Settings) -> Training:
        """Make ready to train with these settings; from the same initial weights as before where shapes allow."""
        with told("Trying the model on one batch"):
            member = self._member(settings)
            return Training(Engine([member], self.data, measure=self._measure, batch_size=self.batch_size))

    def _member(self, settings: Settings) -> Member:
        variants = [settings.variant] if settings.variant.changes else []
        # The baseline comes first: its initial weights are the variant's, too.
        return build_members(self._source, self.data, variants=variants, seeds=[settings.seed])[-1]


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
        with told("Training"), without_retracing_warnings():
            self._engine.train_epoch(tick=tick)
        (member,) = self._engine.members
        measures = self._engine.progress[member.key].measures
        return History(member.variant.name, member.seed, {name: tuple(values) for name, values in measures.items()})
