"""What can be set in a playground: one training's settings, and what its sliders offer for a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from regulab.data.dataset import Dataset, Split
from regulab.errors import NotApplicableError
from regulab.models.graph import config_of, hidden_layers, is_rebuildable, kernel_configs, walk_layers
from regulab.variants import BASELINE, Variant, dropout, l2, train_size, width

if TYPE_CHECKING:
    import keras

_FACTORS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_STRENGTHS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_RATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Beyond it an epoch takes seconds and shows nothing new.
_WIDEST = 1024
_FEWEST = 10


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One training's settings.

    Attributes:
        width: Factor on the units of the hidden layers.
        l2: Strength of their L2 penalty, or None for what the model has.
        dropout: Rate of the dropout added after them, or None for none.
        share: Share of the training examples.
        epochs: Epochs to train.
        seed: Of the initial weights, of dropout and of the choice of examples.

    Example:
        >>> Settings(width=4, l2=0.001, epochs=20).label
        '4× width, L2 0.001'
        >>> Settings(epochs=20).label
        'as built'
    """

    width: float = 1.0
    l2: float | None = None
    dropout: float | None = None
    share: float = 1.0
    epochs: int = 20
    seed: int = 0

    @property
    def variant(self) -> Variant:
        """The change to the model and its data."""
        parts = (
            width(self.width) if self.width != 1 else None,
            l2(self.l2) if self.l2 is not None else None,
            dropout(self.dropout) if self.dropout is not None else None,
            train_size(self.share) if self.share != 1 else None,
        )
        chosen = [part for part in parts if part is not None]
        return reduce(add, chosen) if chosen else BASELINE

    @property
    def label(self) -> str:
        """What differs from the model that was passed, in words."""
        parts = (
            f"{factor(self.width)} width" if self.width != 1 else "",
            f"L2 {_plain(self.l2)}" if self.l2 is not None else "",
            f"dropout {self.dropout:g}" if self.dropout is not None else "",
            f"{self.share:.0%} of the examples" if self.share != 1 else "",
        )
        changed = ", ".join(part for part in parts if part) or "as built"
        return changed if self.seed == 0 else f"{changed}, seed {self.seed}"


@dataclass(frozen=True)
class Knob:
    """What one slider offers.

    Attributes:
        choices: Text and value of each position.
        start: The value to begin with.
        missing: Why there is nothing to choose, or an empty text.
    """

    choices: tuple[tuple[str, Any], ...]
    start: Any
    missing: str = ""


def knobs(model: keras.Model, data: Dataset) -> dict[str, Knob]:
    """What the sliders `width`, `l2`, `dropout` and `share` offer for a compiled model and its data.

    Args:
        model: The model that was passed.
        data: What it is trained on.
    """
    units = _units(model)
    trains = data.train
    return {
        "width": _knob(model, width(2), _widths(units), start=1.0),
        "l2": _knob(model, l2(0.001), _strengths(_first(model, _penalized), _STRENGTHS)),
        "dropout": _knob(model, dropout(0.5), _strengths(_first(model, _drops), _RATES)),
        "share": (
            Knob(_shares(len(trains)), 1.0)
            if isinstance(trains, Split)
            else Knob((("all", 1.0),), 1.0, "The data is a stream of batches, so all of it is used.")
        ),
    }


def factor(value: float) -> str:
    """A factor for people.

    Example:
        >>> factor(0.25), factor(4)
        ('1/4×', '4×')
    """
    return f"1/{round(1 / value)}×" if value < 1 else f"{value:g}×"


def _plain(strength: float) -> str:
    """A strength without a power of ten."""
    return f"{strength:f}".rstrip("0").rstrip(".")


def _knob(model: keras.Model, example: Variant, choices: tuple[tuple[str, Any], ...], *, start: Any = None) -> Knob:
    try:
        example.apply(model)
    except NotApplicableError as error:
        return Knob(tuple(choice for choice in choices if choice[1] == start), start, str(error))
    return Knob(choices, start)


def _strengths(first: str, values: tuple[float, ...]) -> tuple[tuple[str, Any], ...]:
    return ((first, None), *((_plain(value), value) for value in values))


def _widths(units: list[int]) -> tuple[tuple[str, Any], ...]:
    fitting = [times for times in _FACTORS if units and min(units) * times >= 1 and max(units) * times <= _WIDEST]
    offered = sorted({*fitting, 1.0})
    return tuple((_in_units(times, units), times) for times in offered)


def _in_units(times: float, units: list[int]) -> str:
    counts = [max(1, round(unit * times)) for unit in units]
    if len(set(counts)) < 2:
        return f"{factor(times)}: {counts[0]} units" if counts else factor(times)
    return f"{factor(times)}: {', '.join(map(str, counts[:2]))}{' …' if len(counts) > 2 else ''}"


def _units(model: keras.Model) -> list[int]:
    """Units or filters of the hidden layers."""
    if not is_rebuildable(model):
        return []
    parts = [part for layer in hidden_layers(model) for part in kernel_configs(config_of(layer))]
    return [part[key] for part in parts for key in ("units", "filters") if key in part]


def _penalized(model: keras.Model) -> bool:
    return any(
        part.get("kernel_regularizer") for layer in hidden_layers(model) for part in kernel_configs(config_of(layer))
    )


def _drops(model: keras.Model) -> bool:
    import keras

    return any(isinstance(layer, keras.layers.Dropout) for layer in walk_layers(model))


def _first(model: keras.Model, has: Callable[[keras.Model], bool]) -> str:
    """What to call the position that changes nothing."""
    return "as built" if is_rebuildable(model) and has(model) else "0"


def _shares(examples: int) -> tuple[tuple[str, Any], ...]:
    some = tuple((f"{round(examples * share):,}", share) for share in _SHARES if examples * share >= _FEWEST)
    return (*some, (f"all {examples:,}", 1.0))
