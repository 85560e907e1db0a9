"""The data loss of each example, without penalty and label smoothing: all variants are measured by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError
from regulab.models.keras_internals import mask_of

if TYPE_CHECKING:
    import keras

#: Maps labels and predictions, both `(batch, ...)`, to losses, shape `(batch,)`.
DataLoss = Callable[[Any, Any], Any]


def loss_name(loss: Any) -> str:
    """The snake-case name of a loss, whether given as a string, a function or a Loss object.

    Example:
        >>> loss_name("binary_crossentropy")
        'binary_crossentropy'
    """
    if isinstance(loss, str):
        import keras

        loss = keras.losses.get(loss)
    return str(getattr(loss, "__name__", None) or getattr(loss, "name", None) or type(loss).__name__)


def data_loss(model: keras.Model) -> DataLoss:
    """The loss that `model` was compiled with, per example and without label smoothing.

    Losses with several values per example (sequences, images) are averaged over them, so that the
    mean over examples is what Keras calls the loss; masked steps of a sequence are left out.

    Raises:
        InputError: If the model has several outputs or no single loss.
    """
    import keras

    loss = model.loss
    if loss is None or isinstance(loss, (list, tuple, dict)):
        raise InputError(
            f"Expected a model compiled with one loss for one output. Received: loss={loss!r}. "
            "Compile with a single loss, such as loss='binary_crossentropy'."
        )
    loss = keras.losses.get(loss)
    per_value = _unreduced(_without_smoothing(loss)) if isinstance(loss, keras.losses.Loss) else _as_object(loss)

    def measure(y_true: Any, y_pred: Any) -> Any:
        values = keras.ops.cast(per_value(y_true, y_pred), "float32")
        if len(values.shape) == 0:
            raise InputError(
                f"Expected a loss that gives a value for each example. Received: one value for the whole batch from "
                f"'{loss_name(loss)}'. Take the mean over the last axis only, as in keras.ops.mean(values, axis=-1); "
                "Keras itself averages over the batch."
            )
        mean = _mean_of_each(values)
        mask = mask_of(y_pred)
        # Keras makes the loss of masked steps zero, which would count padding as learned.
        return mean if mask is None else keras.ops.divide_no_nan(mean, _mean_of_each(keras.ops.cast(mask, "float32")))

    return measure


def _mean_of_each(values: Any) -> Any:
    import keras

    return keras.ops.mean(keras.ops.reshape(values, (keras.ops.shape(values)[0], -1)), axis=1)


def _without_smoothing(loss: keras.losses.Loss) -> keras.losses.Loss:
    # Only a smoothed loss is rebuilt: a custom Loss need not have a config.
    if not getattr(loss, "label_smoothing", 0):
        return loss
    return type(loss).from_config({**loss.get_config(), "label_smoothing": 0.0})


def _unreduced(loss: keras.losses.Loss) -> keras.losses.Loss:
    # Not `copy.copy`: Keras copies by way of a file, for which a custom Loss would have to be registered.
    bare: keras.losses.Loss = object.__new__(type(loss))
    bare.__dict__.update(loss.__dict__, reduction=None)
    return bare


def _as_object(function: Callable[[Any, Any], Any]) -> keras.losses.Loss:
    import keras

    class FunctionLoss(keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1:
                y_true = keras.ops.expand_dims(y_true, -1)
            return function(y_true, y_pred)

    return FunctionLoss(name="data_loss", reduction=None)
