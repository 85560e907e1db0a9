"""The loss of the best prediction that ignores the features: what every model has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from regulab.data.dataset import Dataset, Split

# As Keras clips probabilities, so that a class that training lacks has a finite loss.
_EPSILON = 1e-7


def constant_losses(data: Dataset, loss: str) -> dict[str, float] | None:
    """Validation and test loss of a constant prediction made from the training labels.

    The constant is the share of each class for cross-entropies, the mean for the squared error and the median for the
    absolute error, of each output.

    Args:
        data: With labels in the shape that the loss takes, `(examples,)` or `(examples, outputs)`.
        loss: The name of the loss, as Keras writes it.

    Returns:
        The mean loss over the examples of each split that there is; None for other losses, for sequences of labels and
        for streams.

    Example:
        >>> from regulab.data.dataset import Split
        >>> x = np.zeros((4, 1))
        >>> train, validation = (Split(x, np.array(labels)) for labels in ([0, 1, 1, 0], [0, 0, 1, 1]))
        >>> data = Dataset(name="flags", train=train, validation=validation)
        >>> losses = constant_losses(data, "binary_crossentropy")
        >>> {split: round(loss, 4) for split, loss in losses.items()}
        {'validation': 0.6931}
    """
    measure = _MEASURES.get(loss)
    splits = dict(data.splits())
    if measure is None or not all(isinstance(split, Split) for split in splits.values()):
        return None
    labels = {name: np.asarray(split.y) for name, split in splits.items() if isinstance(split, Split)}
    if any(y.ndim > 2 or y.dtype.kind not in "biuf" for y in labels.values()):
        return None
    tables = {name: y.reshape(len(y), -1).astype(float) for name, y in labels.items()}
    if loss == "sparse_categorical_crossentropy" and tables["train"].shape[1] != 1:
        return None
    return {name: measure(tables["train"], table) for name, table in tables.items() if name != "train"}


def _binary(train: np.ndarray, y: np.ndarray) -> float:
    share = np.clip(train.mean(axis=0), _EPSILON, 1 - _EPSILON)
    return float(-np.mean(y * np.log(share) + (1 - y) * np.log(1 - share)))


def _categorical(train: np.ndarray, y: np.ndarray) -> float:
    return float(-np.mean(y @ np.log(np.clip(train.mean(axis=0), _EPSILON, 1.0))))


def _sparse(train: np.ndarray, y: np.ndarray) -> float:
    classes, counts = np.unique(train, return_counts=True)
    shares = dict(zip(classes.tolist(), (counts / len(train)).tolist(), strict=True))
    return float(-np.mean([np.log(max(shares.get(label, 0.0), _EPSILON)) for label in y[:, 0].tolist()]))


def _squared(train: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((y - train.mean(axis=0)) ** 2))


def _absolute(train: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean(np.abs(y - np.median(train, axis=0))))


_MEASURES: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "binary_crossentropy": _binary,
    "categorical_crossentropy": _categorical,
    "sparse_categorical_crossentropy": _sparse,
    "mean_squared_error": _squared,
    "mean_absolute_error": _absolute,
}
