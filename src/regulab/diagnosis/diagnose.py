"""From histories to their diagnoses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulab.diagnosis.analysis import CurveAnalysis, analyze
from regulab.diagnosis.diagnosis import Diagnoses, Diagnosis
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.run_checks import CheckResults, run_checks, run_study_checks
from regulab.diagnosis.unknown import explanation, unknown
from regulab.histories.history import Histories, History

#: What the findings about a study as a whole are filed under.
STUDY = "the study"


def diagnose_history(
    history: History | CurveAnalysis, *, name: str | None = None, ignore: frozenset[str] = frozenset()
) -> Diagnosis:
    """Diagnose one training from its history alone.

    Args:
        history: A member of a study, or what a reader made of another tool's log; or its analysis, if there is one.
        name: What to call it; by default the variant, with the seed where it is one of a study.
        ignore: Codes of findings to mute.

    Example:
        >>> log = History("log.csv", 0, {"loss": (0.6, 0.3, 0.1), "val_loss": (0.6, 0.4, 0.7)})
        >>> diagnosis = diagnose_history(log)
        >>> diagnosis.verdict, diagnosis.healthy, diagnosis.worst
        ('cannot tell: too few epochs', False, 'info')
    """
    analysis = history if isinstance(history, CurveAnalysis) else analyze(history)
    history = analysis.history
    if name is None:
        from_log = history.seed == 0 and "val_data_loss" not in history.measures
        name = history.variant if from_log else f"{history.variant}, seed {history.seed}"
    results, reason = run_checks(analysis, ignore=ignore), analysis.inconclusive
    codes = {finding.code for finding in (*results.findings, *results.ignored)}
    if "UNDERFITTING" in codes:
        # Without accuracy it is of no weight, since a model that had been trained before looks the same.
        reason = reason or Inconclusive.NEITHER_LOSS_FALLS
    # A model that memorizes its examples overfits, whether validation loss turns or not.
    explained = () if "MEMORIZATION" in codes else explanation(reason)
    return _diagnosis(name, results, unknown=(*explained, *unknown(analysis)), notes=history.notes, inconclusive=reason)


def diagnose_histories(
    histories: Histories, *, study: Mapping[str, Any] | None = None, ignore: frozenset[str] = frozenset()
) -> Diagnoses:
    """Diagnose every training, and the study that they belong to, if any.

    Args:
        histories: The trainings.
        study: The study document (`study.json`); what it shows comes first, where it shows anything.
        ignore: Codes of findings to mute.
    """
    seeds: dict[str, int] = {}
    for member in histories:
        seeds[member.variant] = seeds.get(member.variant, 0) + 1
    members = (
        diagnose_history(
            member,
            name=f"{member.variant}, seed {member.seed}" if seeds[member.variant] > 1 else None,
            ignore=ignore,
        )
        for member in histories
    )
    about = () if study is None else about_study(study, histories, ignore=ignore)
    return Diagnoses((*about, *members))


def about_study(
    study: Mapping[str, Any], histories: Histories, *, ignore: frozenset[str] = frozenset()
) -> tuple[Diagnosis, ...]:
    """A diagnosis of the study as a whole, or nothing where nothing was found."""
    results = run_study_checks(study, histories, ignore=ignore)
    return (_diagnosis(STUDY, results),) if results.findings or results.ignored else ()


def _diagnosis(name: str, results: CheckResults, **more: Any) -> Diagnosis:
    return Diagnosis(
        name,
        results.findings,
        ignored=results.ignored,
        passed=results.passed,
        not_applicable=results.not_applicable,
        **more,
    )
