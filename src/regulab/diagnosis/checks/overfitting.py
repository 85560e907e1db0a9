"""OVERFITTING: validation loss turns and gets worse while training loss goes on falling."""

from __future__ import annotations

from regulab.diagnosis.analysis import evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.turning_point import turning
from regulab.histories.history import History


def check(history: History) -> Finding | None:
    """Hold the end of training against the best epoch, on the best losses that the history has.

    The rise has to last, to be more than noise explains, and to come while training loss falls. Does not
    apply to histories without both losses or with fewer than four epochs.
    """
    losses = evidence(history)
    turn = turning(losses.validation, losses.training)
    if turn is None or turn.onset is None:
        return None
    training = losses.training
    what = "" if losses.penalty_free else " (penalty included, if there is one)"
    return Finding(
        code="OVERFITTING",
        severity="warning",
        message=(
            f"Validation loss{what} is best after epoch {turn.best_epoch + 1} ({turn.best:.4g}) and ends at "
            f"{turn.end:.4g}, while training loss falls from {training[turn.best_epoch]:.4g} to {training[-1]:.4g}."
        ),
        evidence={
            "best_epoch": turn.best_epoch,
            "best_epoch_first": turn.interval[0],
            "best_epoch_last": turn.interval[1],
            "onset": turn.onset,
            "val_loss_best": turn.best,
            "val_loss_end": turn.end,
            "rise": turn.lost,
            "noise": turn.noise,
            "train_loss_best": float(training[turn.best_epoch]),
            "train_loss_end": float(training[-1]),
            "penalty_free": losses.penalty_free,
        },
        advice=(
            "The model has begun to learn the training examples by heart. Keep the weights of the best epoch "
            "(EarlyStopping with restore_best_weights=True); to get below its loss, try more data, a smaller "
            "model, L2 or dropout."
        ),
    )
