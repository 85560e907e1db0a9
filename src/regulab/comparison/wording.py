"""What a comparison comes to, in sentences: for the terminal, the report and `results.json` alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import assert_never

from regulab.comparison.across_runs import Obstacle, ObstacleKind, OtherLabel, Remark
from regulab.comparison.conclusion import BaselineState, Conclusion, Outcome
from regulab.comparison.scores import NEGLIGIBLE
from regulab.comparison.selection import Basis, Selection
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.checks.constant import not_better
from regulab.diagnosis.checks.seeds_disagree import seeds_sentence
from regulab.diagnosis.number_format import apart, decimals, least, rounded, written


def selection_reason(selection: Selection) -> str:
    """Why a variant is recommended."""
    selected, lowest = selection.selected, selection.lowest
    if selected is None or lowest is None:
        return "No variant has a finite validation loss with every seed; check the data and the learning rate."
    # Epochs are counted from 1 wherever a person reads them.
    epoch = "?" if selected.best_epoch is None else str(selected.best_epoch + 1)
    epoch += ", the last" if selected.improving else ""
    if selection.basis is Basis.LOWEST_LOSS:
        loss = written(lowest.val_loss_best, decimals(lowest.val_loss_best))
        return f"It has the lowest validation loss, {loss}, after epoch {epoch}."
    own, best = apart(selected.val_loss_best, lowest.val_loss_best)
    losses = f"({own} after epoch {epoch}; {lowest.variant} reaches {best})"
    if selection.basis is Basis.JUDGED_BETTER:
        return f"It is judged better than the baseline, unlike {lowest.variant}, which has the lowest loss {losses}."
    if selection.basis is Basis.LEAD_WITHIN_OPTIMISM and selection.declined is not None:
        declined, places = selection.declined, decimals(lowest.val_loss_best)
        lead = rounded(selected.val_loss_best - declined.val_loss_best, places)
        return (
            f"The lead of {declined.variant} on validation data, {lead}, is no larger than choosing it exaggerates it "
            f"on average (about {rounded(selection.declined_optimism, places)}), so it is no reason to change the "
            "model."
        )
    simplest = "the best of the simplest" if selection.shares_size else "the simplest"
    if selection.basis is Basis.NEGLIGIBLE_LEAD:
        return f"It is {simplest}, and the lowest validation loss is less than {NEGLIGIBLE:.1%} lower {losses}."
    return f"It is {simplest} within one standard error of the lowest validation loss {losses}."


def optimism_note(variant: str | None, difference: float, optimism: float, *, variants: int, places: int) -> str | None:
    """By how much choosing exaggerates the lead of what was chosen; None where nothing was chosen.

    Args:
        variant: The recommended one.
        difference: Its validation loss minus the baseline's.
        optimism: By how much that is too low on average.
        variants: How many it was chosen from.
        places: How many decimals losses are written with.
    """
    if not math.isfinite(optimism):
        return None
    amount = (
        f"about {written(optimism, places)}"
        if optimism >= least(places)
        else f"less than {written(10.0**-places, places)}"
    )
    if variant == "baseline":
        return (
            f"The baseline is chosen, so no lead is claimed. Choosing the best of {variants} on validation data would "
            f"exaggerate its lead by {amount} on average."
        )
    if difference >= 0:
        return f"On validation data {variant} does not lead, so no lead is exaggerated by choosing it."
    return (
        f"On validation data {variant} leads by {rounded(-difference, places)}; choosing from {variants} on the same "
        f"data exaggerates a lead over the baseline by {amount} on average."
    )


def conclusion_sentences(conclusion: Conclusion) -> tuple[str, str]:
    """Does the baseline overfit; and what helps, what harms, and whose seeds disagree."""
    if conclusion.constant is not None:
        first = f"{not_better(conclusion.constant)} {_about_baseline(conclusion)}"
        return first, "No variant is recommended before one beats the constant: check the data and the learning rate."
    helps = [_about_variants(conclusion), *_about_worse(conclusion), *map(seeds_sentence, conclusion.disagreeing)]
    return _about_baseline(conclusion), " ".join(helps)


def _about_worse(conclusion: Conclusion) -> list[str]:
    if not conclusion.worse:
        return []
    return [f"Worse than the baseline on {_data(conclusion)}: {listed(conclusion.worse)}."]


def _about_baseline(conclusion: Conclusion) -> str:
    baseline = conclusion.baseline
    if baseline.best_epoch is None:
        return "The baseline's validation loss was never a finite number: check the data and lower the learning rate."
    places = decimals(baseline.val_loss_best)
    best = f"validation loss {written(baseline.val_loss_best, places)} after epoch {baseline.best_epoch + 1}"
    end = written(baseline.val_loss_last, places)
    match conclusion.state:
        case BaselineState.NEVER_FINITE | BaselineState.SOMETIMES_NEVER_FINITE:
            return "With some seeds the baseline's validation loss was never a finite number: lower the learning rate."
        case BaselineState.DIVERGES:
            return f"The baseline is at its best early ({best}) and then diverges: lower the learning rate."
        case BaselineState.OVERFITS:
            return (
                f"The baseline overfits: {best}, {end} by epoch {baseline.epochs}, while its training loss goes on "
                f"falling to {written(baseline.train_loss_last, places)}."
            )
        case BaselineState.MEMORIZES:
            return (
                f"The baseline memorizes its training examples: {best} and hardly better than at first, while its "
                f"training loss falls to {rounded(baseline.train_loss_last, places)}."
            )
        case BaselineState.UNDERFITS:
            return f"The baseline learns too little to overfit: neither loss falls ({best}, {end} at the end)."
        case BaselineState.SOMETIMES_OVERFITS:
            return f"{_seeds_that_overfit(baseline)}: on average, {best}, {end} at the end."
        case BaselineState.UNDECIDED:
            return (
                f"Whether the baseline overfits cannot be told{_of_seeds(baseline.undecided, baseline)} "
                f"({baseline.doubt}): {best}, {end} at the end."
            )
        case BaselineState.STILL_IMPROVING:
            return f"The baseline is still improving at the end ({best}): train it for longer before judging it."
        case BaselineState.TOO_SHORT:
            return (
                f"Whether the baseline overfits cannot be told after {baseline.epochs} epochs ({best}, {end} at the "
                "end): train it for longer."
            )
        case BaselineState.HARDLY_OVERFITS:
            return f"The baseline hardly overfits in {baseline.epochs} epochs: {best}, {end} at the end."
    assert_never(conclusion.state)


def _of_seeds(share: float, summary: VariantSummary) -> str:
    """In how many of its seeds, if it has several."""
    return "" if summary.seeds == 1 else f" in {round(share * summary.seeds)} of {summary.seeds} seeds"


def _seeds_that_overfit(baseline: VariantSummary) -> str:
    sentence = f"The baseline overfits{_of_seeds(baseline.overfitting, baseline)}"
    if not baseline.undecided:
        return sentence
    return f"{sentence}, and{_of_seeds(baseline.undecided, baseline)} it cannot be told ({baseline.doubt})"


def _about_variants(conclusion: Conclusion) -> str:
    use = _use(conclusion)
    match conclusion.outcome:
        case Outcome.NOTHING_USABLE:
            return "No variant has a finite validation loss with every seed, so none is recommended."
        case Outcome.NOTHING_COMPARED:
            return f"Nothing was compared with it; {use}."
        case Outcome.ONE_SEED:
            longer = ", and for longer" if conclusion.provisional else ""
            return (
                f"One seed cannot tell whether a variant is better, so run at least three{longer}; "
                f"for now, take {_recommended(conclusion)}."
            )
        case Outcome.NOT_FINITE:
            return f"No variant could be compared with it, since losses were not finite; {use}."
        case Outcome.NONE_BETTER:
            none = f"{_when(conclusion)}, no variant is detectably better than it on {_data(conclusion)}"
            if conclusion.robust is None:
                return f"{none}; {use}."
            return f"{none}, so what the variants bring is robustness to training too long: {_end(conclusion)}; {use}."
        case Outcome.SOME_BETTER:
            better = _better(conclusion)
            if conclusion.robust is None:
                return f"{better}; {use}."
            if conclusion.mostly_robustness:
                robustness = f", but mostly the variants bring robustness to training too long: {_end(conclusion)}"
            else:
                robustness = f", and trained too long {_end(conclusion)}"
            return f"{better}{robustness}; {use}."
    assert_never(conclusion.outcome)


def _when(conclusion: Conclusion) -> str:
    return "So far" if conclusion.provisional else "With each stopped at its own best epoch"


def _data(conclusion: Conclusion) -> str:
    reused = ", on which the epochs were also chosen" if conclusion.validation_is_test else ""
    return f"{conclusion.split} data{reused}"


def _better(conclusion: Conclusion) -> str:
    """Which variants are better, and by how much."""
    several = len(conclusion.better) > 1
    lead = rounded(conclusion.lead, decimals(conclusion.baseline.val_loss_best))
    return (
        f"{_when(conclusion)}, {listed(conclusion.better)} {'beat' if several else 'beats'} it by "
        f"{'up to ' if several else ''}{lead} on {_data(conclusion)}"
    )


def _end(conclusion: Conclusion) -> str:
    """Where the most robust variant and the baseline end."""
    robust, baseline = conclusion.robust, conclusion.baseline
    if robust is None:
        return ""
    own, reference = (
        written(summary.val_loss_last, decimals(baseline.val_loss_best)) for summary in (robust, baseline)
    )
    return (
        f"{robust.variant} ends at a validation loss of {own} after epoch {robust.epochs}, the baseline at {reference}"
    )


def _use(conclusion: Conclusion) -> str:
    """What to use, and when to stop it."""
    recommended = _recommended(conclusion)
    if conclusion.provisional and conclusion.all_improving:
        return f"train all for longer before choosing, and for now take {recommended}"
    stop = "" if conclusion.stop_after is None else f", stopped after epoch {conclusion.stop_after}"
    return f"recommended{' so far' if conclusion.provisional else ''}: {recommended}{stop}"


def _recommended(conclusion: Conclusion) -> str:
    return "the baseline" if conclusion.recommended == "baseline" else str(conclusion.recommended)


def listed(names: Sequence[str]) -> str:
    """Names as people list them.

    Example:
        >>> listed(["l1", "l2", "dropout"])
        'l1, l2 and dropout'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def obstacle_reason(obstacle: Obstacle) -> str:
    """Why a run cannot be compared with the first, as part of a sentence about the run."""
    first, (own, reference) = obstacle.first, obstacle.values
    match obstacle.kind:
        case ObstacleKind.NO_FINGERPRINT:
            return (
                f"{obstacle.run} has no fingerprint of its data (they were streamed, or an early version of regulab "
                "wrote it)"
            )
        case ObstacleKind.OTHER_DATA:
            return f"its data are not those of {first}: {own} against {reference}"
        case ObstacleKind.OTHER_EXAMPLES:
            return f"its data are not those of {first}: other examples under the same name"
        case ObstacleKind.OTHER_LOSS:
            return f"its loss is {own}, that of {first} is {reference}"
        case ObstacleKind.OTHER_SPLIT:
            return f"its losses are of {own} data, those of {first} of {reference} data"
        case ObstacleKind.NO_COMMON_VARIANT:
            return f"it has no variant in common with {first}"
        case ObstacleKind.NO_COMMON_SEED:
            return f"it has no seed in common with {first}"
        case ObstacleKind.OTHER_NUMBER_OF_EXAMPLES:
            return f"it has losses of a different number of examples than {first}"
    assert_never(obstacle.kind)


def remark_sentence(remark: Remark) -> str:
    """What to mind about a comparison of runs."""
    if isinstance(remark, OtherLabel):
        return f"{remark.variant} is {remark.label} in {remark.run} and {remark.first_label} in {remark.first}."
    return f"Of {remark.run} and {remark.first} only the seeds that both have are compared."
