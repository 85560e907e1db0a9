"""Changes to a model or its training that may help against overfitting; they compose with `+`."""

from __future__ import annotations

from regulab.variants.capacity import depth, width
from regulab.variants.noise import dropout, gaussian_noise
from regulab.variants.optimization import ema, label_smoothing, weight_decay
from regulab.variants.penalties import l1, l1_l2, l2, max_norm
from regulab.variants.regularize import regularize
from regulab.variants.sample import train_size
from regulab.variants.variant import BASELINE, Variant

__all__ = [
    "BASELINE",
    "Variant",
    "depth",
    "dropout",
    "ema",
    "gaussian_noise",
    "l1",
    "l1_l2",
    "l2",
    "label_smoothing",
    "max_norm",
    "regularize",
    "train_size",
    "weight_decay",
    "width",
]
