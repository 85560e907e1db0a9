"""A study's answers as one document of plain values, as `results.json` has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from regulab.comparison.paired import Comparison
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.finding import Finding
from regulab.histories.example_losses import LossTable
from regulab.histories.history import Histories, History
from regulab.histories.json_files import Document


def document(
    study: Mapping[str, Any],
    histories: Histories,
    losses: LossTable,
    *,
    findings: Mapping[tuple[str, int], Sequence[Finding]],
    summary: Sequence[VariantSummary],
    comparisons: Sequence[Comparison],
    recommendation: Recommendation,
    conclusion: Sequence[str],
    about: Sequence[Finding],
) -> Document:
    """Gather everything that a study found.

    Args:
        study: The study document.
        histories: Every training.
        losses: Every member's data loss per example.
        findings: About each member, by variant and seed.
        summary: One a variant.
        comparisons: Every variant against the baseline.
        recommendation: The variant to use.
        conclusion: Sentences.
        about: Findings about the study as a whole.
    """
    return {
        "data": study["data"],
        "members": [_member(member, losses, findings[member.variant, member.seed]) for member in histories],
        "summary": [asdict(line) for line in summary],
        "comparison": [comparison_document(comparison) for comparison in comparisons],
        "recommendation": asdict(recommendation),
        "conclusion": list(conclusion),
        "findings": [finding.document() for finding in about],
    }


def comparison_document(comparison: Comparison) -> Document:
    """A comparison as plain values, with its verdict and its power."""
    power = comparison.power
    return {
        **asdict(comparison),
        "verdict": str(comparison.verdict),
        "power": None if power is None else asdict(power),
    }


def _member(member: History, losses: LossTable, findings: Sequence[Finding]) -> Document:
    best = member.best_epoch
    test = losses[member.variant, member.seed].test
    return {
        "variant": member.variant,
        "seed": member.seed,
        "epochs": member.epochs,
        "best_epoch": best,
        "val_loss_best": member.at("val_data_loss", best),
        "val_loss_last": member.at("val_data_loss", -1),
        "train_loss_best": member.at("train_data_loss", best),
        "train_loss_last": member.at("train_data_loss", -1),
        "test_loss_best": None if test is None else float(test.mean()),
        "findings": [finding.document() for finding in findings],
    }
