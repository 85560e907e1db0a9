"""What a study and the playground both do before they train: check model and data, build members, start the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from regulab.data.dataset import Dataset
from regulab.data.validate import check as check_data
from regulab.errors import require
from regulab.models.keras_errors import keras_errors_as_input_errors
from regulab.training.arguments import check_kinds
from regulab.training.compatibility import data_for_model
from regulab.training.data_loss import DataLoss, data_loss, loss_name
from regulab.training.engine import Engine
from regulab.training.members import Member, ModelSource, build_members, build_model
from regulab.training.tf_warnings import without_retracing_warnings
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False, kw_only=True)
class Preparation:
    """A model and data that fit together.

    Attributes:
        source: A function that returns a compiled `keras.Model`, or such a model.
        data: The data, with labels in the shape that the loss takes.
        batch_size: Examples per batch; a stream brings its own batches.
        loss: The name of the model's loss.
        measure: The data loss of each example.
    """

    source: ModelSource
    data: Dataset
    batch_size: int
    loss: str
    measure: DataLoss

    def members(self, *, variants: Sequence[Variant], seeds: Sequence[int]) -> list[Member]:
        """The baseline and every variant, for every seed.

        Raises:
            InputError: If a variant does not apply to the model.
        """
        return build_members(self.source, self.data, variants=variants, seeds=seeds)

    def engine(
        self, members: Sequence[Member], *, class_weight: Mapping[int, float] | None = None, shuffle_seed: int = 0
    ) -> Engine:
        """An engine that is ready to train the members.

        Raises:
            InputError: If Keras cannot train the model on the data.
        """
        with keras_errors_as_input_errors("Trying the model on one batch"):
            return Engine(
                members,
                self.data,
                measure=self.measure,
                batch_size=self.batch_size,
                class_weight=class_weight,
                shuffle_seed=shuffle_seed,
            )


def prepare(
    source: Any, data: Any, *, batch_size: int, seed: int = 0, keep_test: bool = True, purpose: str = "Training"
) -> tuple[Preparation, keras.Model]:
    """Check that a model can be trained on the data.

    Args:
        source: A function that returns a compiled `keras.Model`, or such a model.
        data: What to train, validate and perhaps test on.
        batch_size: Examples per batch.
        seed: The seed to build the model with.
        keep_test: Whether the test split is used; otherwise it is left out and need not fit the model.
        purpose: What TensorFlow is needed for, as the subject of a sentence.

    Returns:
        The preparation, and the model that it was checked with.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
        InputError: If the model cannot be trained on the data.
    """
    require("tensorflow", extra="cpu", purpose=purpose)
    check_kinds(source, data)
    check_data(data)
    model = build_model(source, seed=seed)
    with keras_errors_as_input_errors("Reading the model's loss"):
        measure, loss = data_loss(model), loss_name(model.loss)
    fitting = data_for_model(data if keep_test else replace(data, test=None), model)
    return Preparation(source=source, data=fitting, batch_size=batch_size, loss=loss, measure=measure), model


@contextmanager
def keras_at_work() -> Iterator[None]:
    """A block in which Keras trains: its errors become input errors, and TensorFlow's advice on tracing is dropped."""
    with keras_errors_as_input_errors("Training"), without_retracing_warnings():
        yield
