"""The model that changes make of the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from regulab.errors import NotApplicableError
from regulab.models.cloning import clone
from regulab.models.compiling import CompileSettings, compile_settings
from regulab.models.graph import is_rebuildable
from regulab.variants.change import Change

if TYPE_CHECKING:
    import keras


def apply(changes: Sequence[Change], model: keras.Model, *, fresh: bool) -> keras.Model:
    """A compiled model with the changes; arguments and errors are those of `Variant.apply`."""
    settings = compile_settings(model)
    if is_rebuildable(model):
        changed = with_changed_layers(changes, model)
    elif fresh:
        for change in changes:
            change.modify(model)
        changed = model
    else:
        raise NotApplicableError(
            f"Expected a Sequential or Functional model. Received: a model of the class {type(model).__name__}, which "
            "cannot be copied. Pass the function that builds it instead of the model."
        )
    changed.compile(**with_changed_settings(changes, settings))
    return changed


def with_changed_layers(changes: Sequence[Change], model: keras.Model) -> keras.Model:
    """The model with other layers and fresh weights, not compiled; always a new one."""
    changed = model
    for change in changes:
        changed = change.rewrite(changed)
    return clone(model) if changed is model else changed


def with_changed_settings(changes: Sequence[Change], settings: CompileSettings) -> CompileSettings:
    """The settings to compile the changed model with."""
    for change in changes:
        settings = change.recompile(settings)
    return settings
