"""The power of a comparison: how small a difference it would have detected, and what a smaller one would take."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from regulab.comparison.random_effects import CLAIMS, Estimate, critical_value

#: The share of studies that are to detect a difference.
POWER = 0.8
#: The share of the control's loss that is worth seeing.
SOUGHT = 0.01
# More than these nobody trains or collects to see it.
_MOST_SEEDS, _MOST_EXAMPLES = 200, 10_000_000
_DRAWS = 20_000


@dataclass(frozen=True)
class Power:
    """What a comparison can see.

    Attributes:
        detectable: The smallest true difference that four in five studies like this one would detect.
        sought: A hundredth of the control's loss.
        seeds: The number of seeds with which four in five studies would detect that; None where seeds alone would not
            do.
        examples: Likewise the number of examples.
    """

    detectable: float
    sought: float
    seeds: int | None
    examples: int | None


def power(noise: Estimate, control_loss: float, *, comparisons: int) -> Power:
    """What a comparison with such noise can see, and what it would take to see a hundredth of the control's loss.

    Other numbers of seeds or examples are taken to divide their own part of the variance. What single cells add is in
    the seeds' part, though more examples would lower it too, so the number of examples errs on the safe side.

    Args:
        noise: The estimated difference with its variance.
        control_loss: The control's loss.
        comparisons: How many comparisons the verdict is corrected for.

    Example:
        >>> seen = power(Estimate(0.0, 1e-6, 1e-6, seeds=3, examples=100), 0.3, comparisons=1)
        >>> round(seen.detectable, 3), seen.sought, seen.seeds, seen.examples
        (0.006, 0.003, 25, None)
    """
    sought = SOUGHT * abs(control_loss)

    def with_seeds(seeds: int) -> float:
        part = noise.seed_part * noise.seeds / seeds
        return detectable(Estimate(0.0, part, noise.example_part, seeds, noise.examples), comparisons=comparisons)

    def with_examples(examples: int) -> float:
        part = noise.example_part * noise.examples / examples
        return detectable(Estimate(0.0, noise.seed_part, part, noise.seeds, examples), comparisons=comparisons)

    return Power(
        detectable(noise, comparisons=comparisons),
        sought,
        _fewest(with_seeds, sought, noise.seeds, _MOST_SEEDS),
        _fewest(with_examples, sought, noise.examples, _MOST_EXAMPLES),
    )


def detectable(noise: Estimate, *, comparisons: int) -> float:
    """The smallest true difference that four in five studies with such noise would detect.

    A difference is detected where it is further from zero than the critical value of its p-value, which has to be at
    most 0.05 over the number of comparisons (the first step of Holm's method, so that others need not differ). With few
    seeds the critical value varies from study to study as the estimated variance does, which is why the usual sum of
    two quantiles times the standard error (Bloom, 1995, "Minimum detectable effects") would promise too much. So
    studies are drawn: the mean is normal, and each part of the variance is a scaled chi-squared number with as many
    degrees of freedom as there are seeds or examples, less one. The answer is the quantile of what a true difference
    has to make up for. It takes the estimated variance for the true one, which with few seeds is a rough guess.

    Args:
        noise: The estimated difference with its variance, of two seeds or more.
        comparisons: How many comparisons the verdict is corrected for.

    Returns:
        The difference, in units of the loss; it is the same in both directions.

    Example:
        >>> round(detectable(Estimate(0.0, 0.0, 1.0, seeds=3, examples=100_000), comparisons=1), 1)  # 1.96 + 0.84
        2.8
    """
    normal, of_seeds, of_examples = _draws(noise.seeds, noise.examples)
    drawn = Estimate(0.0, noise.seed_part * of_seeds, noise.example_part * of_examples, noise.seeds, noise.examples)
    total = math.sqrt(noise.seed_part + noise.example_part)
    missing = critical_value(drawn, CLAIMS / max(comparisons, 1)) - total * normal
    return max(float(np.quantile(missing, POWER)), 0.0)


@lru_cache(maxsize=4)
def _draws(seeds: int, examples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A standard normal number and two variances of mean one, for each of the drawn studies."""
    # A fixed seed, so that the same data gets the same answer.
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(_DRAWS)
    of_seeds, of_examples = (
        rng.chisquare(max(count - 1, 1), _DRAWS) / max(count - 1, 1) for count in (seeds, examples)
    )
    return normal, of_seeds, of_examples


def _fewest(sees: Callable[[int], float], sought: float, least: int, most: int) -> int | None:
    """The smallest number, from the present one on, with which a difference is seen; None where none is."""
    if least > most or sees(most) > sought:
        return None
    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if sees(middle) <= sought else (middle + 1, high)
    return low
