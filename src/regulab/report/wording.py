"""The report's own sentences: captions, who has a finding, and what was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caption:
    """The words that go with a figure.

    Attributes:
        text: What to look for in it.
        alternative: What it shows, for readers who cannot see it; the text is read to them as well.
    """

    text: str
    alternative: str


#: The figures of a run folder in the order of the page, by the name of the file.
CAPTIONS: Mapping[str, Caption] = {
    "loss": Caption(
        "Loss without penalty after every epoch, with dropout off: training dotted, validation solid, best epochs "
        "marked. Where validation loss turns upwards while training loss keeps falling, the model overfits.",
        "Curves of training and validation loss, a pair for each variant",
    ),
    "ladder": Caption(
        "Validation and training loss against the number of parameters. A model is large enough when a larger one no "
        "longer lowers the validation loss; beyond that, more parameters only bring overfitting sooner.",
        "Losses at the best and at the last epoch against the number of parameters",
    ),
    "regularized": Caption(
        "Each regularized variant against the baseline: when its validation loss turns, and how far it rises "
        "afterwards.",
        "Curves of each regularized variant alongside those of the baseline",
    ),
    "comparison": Caption(
        "How much each variant's loss differs from the baseline's, each at its own best epoch, with a 95% interval. "
        "Where an interval includes zero, the data does not show which is better. The verdicts are corrected for the "
        "number of comparisons, so one may be 'no detectable difference' although its interval excludes zero.",
        "The difference of each variant from the baseline as a point with an interval",
    ),
    "gap": Caption(
        "The gap between the two curves that Keras prints, split into its parts. Only the true gap is evidence of "
        "overfitting. The others come from how the curves are measured: dropout is off during validation, the "
        "training loss is a mean over an epoch in which the model keeps changing, and both curves include the penalty.",
        "The parts of each variant's gap between the curves as stacked bars",
    ),
}

_ONE_SEED = Caption(
    "How much each variant's loss differs from the baseline's, each at its own best epoch. One seed has no interval: "
    "another training may differ by more than the variants do.",
    "The difference of each variant from the baseline as a point",
)

_SPLITS = {"train": "for training", "validation": "for validation", "test": "for testing"}
_TEST_VALIDATES = {"train": "for training", "test": "for both validation and testing"}


def captions(seeds: int) -> dict[str, Caption]:
    """The captions of a study with so many seeds."""
    return {**CAPTIONS, **({"comparison": _ONE_SEED} if seeds == 1 else {})}


def in_seeds(seeds: Sequence[int], trained: Sequence[int]) -> str:
    """In how many of a variant's seeds something was found; nothing where it has only one.

    Example:
        >>> in_seeds([0, 1], [0, 1]), in_seeds([1], [0, 1, 2]), in_seeds([0], [0])
        ('in both seeds', 'in 1 of 3 seeds', '')
    """
    if len(trained) == 1:
        return ""
    if len(seeds) == len(trained):
        return "in both seeds" if len(trained) == 2 else f"in all {len(trained)} seeds"
    return f"in {len(seeds)} of {len(trained)} seeds"


def training_facts(study: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was trained and how, as labels and texts; what a study of an older version does not say is left out."""
    data = study["data"]
    purposes = _TEST_VALIDATES if data.get("validation_is_test") else _SPLITS
    splits = [f"{data[split]:,} {purpose}" for split, purpose in purposes.items() if isinstance(data.get(split), int)]
    facts = [("Data", str(data["title"])), ("Examples", ", ".join(splits)), ("Source", str(data["source"]))]
    settings = {"Loss": "loss", "Epochs": "epochs", "Batch size": "batch_size", "Shuffle seed": "shuffle_seed"}
    facts += [(label, str(study[key])) for label, key in settings.items() if study.get(key) is not None]
    facts.append(("Seeds", ", ".join(map(str, study["seeds"]))))
    weights = study.get("class_weight") or {}
    facts.append(("Class weights", ", ".join(f"{label}: {weight}" for label, weight in weights.items())))
    versions = study.get("versions", {})
    facts.append(("Made with", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return [(label, text) for label, text in facts if text]
