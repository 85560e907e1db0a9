"""Which way each member is trained: by compiled kernels where they know the model, else by Keras's own steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from regulab.data.dataset import Dataset, Split
from regulab.training.data_loss import DataLoss
from regulab.training.lockstep import LockstepRunner
from regulab.training.members import Member

if TYPE_CHECKING:
    import keras

    from regulab.training.kernels.model_spec import Plan


def make_runners(
    members: Sequence[Member],
    data: Dataset,
    *,
    measure: DataLoss,
    batch_size: int,
    class_weight: Mapping[int, float] | None,
) -> tuple[list[Any], dict[str, str]]:
    """Share the members out.

    Returns:
        Runners, and the way of each member in words, by its key.
    """
    groups: dict[Any, list[tuple[Member, Plan | None]]] = {}
    ways = {}
    for member in members:
        plan, reason = choose(member.model, data)
        ways[member.key] = "compiled kernels" if plan is not None else f"Keras's own steps: {reason}"
        key = b"" if member.rows is None else member.rows.tobytes(), None if plan is None else plan.optimizer.rule
        groups.setdefault(key, []).append((member, plan))
    runners: list[Any] = []
    for group in groups.values():
        held, rows = [member for member, _ in group], group[0][0].rows
        plans = [plan for _, plan in group if plan is not None]
        if plans:
            from regulab.training.kernels.runner import KernelRunner

            runners.append(KernelRunner(held, plans, data, rows=rows, batch_size=batch_size, class_weight=class_weight))
        else:
            runners.append(
                LockstepRunner(held, data, rows=rows, measure=measure, batch_size=batch_size, class_weight=class_weight)
            )
    return runners, ways


def choose(model: keras.Model, data: Dataset) -> tuple[Plan | None, str]:
    """The plan by which kernels can train the model on the data; or None, and why not in a few words."""
    from importlib.util import find_spec

    import tensorflow as tf

    splits = [split for _, split in data.splits() if isinstance(split, Split)]
    if not isinstance(data.validation, Split) or len(splits) < len(list(data.splits())):
        return None, "a stream of batches"
    if find_spec("numba") is None:
        return None, "Numba is not installed"
    if tf.config.list_physical_devices("GPU"):
        return None, "there is a GPU"
    kinds = {issparse(split.x) for split in splits}
    if len(kinds) > 1 or any(split.x.ndim != 2 for split in splits):
        return None, "features that are not rows of numbers"

    from regulab.training.kernels.model_spec import Unfit, plan

    try:
        return plan(model, labels=np.asarray(data.validation.y[:1])), ""
    except Unfit as reason:
        return None, str(reason)
