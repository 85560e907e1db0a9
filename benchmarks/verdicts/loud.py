"""How much noise the verdicts bear: overfitting and plateaus of one length and one noise each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from curves import Case, Draw, levels_off, numbers, overfits
from scipy.optimize import isotonic_regression
from scipy.stats import norm

from regulab.diagnosis.turning_point import turning_point

NOISE, EPOCHS = (0.01, 0.02, 0.03, 0.04, 0.06), (6, 10, 20, 50)
#: The false alarms that are allowed to the test of `limit`.
ALLOWED = 0.01


@dataclass(frozen=True)
class Share:
    """What is said of `per_kind` curves that overfit by a tenth and more, and of as many that level off.

    Attributes:
        noise: Standard deviation of an epoch, as a share of the loss.
        epochs: Length of the runs.
        per_kind: How many curves of both.
        missed: Share of the overfitting ones that are taken for sound.
        unclear: Share of them of which it is said that it cannot be told.
        false: Share of the others that are said to overfit.
        doubted: Share of the others of which it is said that it cannot be told.
        limit: Share of the overfitting ones that any test has to miss or leave open.
    """

    noise: float
    epochs: int
    per_kind: int
    missed: float
    unclear: float
    false: float
    doubted: float
    limit: float


def shares(*, half: int, per_kind: int) -> list[Share]:
    """For every noise and length."""
    measured = []
    for noise in NOISE:
        for epochs in EPOCHS:
            seeds = [[round(1000 * noise), epochs, number] for number in numbers(half=half, per_kind=per_kind)]
            rising, level = (
                Counter(_said(_made(kind, seed, noise)) for seed in seeds) for kind in (overfits, levels_off)
            )
            bounds = [limit(_made(overfits, seed, 0.0).table["val_loss"], noise) for seed in seeds]
            counts = (rising[""], rising["unclear"], level["overfits"], level["unclear"])
            measured.append(
                Share(noise, epochs, per_kind, *(count / per_kind for count in counts), float(np.mean(bounds)))
            )
    return measured


def limit(curve: np.ndarray, noise: float) -> float:
    """How often a rise is missed by the best test there can be, with false alarms in 1%.

    It knows the curve without noise, `curve`, and how large the noise is, and has to tell but this one from the
    nearest curve that never rises (Neyman and Pearson). A test that knows neither cannot do better.

    Example:
        >>> round(limit(np.array([1.0, 0.5, 0.51, 0.52, 0.53]), 0.05), 2), limit(np.array([1.0, 0.5, 1.0, 2.0]), 0.01)
        (0.97, 0.0)
    """
    logarithms = np.log(curve)
    apart = np.linalg.norm(logarithms - isotonic_regression(logarithms, increasing=False).x) / noise
    return float(norm.cdf(norm.ppf(1 - ALLOWED) - apart))


def _made(kind: Callable[..., Case], seed: list[int], noise: float) -> Case:
    rng = np.random.default_rng(seed)
    return kind(rng, draw=Draw(rng, seed[1], noise, 1.0))


def _said(case: Case) -> str:
    turn = turning_point(case.table["val_loss"], case.table["loss"])
    return "overfits" if turn.overfits else "unclear" if turn.inconclusive else ""
