"""A variant: a name and the changes that turn the baseline into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from regulab.errors import InputError
from regulab.models.compiling import CompileSettings

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
    def label(self) -> str:
        """The kind with its strength, such as `"l2(0.001)"`."""
        raise NotImplementedError

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
        """Change in place a model that cannot be laid out anew: a subclassed one, fresh from its builder."""
        from regulab.models.graph import require_rebuildable

        if type(self).rewrite is not Change.rewrite:
            require_rebuildable(model, what=self.label)

    def recompile(self, settings: CompileSettings) -> CompileSettings:
        """The settings to compile with; those that came in stay as they were."""
        return settings

    def select(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
        """Sorted rows of the training split to train on, or None for all of them."""
        return None


@dataclass(frozen=True)
class Variant:
    """Named changes to the baseline, applied in order.

    Raises:
        InputError: If two of them set the same on the same layers.

    Example:
        >>> from regulab.variants import dropout, l2
        >>> (l2(0.001) + dropout(0.5)).name
        'l2+dropout'
        >>> l2(0.001).named("weak").name
        'weak'
    """

    name: str
    changes: Sequence[Change] = field(default=())

    def __post_init__(self) -> None:
        # The second would replace the first, and the label would tell of both.
        set_by: dict[Any, Change] = {}
        for change in self.changes:
            for setting in change.sets:
                where = setting, getattr(change, "layers", None)
                if where in set_by:
                    raise InputError(
                        f"Expected a variant that sets {setting} once. Received: {set_by[where].label} together with "
                        f"{change.label}. Leave one of them out."
                    )
                set_by[where] = change

    def __add__(self, other: Variant) -> Variant:
        if not isinstance(other, Variant):
            return NotImplemented
        return Variant(f"{self.name}+{other.name}", (*self.changes, *other.changes))

    def named(self, name: str) -> Variant:
        """The same changes under another name."""
        return replace(self, name=name)

    @property
    def label(self) -> str:
        """The changes with their strengths, such as `"l2(0.001)+dropout(0.5)"`."""
        return "+".join(change.label for change in self.changes) or self.name

    def describe(self) -> str:
        """What the variant does, in words."""
        return ", and ".join(change.describe() for change in self.changes) or "the model as it was given"

    def apply(self, model: keras.Model, *, fresh: bool = False) -> keras.Model:
        """A compiled model as the variant has it, with fresh weights; see `regulab.variants.rewrite.apply`."""
        from regulab.variants.rewrite import apply

        return apply(self, model, fresh=fresh)


BASELINE = Variant("baseline")
