"""Studies made up by a random generator, of which the truth is known.

A study holds a baseline and other variants, several seeds each. Every member has a loss curve over epochs
that falls and rises again; its epoch is chosen on validation examples, and its losses on test examples are
measured there. What is made up resembles what is measured in real studies:

- variants are paired: they share what a seed does (partly) and how hard an example is;
- losses have heavy tails: hard examples spread more, their differences have a kurtosis of about 20;
- variants differ on single examples, seeds differ, and single cells of seeds × examples differ on top;
- the epoch is the one with the lowest validation loss, so validation losses are too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EPOCHS, BEST = 20, 7
#: Seeds whose mean stands for the truth of a study: what another training would give.
RETRAINED = 100


@dataclass(frozen=True)
class World:
    """How strong each source of noise is, as standard deviations of a variant's loss.

    Attributes:
        name: What varies most.
        seed: Between trainings, beyond what all variants share.
        example: Between a variant's losses on examples, beyond what all variants share.
        cell: Between single trainings on single examples, on top.
        steep: How steep curves are around their best epoch, beside the noise of examples. Where they are as flat as
            the noise is large, choosing an epoch matters; where they are steep, noise does not move it.
    """

    name: str
    seed: float
    example: float
    cell: float
    steep: float = 0.3

    @classmethod
    def of(cls, name: str, *, ratio: float, examples: int, cell: float = 0.15) -> World:
        """One in which, with three seeds, seeds add `ratio` times the variance that examples add."""
        example = 0.3
        return cls(name, (ratio * 3 / examples) ** 0.5 * example, example, cell)


def worlds(examples: int) -> tuple[World, ...]:
    """From studies in which only seeds matter to studies in which they hardly do."""
    return (
        World.of("mostly seeds", ratio=12, examples=examples),
        World.of("both", ratio=1, examples=examples),
        World.of("mostly examples", ratio=0.02, examples=examples),
        World.of("single cells", ratio=0.02, examples=examples, cell=0.9),
    )


@dataclass(frozen=True, eq=False)
class Studies:
    """Several simulated studies.

    Attributes:
        truth: What each variant's loss would be on average over new trainings and new examples, shape
            `(studies, variants)`.
        test: Losses of the test examples, shape `(studies, variants, seeds, examples)`.
        validation: The same of the validation examples, or None where not asked for.
    """

    truth: np.ndarray
    test: np.ndarray
    validation: np.ndarray | None


def simulate(
    world: World,
    rng: np.random.Generator,
    *,
    studies: int,
    seeds: int,
    examples: int,
    effects: Sequence[float],
    validation: bool = False,
) -> Studies:
    """Make up studies.

    Args:
        world: How strong each source of noise is.
        rng: Where randomness comes from.
        studies: How many.
        seeds: Number of seeds of each study.
        examples: Number of test examples, and of validation examples.
        effects: For each variant, the baseline first, by how much its loss is higher or lower.
        validation: Whether to make up validation examples as well.
    """
    variants = len(effects)
    shape = (studies, variants)
    # Validation noise of a whole curve: neighbouring epochs err alike.
    lag = np.abs(np.subtract.outer(np.arange(EPOCHS), np.arange(EPOCHS)))
    root = np.linalg.cholesky(0.97**lag + 1e-9 * np.eye(EPOCHS)).T.astype(np.float32)
    of_examples = world.example / examples**0.5 * _normal(rng, (*shape, 1, EPOCHS)) @ root
    steep = world.steep * world.example / examples**0.5
    expected, measured = _curves(world, rng, (*shape, RETRAINED), examples, steep, root, of_examples)
    chosen = measured.argmin(axis=-1)[..., None]
    truth = np.take_along_axis(expected, chosen, axis=-1).mean(axis=(-2, -1)) + np.asarray(effects)

    expected, measured = _curves(world, rng, (*shape, seeds), examples, steep, root, of_examples)
    chosen = measured.argmin(axis=-1)[..., None]
    shared = 2 * world.seed * _normal(rng, (studies, 1, seeds))
    level = shared + world.seed * _normal(rng, (*shape, seeds)) + np.asarray(effects, dtype=np.float32)[:, None]
    tested = level + np.take_along_axis(expected, chosen, axis=-1)[..., 0]
    test = tested[..., None] + _deviations(world, rng, (*shape, seeds, examples))
    if not validation:
        return Studies(truth, test, None)
    around = _deviations(world, rng, (*shape, seeds, examples))
    # Their mean is what the epoch was chosen by.
    around -= around.mean(axis=-1, keepdims=True)
    seen = level + np.take_along_axis(measured, chosen, axis=-1)[..., 0]
    return Studies(truth, test, seen[..., None] + around)


def _curves(
    world: World,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    examples: int,
    steep: float,
    root: np.ndarray,
    of_examples: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Expected loss after every epoch, and the same as measured on the validation examples."""
    turning = BEST + 1.5 * _normal(rng, (*shape, 1))
    expected = steep * np.square(np.arange(EPOCHS, dtype=np.float32) - turning) / 10
    of_cells = world.cell / examples**0.5 * _normal(rng, (*shape, EPOCHS)) @ root
    return expected, expected + of_examples + of_cells


def _deviations(world: World, rng: np.random.Generator, shape: tuple[int, int, int, int]) -> np.ndarray:
    """How the losses of single examples differ from their mean."""
    studies, variants, _, examples = shape
    # Hard examples have higher losses and spread more.
    hardness = np.exp(0.7 * _normal(rng, (studies, 1, 1, examples)))
    hardness /= np.float32(np.exp(0.7**2))  # mean square 1
    own = world.example * _normal(rng, (studies, variants, 1, examples))
    losses = _normal(rng, shape)
    losses *= np.float32(world.cell)
    losses += own
    losses += 0.5
    losses *= hardness
    losses -= np.float32(0.5 * np.exp(0.7**2 / 2 - 0.7**2))
    return losses


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)
