"""The model that a variant makes of the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulab.errors import NotApplicableError
from regulab.models.cloning import clone
from regulab.models.compiling import CompileSettings, compile_settings
from regulab.models.graph import is_rebuildable
from regulab.variants.variant import Variant

if TYPE_CHECKING:
    import keras


def apply(variant: Variant, model: keras.Model, *, fresh: bool = False) -> keras.Model:
    """A compiled model as the variant has it, with fresh weights; the model that came in stays as it was.

    The layers of a subclassed model cannot be laid out anew. It can only be changed in place, and
    only with `fresh=True`.

    Args:
        variant: What to change.
        model: A compiled model.
        fresh: Whether the model was built for this call, so that it may be used up: a subclassed
            model is then changed itself and returned, with the weights that it has.

    Raises:
        InputError: If the model is not compiled.
        NotApplicableError: If the variant has nothing to act on in the model.
    """
    settings = compile_settings(model)
    if is_rebuildable(model):
        changed = laid_out(variant, model)
    elif fresh:
        for change in variant.changes:
            change.modify(model)
        changed = model
    else:
        raise NotApplicableError(
            f"Expected a Sequential or Functional model. Received: a model of the class {type(model).__name__}, of "
            "which no second one can be made. Hand over the function that builds it instead of the model."
        )
    changed.compile(**recompiled(variant, settings))
    return changed


def laid_out(variant: Variant, model: keras.Model) -> keras.Model:
    """The model with the variant's layers and fresh weights, not compiled; always a new one."""
    changed = model
    for change in variant.changes:
        changed = change.rewrite(changed)
    return clone(model) if changed is model else changed


def recompiled(variant: Variant, settings: CompileSettings) -> CompileSettings:
    """The settings to compile the variant's model with."""
    for change in variant.changes:
        settings = change.recompile(settings)
    return settings
