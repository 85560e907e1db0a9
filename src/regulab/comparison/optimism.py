"""The optimism of a choice: by how much the lead of the best variant is exaggerated because it was chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from regulab.comparison.scores import Scores, choose

#: How much noise is added for each draw, as a share of the variance that is there. More adds a bias towards
#: noisier data, less makes the estimate itself noisy.
_ADDED = 0.2
_DRAWS = 4000


def optimism(
    scores: Scores, rank: Sequence[int], *, reference: int, among: Sequence[int] | None = None, of: int | None = None
) -> float:
    """By how much the chosen variant's lead over the reference is exaggerated on average, since it was chosen.

    This is known as the winner's curse.

    The lead is the difference in mean loss on the data that the choice was made on. Trained again and measured
    on new data, it would be smaller by this much, on average over studies like this one. Where the choice is
    clear, or mostly falls on the reference, there is little to exaggerate.

    Noise like the data's own is added to the means, the choice is made among the noisy ones, and the chosen
    one is looked up in means with the opposite noise, which are independent of those (the coupled bootstrap of
    Oliveira, Lei and Tibshirani, 2021). Resampling seeds and examples alone would find about 0.7 of the
    optimism where all variants are equal, since the means that it starts from are apart by chance already.

    Args:
        scores: The variants' scores on the data that the choice is made on.
        rank: As for `choose`.
        reference: Index of the variant that leads are counted from.
        among: As for `choose`.
        of: Index of a variant, where only studies that choose this one count.

    Returns:
        The optimism, in units of the loss; 0 where nothing differs.
    """
    from scipy.linalg import eigh

    values, vectors = eigh(scores.noise)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    # A fixed seed, so that the same data gets the same answer.
    drawn = np.random.default_rng(0).standard_normal((_DRAWS // 2, len(values))) @ root.T
    noise = np.concatenate([drawn, -drawn])
    size = math.sqrt(_ADDED)
    noisy, errors = scores.means + size * noise, math.sqrt(1 + _ADDED) * scores.errors
    chosen = choose(noisy, errors, rank, reference=reference, among=among)
    gained = noise[:, reference] - noise[np.arange(len(noise)), chosen]
    if of is not None:
        gained = gained[chosen == of]
        if not len(gained):
            return 0.0
    # As seen with noise of 1 + _ADDED times the variance; the last division brings it back to the data's own.
    return float(gained.mean()) * (size + 1 / size) / math.sqrt(1 + _ADDED)
