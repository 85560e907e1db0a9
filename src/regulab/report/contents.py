"""What a report says, as plain values: gathered here, laid out by `page`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulab.comparison.paired import Comparison
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.diagnose import diagnose_history
from regulab.diagnosis.diagnosis import Diagnosis
from regulab.diagnosis.finding import SEVERITIES, Finding
from regulab.histories.history import Histories
from regulab.report.table import (
    Column,
    difference_columns,
    disagreeing,
    loss_columns,
    loss_decimals,
    optimism_notes,
    table_notes,
    table_title,
)
from regulab.report.wording import Caption, captions, training_facts


@dataclass(frozen=True)
class ReportFigure:
    """A figure.

    Attributes:
        name: Of its file, without the suffix.
        caption: The words that go with it.
        png: The image.
    """

    name: str
    caption: Caption
    png: bytes

    @property
    def base64(self) -> str:
        """The image as the page holds it."""
        return b64encode(self.png).decode()


@dataclass(frozen=True)
class VariantFinding:
    """A finding in the trainings of one variant.

    Attributes:
        finding: With the numbers of the first of its seeds.
        seeds: The seeds in which it was found.
    """

    finding: Finding
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class VariantDiagnosis:
    """What was found in the trainings of one variant.

    Attributes:
        variant: Its name.
        seeds: The seeds it was trained with.
        verdicts: The seeds of each verdict.
        findings: The most severe first.
    """

    variant: str
    seeds: tuple[int, ...]
    verdicts: Mapping[str, tuple[int, ...]]
    findings: tuple[VariantFinding, ...]


@dataclass(frozen=True)
class TrainedVariant:
    """A variant as it was trained.

    Attributes:
        name: Its name.
        change: What it changes in the model.
        parameters: Its number of parameters.
    """

    name: str
    change: str
    parameters: int


@dataclass(frozen=True)
class Report:
    """A study as the page shows it.

    Attributes:
        title: What the models were trained on.
        conclusion: Whether the baseline overfits, and what helps.
        recommended: The variant to use, if there is one.
        table_title: What the table shows.
        columns: The table, a cell for each variant.
        notes: How to read it.
        study_findings: Findings about the study as a whole.
        figures: In the order of the page.
        diagnoses: What was found in each variant's trainings.
        variants: What was trained, in the order of the study.
        facts: How it was trained, as labels and texts.
        has_folder: Whether the study has a run folder.
    """

    title: str
    conclusion: tuple[str, ...]
    recommended: str | None
    table_title: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    study_findings: tuple[Finding, ...]
    figures: tuple[ReportFigure, ...]
    diagnoses: tuple[VariantDiagnosis, ...]
    variants: tuple[TrainedVariant, ...]
    facts: tuple[tuple[str, str], ...]
    has_folder: bool


def contents(
    study: Mapping[str, Any],
    histories: Histories,
    *,
    analyses: Mapping[tuple[str, int], CurveAnalysis],
    summary: Sequence[VariantSummary],
    comparisons: Sequence[Comparison],
    recommendation: Recommendation,
    conclusion: Sequence[str],
    study_findings: Sequence[Finding],
    figures: Mapping[str, bytes],
    has_folder: bool,
) -> Report:
    """Gather what a report says.

    Args:
        study: The study document (`study.json`).
        histories: Every training.
        analyses: The analysis of each training, by variant and seed.
        summary: One a variant.
        comparisons: Every variant against the baseline.
        recommendation: The variant to use.
        conclusion: Sentences.
        study_findings: Findings about the study as a whole.
        figures: PNG by name; those without a caption are left out.
        has_folder: Whether the study has a run folder.
    """
    names, places = histories.variants, loss_decimals(summary)
    columns = loss_columns(summary, study["data"], places=places)
    if comparisons:
        columns += difference_columns(comparisons, names, places=places, disagreeing=disagreeing(histories))
    entries = {entry["name"]: entry for entry in study["variants"]}
    return Report(
        title=str(study["data"]["title"]),
        conclusion=tuple(conclusion),
        recommended=recommendation.variant,
        table_title=table_title(study),
        columns=tuple(columns),
        notes=(
            *table_notes(study, comparisons, places=places),
            f"Recommended: {recommendation.variant or 'none'}. {recommendation.reason}".rstrip(),
            *optimism_notes(recommendation, len(names), places=places),
        ),
        study_findings=tuple(study_findings),
        figures=tuple(
            ReportFigure(name, text, figures[name])
            for name, text in captions(len(study["seeds"])).items()
            if name in figures
        ),
        diagnoses=tuple(_diagnosis(histories, name, analyses) for name in names),
        variants=tuple(
            TrainedVariant(name, _change(entries[name]), int(entries[name]["parameters"])) for name in names
        ),
        facts=tuple(training_facts(study)),
        has_folder=has_folder,
    )


def _diagnosis(
    histories: Histories, variant: str, analyses: Mapping[tuple[str, int], CurveAnalysis]
) -> VariantDiagnosis:
    diagnoses = {member.seed: diagnose_history(analyses[variant, member.seed]) for member in histories.of(variant)}
    verdicts: dict[str, tuple[int, ...]] = {}
    for seed, diagnosis in diagnoses.items():
        verdicts[diagnosis.verdict] = (*verdicts.get(diagnosis.verdict, ()), seed)
    return VariantDiagnosis(variant, tuple(diagnoses), verdicts, _findings(diagnoses))


def _findings(diagnoses: Mapping[int, Diagnosis]) -> tuple[VariantFinding, ...]:
    """Each code once, with all seeds that have it."""
    by_code: dict[str, VariantFinding] = {}
    for seed, diagnosis in diagnoses.items():
        for finding in diagnosis.findings:
            first = by_code.get(finding.code, VariantFinding(finding, ()))
            by_code[finding.code] = VariantFinding(first.finding, (*first.seeds, seed))
    return tuple(sorted(by_code.values(), key=lambda entry: -SEVERITIES.index(entry.finding.severity)))


def _change(entry: Mapping[str, Any]) -> str:
    return str(entry.get("description") or entry.get("label") or entry["name"])
