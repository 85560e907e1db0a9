"""Give a model that exists, perhaps trained, a variant's regularization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulab.errors import InputError, NotApplicableError
from regulab.models.compiling import compile_settings
from regulab.variants.change import Change
from regulab.variants.rewrite import with_changed_layers, with_changed_settings
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras


def regularize(model: keras.Model, variant: Variant) -> keras.Model:
    """A model with the same weights and with the variant's regularization, ready to train on.

    It is plain Keras and loads where regulab is not installed. It is compiled as the given model is,
    with a new optimizer, or not compiled if that one is not. The given model stays as it was.

    Args:
        model: A Sequential or Functional model.
        variant: One that keeps the shapes of the weights, such as `l2(0.001) + dropout(0.5)`.

    Raises:
        InputError: If it is no model, or no variant, or the variant changes the shapes of the weights or acts on
            the data, or if it acts on the loss or the optimizer and the model is not compiled.
        NotApplicableError: If the variant has nothing to act on in the model.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise InputError(
            f"Expected a keras.Model. Received: {model!r}. "
            "Call the function that builds it first; load a file with keras.models.load_model(...)."
        )
    if not isinstance(variant, Variant):
        raise InputError(
            f"Expected a variant, such as rl.l2(0.001) + rl.dropout(0.5). Received: {variant!r}. "
            "Make one with the functions of the same names, such as rl.l2(...)."
        )
    for change in variant.changes:
        if _overrides(change, "select"):
            raise NotApplicableError(
                f"Expected a variant that changes the model or its training. Received: {change.label}, which "
                "changes the training data. Use it in a study."
            )
        if _overrides(change, "recompile") and not model.compiled:
            raise InputError(
                f"Expected a compiled model for {change.label}. Received: '{model.name}', which is not. "
                "Call model.compile(optimizer=..., loss=...) first."
            )
    changed = with_changed_layers(variant.changes, model)
    _keep_weights(model, changed, variant)
    if model.compiled:
        changed.compile(**with_changed_settings(variant.changes, compile_settings(model)))
        if changed.built:
            # Keras warns when it loads a model that was saved before its optimizer was built.
            changed.optimizer.build(changed.trainable_variables)
    return changed


def _keep_weights(model: keras.Model, changed: keras.Model, variant: Variant) -> None:
    before = [tuple(weight.shape) for weight in model.weights]
    after = [tuple(weight.shape) for weight in changed.weights]
    if before != after:
        raise InputError(
            f"Expected a variant that keeps the shapes of the weights. Received: {variant.label}, which changes "
            "them, so that trained weights do not fit. Train such a model from scratch in a study."
        )
    changed.set_weights(model.get_weights())


def _overrides(change: Change, hook: str) -> bool:
    return getattr(type(change), hook) is not getattr(Change, hook)
