"""Whether data and model fit together, checked before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from regulab.data.dataset import Dataset, Split, Stream
from regulab.errors import InputError
from regulab.training.data_loss import loss_name

if TYPE_CHECKING:
    import keras


def data_for_model(data: Dataset, model: keras.Model) -> Dataset:
    """The data with labels in the shape that the model's loss takes.

    Labels of shape `(n,)` become `(n, 1)` where the model outputs one value: Keras 3 refuses some
    metrics otherwise.

    Raises:
        InputError: If shapes of features or labels do not fit the model, or the loss cannot take a label.
    """
    _refuse_several_outputs(model)
    fitted: dict[str, Split | Stream] = {}
    for name, split in data.splits():
        if isinstance(split, Split):
            _check_features(name, split, model)
            labels = _labels(name, split.y, model)
            fitted[name] = replace(split, y=labels)
        else:
            fitted[name] = replace(split, batches=_stream_labels(split.batches, model))
    return replace(data, **fitted)  # type: ignore[arg-type]


def _refuse_several_outputs(model: keras.Model) -> None:
    outputs = getattr(model, "output_shape", None)
    if isinstance(outputs, (list, dict)) and len(outputs) > 1:
        raise InputError(
            f"Expected a model with one output. Received: one with {len(outputs)} outputs. "
            "Study one output at a time, each as a model of its own."
        )


def _stream_labels(batches: Any, model: keras.Model) -> Any:
    """The batches, with labels of shape `(n,)` made `(n, 1)` where the model outputs one value."""
    labels = batches.element_spec[1]
    outputs = getattr(model, "output_shape", None)
    rank = getattr(getattr(labels, "shape", None), "rank", None)
    if not isinstance(outputs, tuple) or outputs[-1] != 1 or rank != len(outputs) - 1:
        return batches
    import tensorflow as tf

    return batches.map(lambda x, y, *weight: (x, tf.expand_dims(y, -1), *weight))


def _check_features(name: str, split: Split, model: keras.Model) -> None:
    expected = getattr(model, "input_shape", None)
    if isinstance(expected, (list, dict)) and len(expected) > 1:
        raise InputError(
            f"Expected a model with one input for arrays. Received: a model with {len(expected)} inputs. "
            "Pass a tf.data.Dataset of matching structures through rl.data.stream(...)."
        )
    if not isinstance(expected, tuple):
        return  # a subclassed model does not say
    received = tuple(split.x.shape)
    if len(expected) != len(received) or any(
        want not in (None, have) for want, have in zip(expected[1:], received[1:], strict=True)
    ):
        raise InputError(
            f"Expected {name} features of shape {_readable(expected)}, which the model takes. "
            f"Received: shape {_readable((None, *received[1:]))}. Change the model's Input or the data."
        )


def _labels(name: str, labels: np.ndarray, model: keras.Model) -> np.ndarray:
    loss = loss_name(model.loss)
    outputs = getattr(model, "output_shape", None)
    if not isinstance(outputs, tuple):
        outputs = None
    if loss.startswith("sparse_categorical"):
        return _class_labels(name, labels, classes=None if outputs is None else outputs[-1], loss=loss)
    if outputs is not None:
        if labels.ndim == len(outputs) - 1 and outputs[-1] == 1:
            labels = labels[..., np.newaxis]
        wrong = labels.ndim != len(outputs) or any(
            want not in (None, have) for want, have in zip(outputs[1:], labels.shape[1:], strict=False)
        )
        if wrong:
            hint = (
                " Class numbers go with loss='sparse_categorical_crossentropy'."
                if loss.startswith("categorical") and labels.ndim == 1
                else " Change the model's last layer or the labels."
            )
            raise InputError(
                f"Expected {name} labels of shape {_readable(outputs)}, which the model outputs for loss '{loss}'. "
                f"Received: shape {_readable((None, *labels.shape[1:]))}.{hint}"
            )
    _check_values(name, labels, loss)
    return labels


def _class_labels(name: str, labels: np.ndarray, *, classes: int | None, loss: str) -> np.ndarray:
    if labels.ndim > 1 and classes is not None and labels.shape[-1] == classes > 1:
        raise InputError(
            f"Expected {name} labels as class numbers for loss '{loss}'. Received: one-hot rows of shape "
            f"{_readable((None, *labels.shape[1:]))}. Use loss='categorical_crossentropy' or labels.argmax(axis=1)."
        )
    highest = int(labels.max())
    if labels.min() < 0 or (classes is not None and highest >= classes) or not np.array_equal(labels, labels.round()):
        top = "" if classes is None else f" from 0 to {classes - 1}, one for each of the model's outputs"
        raise InputError(
            f"Expected {name} labels to be whole class numbers{top}. "
            f"Received: values from {labels.min():g} to {labels.max():g}. "
            "Number the classes from 0, or give the last layer as many units as there are classes."
        )
    return labels


def _check_values(name: str, labels: np.ndarray, loss: str) -> None:
    lowest, highest = labels.min(), labels.max()
    if loss.startswith("binary") and (lowest < 0 or highest > 1):
        raise InputError(
            f"Expected {name} labels in [0, 1] for loss '{loss}'. Received: values from {lowest:g} to {highest:g}. "
            "Code the two classes as 0 and 1."
        )
    if loss.startswith("categorical"):
        off = int(np.sum(np.abs(labels.sum(axis=-1) - 1) > 1e-3))
        if lowest < 0 or off:
            raise InputError(
                f"Expected {name} labels to be one-hot rows that add up to 1 for loss '{loss}'. "
                f"Received: {off} rows that do not, values from {lowest:g} to {highest:g}."
            )
    if loss.startswith("poisson") and lowest < 0:
        raise InputError(f"Expected {name} labels of at least 0 for loss '{loss}'. Received: {lowest:g}.")


def _readable(shape: tuple[Any, ...]) -> str:
    return (
        "(" + ", ".join("n" if size is None else str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
    )
