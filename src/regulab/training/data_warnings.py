"""Warnings about data that can be trained on but rarely answers what was asked."""

from __future__ import annotations

import warnings

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream


def warn_of_one_label(data: Dataset) -> None:
    """Warn of splits whose labels are all the same, as slices of rows sorted by class are.

    They are not refused, because a custom training step may not use labels.
    """
    for name, split in data.splits():
        if isinstance(split, Split) and len(split) > 1 and (split.y == split.y[:1]).all():
            warnings.warn(
                f"All {len(split)} labels of '{name}' are {np.squeeze(split.y[0]).tolist()}, so a model that always "
                "predicts this value makes no mistake there. Check how the labels were made and how the rows were "
                "chosen; rows sorted by class need shuffling before they are split.",
                stacklevel=3,
            )


def warn_of_changing_order(data: Dataset) -> None:
    """Warn of a validation stream that yields different batches each time.

    The variants' losses are compared example by example, and each is measured after an epoch of its own.
    """
    if isinstance(data.validation, Stream) and _first_batch(data.validation) != _first_batch(data.validation):
        warnings.warn(
            "The stream 'validation' yields different batches each time, so losses cannot be paired example by "
            "example, and intervals and recommendations based on validation data are wrong. Remove shuffling and "
            "random changes from it, or use .shuffle(..., reshuffle_each_iteration=False).",
            stacklevel=3,
        )


def _first_batch(stream: Stream) -> list[bytes]:
    import tensorflow as tf

    parts = tf.nest.flatten(next(iter(stream.batches), ()), expand_composites=True)
    return [bytes(tf.io.serialize_tensor(part).numpy()) for part in parts]
