"""A change to a model or its training: what every kind of change can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regulab.models.compiling import CompileSettings
from regulab.models.graph import require_rebuildable
from regulab.variants.checking import call_text

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. A kind of change overrides the hook of the level on which it acts."""

    @property
    def kind(self) -> str:
        """Short name of the kind, such as `"l2"`."""
        raise NotImplementedError

    @property
    def strengths(self) -> tuple[float, ...]:
        """The numbers that people write in parentheses after the kind."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The kind with its strengths and the layers that were chosen, such as `"l2(0.001)"`."""
        return call_text(self.kind, *self.strengths, layers=getattr(self, "layers", None))

    @property
    def sets(self) -> tuple[str, ...]:
        """What it sets, which a second change would replace; nothing where a second one adds to it."""
        return (self.kind,)

    def describe(self) -> str:
        """What the change does, in words, without a full stop."""
        raise NotImplementedError

    def rewrite(self, model: keras.Model) -> keras.Model:
        """The model with other layers, not compiled; the model that came in stays as it was."""
        return model

    def modify(self, model: keras.Model) -> None:
        """Change a subclassed model in place, fresh from the function that builds it."""
        if type(self).rewrite is not Change.rewrite:
            require_rebuildable(model, what=self.label)

    def recompile(self, settings: CompileSettings) -> CompileSettings:
        """The settings to compile with; those that came in stay as they were."""
        return settings

    def select(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
        """Sorted rows of the training split to train on, or None for all of them."""
        return None
