"""Chooses what trains each member: the compiled kernels where they support its model, Keras's own steps otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import issparse

from regulab.data.dataset import Dataset, Split
from regulab.training.data_loss import DataLoss
from regulab.training.lockstep import LockstepRunner
from regulab.training.members import Member
from regulab.training.runner import Runner

# The kernels are imported only where they are used: they need Numba, which is optional.
if TYPE_CHECKING:
    import keras

    from regulab.training.kernels.model_spec import ModelSpec

#: What the members of one runner share: their training rows, and the update rule if the kernels train them.
_Cohort: TypeAlias = tuple[bytes, tuple[int, float, float, float] | None]


def make_runners(
    members: Sequence[Member],
    data: Dataset,
    *,
    measure: DataLoss,
    batch_size: int,
    class_weight: Mapping[int, float] | None,
) -> tuple[list[Runner], dict[str, str]]:
    """Group the members into cohorts and make a runner for each.

    Args:
        members: What to train.
        data: The splits.
        measure: The data loss of each example.
        batch_size: Examples per batch.
        class_weight: Weight of each class in Keras's training loss.

    Returns:
        The runners, and by each member's key which backend trains it, in words, with the reason where it is not the
        kernels.
    """
    cohorts: dict[_Cohort, list[tuple[Member, ModelSpec | None]]] = {}
    backends = {}
    for member in members:
        spec, reason = choose(member.model, data)
        backends[member.key] = "compiled kernels" if spec is not None else f"Keras's own steps: {reason}"
        rows = b"" if member.rows is None else member.rows.tobytes()
        cohort = rows, None if spec is None else spec.optimizer.rule
        cohorts.setdefault(cohort, []).append((member, spec))
    runners: list[Runner] = []
    for pairs in cohorts.values():
        cohort_members = [member for member, _ in pairs]
        common_rows = cohort_members[0].rows
        specs = [spec for _, spec in pairs if spec is not None]
        if specs:
            from regulab.training.kernels.runner import KernelRunner

            runners.append(
                KernelRunner(
                    cohort_members, specs, data, rows=common_rows, batch_size=batch_size, class_weight=class_weight
                )
            )
        else:
            runners.append(
                LockstepRunner(
                    cohort_members,
                    data,
                    rows=common_rows,
                    measure=measure,
                    batch_size=batch_size,
                    class_weight=class_weight,
                )
            )
    return runners, backends


def choose(model: keras.Model, data: Dataset) -> tuple[ModelSpec | None, str]:
    """Decide whether the kernels train a model on the data.

    Returns:
        The model as the kernels read it, and no reason; or None, and why Keras's own steps train it.
    """
    from importlib.util import find_spec

    import tensorflow as tf

    splits = [split for _, split in data.splits() if isinstance(split, Split)]
    if not isinstance(data.validation, Split) or len(splits) < len(list(data.splits())):
        return None, "a stream of batches"
    if find_spec("numba") is None:
        return None, "Numba is not installed"
    if tf.config.list_physical_devices("GPU"):
        return None, "there is a GPU"
    sparse = {issparse(split.x) for split in splits}
    if len(sparse) > 1 or any(split.x.ndim != 2 for split in splits):
        return None, "features that are not rows of numbers"

    from regulab.training.kernels.model_reader import read_model
    from regulab.training.kernels.model_spec import UnsupportedModelError

    try:
        return read_model(model, labels=np.asarray(data.validation.y[:1])), ""
    except UnsupportedModelError as reason:
        return None, str(reason)
