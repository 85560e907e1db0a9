"""OVERFITTING: validation loss turns and gets worse while training loss goes on falling."""

from __future__ import annotations

from typing import ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import NO_TRAINING_LOSS, Check, no_overfitting
from regulab.diagnosis.finding import Outcome, Passed, Severity


class Overfitting(Check):
    """Compares the end of training with the best epoch, on the best losses that the history has.

    The rise has to last, to be more than noise explains, and to come while training loss falls. Does not
    apply to histories without both losses, with fewer than four epochs, or too noisy to tell.
    """

    code = "OVERFITTING"
    title = "Validation loss turns and gets worse while training loss goes on falling"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/overfitting"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        turn = analysis.turning_point
        if turn is None or turn.onset is None:
            answer = no_overfitting(analysis)
            # A validation loss that does not rise is healthy without a training loss, but nothing was compared.
            blind = answer == Passed() and not analysis.losses.training.size
            return NO_TRAINING_LOSS if blind else answer
        training, penalty_free = analysis.losses.training, analysis.losses.penalty_free
        penalty = "" if penalty_free else " (penalty included, if there is one)"
        return self.finding(
            message=(
                f"Validation loss{penalty} is best after epoch {turn.best_epoch + 1} ({turn.best:.4g}) and ends at "
                f"{turn.end:.4g}, while training loss falls from {training[turn.best_epoch]:.4g} to "
                f"{training[-1]:.4g}."
            ),
            evidence={
                "best_epoch": turn.best_epoch,
                "best_epoch_first": turn.interval[0],
                "best_epoch_last": turn.interval[1],
                "onset": turn.onset,
                "val_loss_best": turn.best,
                "val_loss_end": turn.end,
                "rise": turn.relative_rise,
                "noise": turn.noise,
                "train_loss_best": float(training[turn.best_epoch]),
                "train_loss_end": float(training[-1]),
                "penalty_free": penalty_free,
            },
            advice=(
                "The model has begun to memorize the training examples. Keep the weights of the best epoch "
                "(EarlyStopping with restore_best_weights=True). To get below its loss, try more data, a smaller "
                "model, L2 or dropout."
            ),
        )
