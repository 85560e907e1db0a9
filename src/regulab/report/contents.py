"""What a report says, as plain values: gathered here, laid out in `page`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulab.comparison.paired import Comparison
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.diagnosis import Diagnosis, diagnose_history
from regulab.diagnosis.finding import SEVERITIES, Finding
from regulab.histories.history import Histories
from regulab.report.table import Column, differences_of, losses_of, notes_of, on_choice, places_of, title

#: The figures of a run folder in the order of the page: what to look at, by the name of the file.
CAPTIONS: Mapping[str, str] = {
    "loss": (
        "Loss without penalty after every epoch, dropout off: training dotted, validation solid, best epochs marked. "
        "Where validation loss turns and training loss goes on falling, the model overfits."
    ),
    "ladder": (
        "Validation and training loss by the number of parameters. A model is large enough when a larger one no longer "
        "gets a lower validation loss; from there on, size buys earlier overfitting."
    ),
    "regularized": "Each regularized variant against the baseline: when it turns, and how far it rises afterwards.",
    "comparison": (
        "How much each variant differs from the baseline, each at its own best epoch, with its own 95% interval. Where "
        "an interval holds zero, the data does not tell which is better. The verdict beside it is corrected for the "
        "number of comparisons, so it may be 'no detectable difference' beside an interval that misses zero."
    ),
    "gap": (
        "The gap between the two curves that Keras prints, split into its parts. Only the true gap tells of "
        "overfitting: dropout is off in validation, the training loss is a mean over an epoch in which the model "
        "changed, and a penalty is part of both."
    ),
}

#: What each of them is, for those who cannot see it; the caption is read to them as well.
PICTURED: Mapping[str, str] = {
    "loss": "Curves of training and validation loss, a pair for each variant",
    "ladder": "Losses at the best and at the last epoch against the number of parameters",
    "regularized": "Curves of each regularized variant beside those of the baseline",
    "comparison": "The difference of each variant from the baseline as a point with an interval",
    "gap": "The parts of each variant's gap between the curves as stacked bars",
}

_SPLITS = {"train": "to train on", "validation": "to validate on", "test": "to test on"}
_ONE_FOR_BOTH = {"train": "to train on", "test": "to validate and to test on"}


@dataclass(frozen=True)
class Shown:
    """A figure.

    Attributes:
        name: Of its file, without the suffix.
        caption: What to look at.
        png: The picture.
    """

    name: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Told:
    """A finding with the seeds of a variant that have it.

    Attributes:
        finding: As with the first of these seeds.
        seeds: Which they are.
    """

    finding: Finding
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """What was found in the trainings of one variant.

    Attributes:
        variant: Its name.
        seeds: The seeds it was trained with.
        verdicts: Each verdict, with the seeds that have it.
        told: The findings, the gravest first.
    """

    variant: str
    seeds: tuple[int, ...]
    verdicts: Mapping[str, tuple[int, ...]]
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Report:
    """A study as it stands on the page.

    Attributes:
        title: What the models were trained on.
        conclusion: Does the baseline overfit, and what helps.
        names: The variants.
        recommended: The one to use, if there is one.
        heading: What the table is of.
        columns: The table.
        notes: How to read it.
        about: Findings about the study as a whole.
        figures: In the order of the page.
        judged: What was found in each variant's trainings.
        variants: Of each variant what it changes, and its number of weights.
        facts: What was trained how, as labels and texts.
        kept: Whether the study has a run folder.
    """

    title: str
    conclusion: tuple[str, ...]
    names: tuple[str, ...]
    recommended: str | None
    heading: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    about: tuple[Finding, ...]
    figures: tuple[Shown, ...]
    judged: tuple[Judged, ...]
    variants: tuple[tuple[str, int], ...]
    facts: tuple[tuple[str, str], ...]
    kept: bool


def contents(
    study: Mapping[str, Any],
    histories: Histories,
    *,
    summary: Sequence[VariantSummary],
    comparisons: Sequence[Comparison],
    recommendation: Recommendation,
    conclusion: Sequence[str],
    about: Sequence[Finding],
    figures: Mapping[str, bytes],
    kept: bool,
) -> Report:
    """Gather what a report says.

    Args:
        study: The study document (`study.json`).
        histories: Every training.
        summary: One a variant.
        comparisons: Every variant against the baseline.
        recommendation: The variant to use.
        conclusion: Sentences.
        about: Findings about the study as a whole.
        figures: PNG by name; those that `CAPTIONS` does not know are left out.
        kept: Whether the study has a run folder.
    """
    names, places = histories.variants, places_of(summary)
    columns = losses_of(summary, study["data"], places=places)
    if comparisons:
        columns += differences_of(comparisons, names, places=places)
    entries = {entry["name"]: entry for entry in study["variants"]}
    return Report(
        title=str(study["data"]["title"]),
        conclusion=tuple(conclusion),
        names=names,
        recommended=recommendation.variant,
        heading=title(study),
        columns=tuple(columns),
        notes=(
            *notes_of(study, comparisons),
            f"Recommended: {recommendation.variant or 'none'}. {recommendation.reason}".rstrip(),
            *on_choice(recommendation, len(names), places=places),
        ),
        about=tuple(about),
        figures=tuple(Shown(name, text, figures[name]) for name, text in CAPTIONS.items() if name in figures),
        judged=tuple(_judged(histories, name) for name in names),
        variants=tuple((_change(entries[name]), int(entries[name]["parameters"])) for name in names),
        facts=tuple(_facts(study)),
        kept=kept,
    )


def _judged(histories: Histories, variant: str) -> Judged:
    members = histories.of(variant)
    diagnoses = {member.seed: diagnose_history(member) for member in members}
    verdicts: dict[str, tuple[int, ...]] = {}
    for seed, diagnosis in diagnoses.items():
        verdicts[diagnosis.verdict] = (*verdicts.get(diagnosis.verdict, ()), seed)
    return Judged(variant, tuple(diagnoses), verdicts, _told(diagnoses))


def _told(diagnoses: Mapping[int, Diagnosis]) -> tuple[Told, ...]:
    """Each code once, with all seeds that have it."""
    found: dict[str, Told] = {}
    for seed, diagnosis in diagnoses.items():
        for finding in diagnosis.findings:
            before = found.get(finding.code, Told(finding, ()))
            found[finding.code] = Told(before.finding, (*before.seeds, seed))
    return tuple(sorted(found.values(), key=lambda told: -SEVERITIES.index(told.finding.severity)))


def _change(entry: Mapping[str, Any]) -> str:
    return str(entry.get("description") or entry.get("label") or entry["name"])


def _facts(study: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was trained how; what a document of an older version lacks is left out."""
    data = study["data"]
    purposes = _ONE_FOR_BOTH if data.get("validation_is_test") else _SPLITS
    splits = [f"{data[split]:,} {what}" for split, what in purposes.items() if isinstance(data.get(split), int)]
    facts = [("Data", str(data["title"])), ("Examples", ", ".join(splits)), ("From", str(data["source"]))]
    asked = {"Loss": "loss", "Epochs": "epochs", "Batch size": "batch_size", "Seed of the batches": "shuffle_seed"}
    facts += [(label, str(study[key])) for label, key in asked.items() if study.get(key) is not None]
    facts.append(("Seeds", ", ".join(map(str, study["seeds"]))))
    weights = study.get("class_weight") or {}
    facts.append(("Weights of classes", ", ".join(f"{label}: {weight}" for label, weight in weights.items())))
    versions = study.get("versions", {})
    facts.append(("Made with", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return [(label, text) for label, text in facts if text]
