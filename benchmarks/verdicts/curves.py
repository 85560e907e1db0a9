"""Learning curves with a known truth, in the shape of a CSVLogger's file.

Nothing is trained: a curve is a fall, a rise after a turning point where the model overfits, and noise.
Case `i` of a kind is always the same. Cases with an even number are for tuning thresholds, those with an
odd number from `REPORTED` on for reporting.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

LENGTHS = (5, 6, 8, 10, 12, 15, 20, 30, 50, 100, 200)
#: Standard deviation of an epoch's loss, as a share of it. Short runs have the smaller ones: five
#: epochs cannot show a rise of a tenth through noise of a thirtieth, to nobody.
NOISE = (0.0, 0.003, 0.01, 0.02, 0.03)

#: Earlier cases were looked at while the rules were made.
REPORTED = 10_000

Table = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """One log and what is to be said about it.

    Attributes:
        kind: What it is, such as `"overfits"`.
        table: Columns of equal length, named as Keras's CSVLogger or a regulab study names them.
        must: Codes that have to be given.
        must_not: Codes that must not be given.
        made_with: What the case was made with, for looking at errors.
    """

    kind: str
    table: Mapping[str, np.ndarray]
    must: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    made_with: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Draw:
    """The random choices that every kind shares."""

    rng: np.random.Generator
    epochs: int
    noise: float
    start: float

    @classmethod
    def make(cls, rng: np.random.Generator, *, shortest: int = 5, noise: tuple[float, ...] = NOISE) -> Draw:
        """Draw them, for runs of at least `shortest` epochs."""
        epochs = int(rng.choice([length for length in LENGTHS if length >= shortest]))
        loudest = 0.01 if epochs < 8 else 0.02 if epochs < 15 else 1.0
        quiet = [level for level in noise if level <= loudest] or list(noise)
        start = float(rng.choice([np.log(2), np.log(10), 10 ** rng.uniform(-3, 3)]))
        return cls(rng, epochs, float(rng.choice(quiet)), start)

    def fall(self, *, slowness: tuple[float, float] = (0.03, 0.25)) -> np.ndarray:
        """From 1 towards 0, exponential or a power law."""
        epoch = np.arange(self.epochs)
        scale = max(self.epochs * self.rng.uniform(*slowness), 0.4)
        if self.rng.random() < 0.5:
            return np.exp(-epoch / scale)
        return (1 + epoch / scale) ** -self.rng.uniform(0.8, 2.0)

    def noisy(self, curve: np.ndarray, *, share: float = 1.0) -> np.ndarray:
        """The curve with an epoch's noise, or a share of it."""
        return curve * np.exp(self.noise * share * self.rng.standard_normal(len(curve)))

    def table(self, training: np.ndarray, validation: np.ndarray, **more: np.ndarray) -> Table:
        """A log of losses, some with the higher training loss that dropout gives."""
        dropout = self.rng.uniform(0.1, 0.8) if self.rng.random() < 0.3 else 0.0
        columns = {
            "epoch": np.arange(self.epochs),
            "loss": self.noisy(training * (1 + dropout), share=0.4),
            "val_loss": self.noisy(validation),
        }
        return columns | more


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


ALARMS = _codes(
    "OVERFITTING", "MEMORIZATION", "DIVERGED", "NOT-A-NUMBER", "UNDERFITTING", "TOO-SHORT", "PENALTY-HIDES-OVERFITTING"
)


def _risen(draw: Draw, *, at_least: float = 0.1, at_most: float = 3.0) -> tuple[np.ndarray, np.ndarray, float]:
    """Training and validation of a model that overfits, without noise, and by how much it got worse."""
    rng, n = draw.rng, draw.epochs
    fall = draw.fall(slowness=(0.02, 0.12))
    floor = rng.uniform(0.3, 0.8)
    turn = int(rng.integers(0, n - 3))
    after = np.clip(np.arange(n) - turn, 0, None) / (n - 1 - turn)
    shape = {
        0: after,
        1: after ** rng.uniform(1.0, 1.8),
        2: np.log1p(9 * after) / np.log(10),
        3: 1 - np.exp(-3 * after),
    }[int(rng.integers(4))]
    wanted = float(np.exp(rng.uniform(np.log(at_least), np.log(at_most))))
    low, high = 0.0, 50.0
    for _ in range(60):
        amount = (low + high) / 2
        curve = floor + (1 - floor) * fall + amount * shape
        low, high = (amount, high) if curve[-1] < (1 + wanted) * curve.min() else (low, amount)
    curve = floor + (1 - floor) * fall + high * shape
    slower = np.exp(-np.arange(n) / (n * rng.uniform(0.1, 0.6)))
    training = floor * 0.9 * slower * rng.uniform(0.8, 1.0) + (1 - floor) * fall + 0.002
    if n - 1 - int(curve.argmin()) < 3:  # too late to be more than a noisy end
        return _risen(draw, at_least=at_least, at_most=at_most)
    return draw.start * training, draw.start * curve, curve[-1] / curve.min() - 1


def overfits(rng: np.random.Generator, *, draw: Draw | None = None) -> Case:
    """Validation loss ends at least a tenth above its lowest, training goes on falling."""
    draw = draw or Draw.make(rng)
    training, validation, rise = _risen(draw)
    made_with = {"epochs": draw.epochs, "noise": draw.noise, "rise": rise}
    never = _codes("DIVERGED", "NOT-A-NUMBER", "UNDERFITTING", "TOO-SHORT", "STILL-IMPROVING")
    return Case("overfits", draw.table(training, validation), _codes("OVERFITTING"), never, made_with)


def overconfident(rng: np.random.Generator) -> Case:
    """Loss rises, accuracy stays or improves."""
    draw = Draw.make(rng, shortest=8)
    training, validation, rise = _risen(draw, at_least=0.2)
    top = rng.uniform(0.8, 0.95)
    level = top - 0.2 * draw.fall(slowness=(0.02, 0.05)) + rng.uniform(0, 0.01) * np.linspace(0, 1, draw.epochs)
    right = level + 0.002 * rng.standard_normal(draw.epochs)
    table = draw.table(training, validation, accuracy=np.clip(level + 0.04, 0, 1), val_accuracy=np.clip(right, 0, 1))
    return Case("overconfident", table, _codes("OVERFITTING", "OVERCONFIDENT"), _codes("DIVERGED"), {"rise": rise})


def forgets(rng: np.random.Generator) -> Case:
    """Loss rises and accuracy falls with it: overfitting that is more than overconfidence."""
    draw = Draw.make(rng, shortest=8)
    training, validation, rise = _risen(draw, at_least=0.2)
    turn = int(validation.argmin())
    lost = np.clip(np.arange(draw.epochs) - turn, 0, None) / (draw.epochs - turn)
    right = 0.85 - rng.uniform(0.05, 0.1) * lost
    table = draw.table(training, validation, accuracy=np.full(draw.epochs, 0.95), val_accuracy=right)
    return Case("forgets", table, _codes("OVERFITTING"), _codes("OVERCONFIDENT", "DIVERGED"), {"rise": rise})


def _level(draw: Draw, slowness: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    fall = draw.fall(slowness=slowness)
    floor = draw.rng.uniform(0.3, 0.7)
    below = floor * draw.rng.uniform(0.3, 1.0) * np.exp(-np.arange(draw.epochs) / draw.epochs)
    return draw.start * (below + (1 - floor) * fall), draw.start * (floor + (1 - floor) * fall)


def _is_flat(curve: np.ndarray) -> bool:
    """Whether a curve without noise has stopped falling in its last fifth."""
    return bool(curve[-1 - max(1, len(curve) // 5)] / curve[-1] - 1 < 0.003)


def levels_off(rng: np.random.Generator, *, draw: Draw | None = None) -> Case:
    """Falls and stays there; training goes on falling."""
    draw = draw or Draw.make(rng)
    training, validation = _level(draw, (0.02, 0.06))
    made_with = {"epochs": draw.epochs, "noise": draw.noise}
    never = ALARMS | (_codes("STILL-IMPROVING") if _is_flat(validation) else frozenset())
    return Case("levels off", draw.table(training, validation), must_not=never, made_with=made_with)


def memorizes(rng: np.random.Generator) -> Case:
    """Training loss falls to next to nothing, validation loss by a fifth of it at most, and stays there."""
    draw = Draw.make(rng)
    training = np.exp(-np.arange(draw.epochs) / (draw.epochs * rng.uniform(0.1, 0.25))) * rng.uniform(0.8, 1.0)
    validation = 1 - rng.uniform(0, 0.2) * (1 - draw.fall(slowness=(0.02, 0.06)))
    made_with = {"epochs": draw.epochs, "noise": draw.noise}
    # Without what dropout adds to the first epochs' training loss, which would look like something learned before.
    losses = draw.noisy(draw.start * training, share=0.4), draw.noisy(draw.start * validation)
    table = dict(zip(("epoch", "loss", "val_loss"), (np.arange(draw.epochs), *losses), strict=True))
    never = _codes("OVERFITTING", "DIVERGED", "NOT-A-NUMBER", "UNDERFITTING")
    must = _codes("MEMORIZATION") if _is_flat(validation) else frozenset()
    return Case("memorizes", table, must, never, made_with)


def improves(rng: np.random.Generator) -> Case:
    """Goes on improving, fast or slowly."""
    draw = Draw.make(rng)
    training, validation = _level(draw, (0.3, 1.0))
    gained = validation[-1 - max(1, draw.epochs // 5)] / validation[-1] - 1
    must = _codes("STILL-IMPROVING") if gained >= 0.03 and draw.noise <= 0.01 else frozenset()
    made_with = {"epochs": draw.epochs, "noise": draw.noise, "gained": gained}
    return Case("improves", draw.table(training, validation), must, ALARMS, made_with)


def schedule(rng: np.random.Generator) -> Case:
    """A learning rate that drops in steps, or restarts: both losses jump with it."""
    draw = Draw.make(rng, shortest=10)
    training, validation = _level(draw, (0.05, 0.2))
    epoch = np.arange(draw.epochs)
    if rng.random() < 0.5:
        for milestone in rng.choice(np.arange(2, draw.epochs), size=2, replace=False):
            drop = rng.uniform(0.05, 0.3)
            training = training * np.where(epoch >= milestone, 1 - drop, 1)
            validation = validation * np.where(epoch >= milestone, 1 - drop, 1)
    else:
        cycle = max(4, draw.epochs // int(rng.integers(2, 5)))
        jump = 1 + rng.uniform(0.05, 0.3) * np.exp(-(epoch % cycle) / (cycle / 4)) * (epoch >= cycle)
        training, validation = training * jump, validation * jump
    return Case("schedule", draw.table(training, validation), must_not=ALARMS, made_with={"epochs": draw.epochs})


def warm_up(rng: np.random.Generator) -> Case:
    """A few epochs in which nothing is learned, or the loss even rises, before it falls."""
    draw = Draw.make(rng, shortest=10)
    training, validation = _level(draw, (0.1, 0.3))
    wait = int(rng.integers(1, max(2, draw.epochs // 4)))
    hump = 1 + rng.uniform(0, 0.3) * np.sin(np.pi * np.arange(1, wait + 1) / (wait + 1))
    training, validation = (np.concatenate([curve[0] * hump, curve])[: draw.epochs] for curve in (training, validation))
    return Case("warm-up", draw.table(training, validation), must_not=ALARMS, made_with={"epochs": draw.epochs})


def bumps(rng: np.random.Generator) -> Case:
    """A healthy run with one to three bumps of an epoch or two, the last epoch among them at times."""
    draw = Draw.make(rng, shortest=8)
    training, validation = _level(draw, (0.03, 0.2))
    longest = 1 if draw.epochs < 12 else 2
    validation = validation.copy()
    taken = np.zeros(draw.epochs, dtype=bool)
    for _ in range(int(rng.integers(1, 4))):
        at = draw.epochs - longest if rng.random() < 0.2 else int(rng.integers(1, draw.epochs))
        wide = int(rng.integers(1, longest + 1))
        # Bumps that touch would make a long one.
        if not taken[max(at - 3, 0) : at + wide + 3].any():
            validation[at : at + wide] *= 1 + rng.uniform(0.1, 0.6)
            taken[at : at + wide] = True
    return Case("bumps", draw.table(training, validation), must_not=ALARMS, made_with={"epochs": draw.epochs})


def diverges(rng: np.random.Generator) -> Case:
    """Training loss itself turns and rises above where it began."""
    draw = Draw.make(rng, shortest=8)
    training, validation = _level(draw, (0.05, 0.2))
    turn = int(rng.integers(2, draw.epochs - 3))
    # By the end, the training loss is above its first value.
    factor = rng.uniform(1.2, 10) * training[0] / training[-1]
    up = 1 + factor * np.clip(np.arange(draw.epochs) - turn, 0, None) / (draw.epochs - 1 - turn)
    never = _codes("OVERFITTING", "STILL-IMPROVING", "UNDERFITTING")
    return Case("diverges", draw.table(training * up, validation * up), _codes("DIVERGED"), never)


def breaks(rng: np.random.Generator) -> Case:
    """Losses become NaN or infinite and stay so."""
    draw = Draw.make(rng)
    training, validation = _level(draw, (0.05, 0.2))
    table = draw.table(training, validation)
    broken = int(rng.integers(1, draw.epochs))
    for column in ("loss", "val_loss"):
        table[column][broken:] = np.nan if rng.random() < 0.8 else np.inf
    return Case("breaks", table, _codes("NOT-A-NUMBER"), _codes("OVERFITTING"))


def learns_nothing(rng: np.random.Generator) -> Case:
    """Both losses stay near where they began."""
    draw = Draw.make(rng, shortest=8, noise=(0.0, 0.003))
    fall = draw.fall(slowness=(0.02, 0.06))
    depth = rng.uniform(0, 0.03)
    curve = draw.start * (1 - depth * (1 - fall))
    table = draw.table(curve, curve * rng.uniform(0.99, 1.03))
    never = _codes("OVERFITTING", "DIVERGED", "NOT-A-NUMBER")
    return Case("learns nothing", table, _codes("UNDERFITTING"), never)


def jumps_about(rng: np.random.Generator) -> Case:
    """Noise so large that the best epoch is luck."""
    draw = Draw.make(rng, shortest=15, noise=(0.1, 0.15, 0.25))
    draw.noise = float(rng.choice([0.1, 0.15, 0.25]))
    training, validation = _level(draw, (0.03, 0.15))
    return Case("jumps about", draw.table(training, validation), _codes("NOISY-VALIDATION"), _codes("DIVERGED"))


def penalty_hides(rng: np.random.Generator) -> Case:
    """A regulab history: data loss rises, the penalty shrinks by most of it."""
    draw = Draw.make(rng, shortest=8, noise=(0.0, 0.003, 0.01))
    training, validation, rise = _risen(draw, at_least=0.15, at_most=1.0)
    best = int(validation.argmin())
    lost = np.maximum.accumulate(np.where(np.arange(draw.epochs) < best, 0, validation - validation[best]))
    penalty = rng.uniform(0.8, 1.2) * lost[-1] - rng.uniform(0.75, 1.0) * np.clip(lost, 0, lost[-1]) + 0.01 * draw.start
    training, validation = draw.noisy(training, share=0.4), draw.noisy(validation)
    table = {
        "epoch": np.arange(draw.epochs),
        "loss": training + penalty,
        "val_loss": validation + penalty,
        "train_data_loss": training,
        "noisy_data_loss": training,
        "epoch_data_loss": training,
        "val_data_loss": validation,
        "penalty": penalty,
        "epoch_penalty": penalty,
    }
    return Case("penalty hides", table, _codes("OVERFITTING", "PENALTY-HIDES-OVERFITTING"), made_with={"rise": rise})


Kind = Callable[[np.random.Generator], Case]
KINDS: tuple[Kind, ...] = (
    overfits,
    overconfident,
    forgets,
    levels_off,
    memorizes,
    improves,
    schedule,
    warm_up,
    bumps,
    diverges,
    breaks,
    learns_nothing,
    jumps_about,
    penalty_hides,
)


def cases(*, half: int, per_kind: int, kinds: Iterable[Kind] = KINDS) -> Iterator[Case]:
    """Every kind's cases of one half.

    Args:
        half: 0 for tuning, 1 for reporting.
        per_kind: How many cases of each kind.
        kinds: The kinds.
    """
    for kind in kinds:
        seed = zlib.crc32(kind.__name__.encode())
        for number in numbers(half=half, per_kind=per_kind):
            yield kind(np.random.default_rng([seed, number]))


def numbers(*, half: int, per_kind: int) -> range:
    """The numbers of the cases of one half.

    Example:
        >>> list(numbers(half=0, per_kind=3)), list(numbers(half=1, per_kind=3))
        ([0, 2, 4], [10001, 10003, 10005])
    """
    first = half * (REPORTED + 1)
    return range(first, first + 2 * per_kind, 2)
