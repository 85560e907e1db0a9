"""A variant: a name and the changes that turn the baseline into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from regulab.errors import InputError
from regulab.variants.change import Change
from regulab.variants.rewrite import apply

if TYPE_CHECKING:
    import keras


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
        """A compiled model with the changes and with fresh weights; the model that came in stays as it was.

        A subclassed model cannot be copied with other layers. It can only be changed in place, and only with
        `fresh=True`.

        Args:
            model: A compiled model.
            fresh: Whether the model was built for this call, so that it may be used up: a subclassed model is then
                changed itself and returned, with the weights that it has.

        Raises:
            InputError: If the model is not compiled.
            NotApplicableError: If the variant has nothing to act on in the model.
        """
        return apply(self.changes, model, fresh=fresh)


BASELINE = Variant("baseline")
