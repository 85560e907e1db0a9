"""More cases with a known truth: of findings that need what a regulab study records, and of logs that are too short."""

from __future__ import annotations

import numpy as np
from curves import ALARMS, Case, Draw, Kind, levels_off


def too_short(rng: np.random.Generator) -> Case:
    """One to three epochs."""
    draw = Draw(rng, int(rng.integers(1, 4)), 0.003, float(10 ** rng.uniform(-2, 2)))
    fall = 1 - 0.2 * np.arange(draw.epochs)
    table = draw.table(draw.start * fall, draw.start * fall * rng.uniform(1.0, 1.2))
    return Case("too short", table, frozenset({"TOO-SHORT"}), ALARMS - {"TOO-SHORT"})


def long_enough(rng: np.random.Generator) -> Case:
    """Five epochs or more: not too short, and without noise to speak of."""
    epochs = int(rng.integers(5, 40))
    case = levels_off(rng, draw=Draw(rng, epochs, 0.003, 1.0))
    return Case("long enough", case.table, must_not=frozenset({"TOO-SHORT", "NOISY-VALIDATION"}))


def dropout_hides(rng: np.random.Generator) -> Case:
    """Dropout adds at least 0.65 of a gap that is at least 15% of the validation loss; or at most 0.35, or none is."""
    hidden = rng.random() < 0.5
    gap = rng.uniform(0.15, 0.6) if hidden or rng.random() < 0.5 else rng.uniform(0.0, 0.05)
    added = rng.uniform(0.65, 1.5) if hidden else rng.uniform(0.0, 0.35)
    table = _recorded(rng, gap=gap, added=added * gap)
    code = frozenset({"DROPOUT-HIDES-GAP"})
    made_with = {"gap": gap, "added": added}
    return Case("dropout", table, *((code, frozenset()) if hidden else (frozenset(), code)), made_with)


def easier(rng: np.random.Generator) -> Case:
    """Validation loss lies below the training loss by at least 15% of it; or by at most 5%, or above it."""
    below = rng.random() < 0.5
    gap = -rng.uniform(0.15, 1.0) if below else rng.uniform(-0.05, 0.4)
    # The gap is a share of the validation loss: 1 / (1 - gap) times lies the training loss above it.
    table = _recorded(rng, gap=gap / (1 - abs(gap)) if 0 > gap > -0.6 else gap, added=0.0)
    code = frozenset({"VALIDATION-EASIER"})
    return Case("easier", table, *((code, frozenset()) if below else (frozenset(), code)), {"gap": gap})


def _recorded(rng: np.random.Generator, *, gap: float, added: float) -> dict[str, np.ndarray]:
    """A falling run with a gap between both losses, and what dropout adds, as shares of the validation loss."""
    draw = Draw.make(rng, noise=(0.0, 0.003, 0.01))
    floor = rng.uniform(0.3, 0.7)
    validation = draw.start * (floor + (1 - floor) * draw.fall(slowness=(0.05, 0.3)))
    training, noisy = validation * (1 - gap), validation * (1 - gap + added)
    plain, seen = draw.noisy(training, share=0.4), draw.noisy(validation)
    dropped = draw.noisy(noisy, share=0.4)
    table = {"epoch": np.arange(draw.epochs), "loss": dropped, "val_loss": seen}
    more = {"train_data_loss": plain, "noisy_data_loss": dropped, "epoch_data_loss": dropped, "val_data_loss": seen}
    return table | more


RECORDED: tuple[Kind, ...] = (too_short, long_enough, dropout_hides, easier)
