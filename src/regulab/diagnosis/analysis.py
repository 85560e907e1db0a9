"""The analysis of one training's curves: what the checks share, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regulab.diagnosis.curve import Curve, finite_curve
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.losses import JudgedLosses, judged_losses, validation_accuracy
from regulab.diagnosis.turning_point import SHORTEST, TurningPoint, turning_point_of
from regulab.histories.history import History


@dataclass(frozen=True, eq=False)
class CurveAnalysis:
    """What is known about the curves of one training.

    Each property is computed when a check first asks for it, and kept.

    Attributes:
        history: The training.
    """

    history: History

    @cached_property
    def losses(self) -> JudgedLosses:
        """The losses that are judged, after every epoch."""
        return judged_losses(self.history)

    @cached_property
    def training(self) -> Curve:
        """The training loss in the epochs that have one."""
        return finite_curve(self.losses.training)

    @cached_property
    def validation(self) -> Curve:
        """The validation loss in the epochs that have one."""
        return finite_curve(self.losses.validation)

    @cached_property
    def paired(self) -> tuple[Curve, Curve] | None:
        """Training and validation loss in the epochs that have both, or None where one was never measured."""
        if len(self.losses.training) != len(self.losses.validation):
            return None
        both = np.intersect1d(self.training.epochs, self.validation.epochs, assume_unique=True)
        # Mostly all epochs have both, and what is known of a curve need not be computed again.
        training, validation = (
            curve if len(curve) == len(both) else Curve(both, values[both])
            for curve, values in (
                (self.training, self.losses.training),
                (self.validation, self.losses.validation),
            )
        )
        return training, validation

    @cached_property
    def first_training_loss(self) -> float:
        """The training loss before the model had learned much: the first of `paired`, or the mean of that epoch.

        NaN where there is none.
        """
        if self.paired is None or not len(self.paired[0]):
            return float("nan")
        # The mean over the first epoch still holds what the model knew before it.
        mean = self.history.at("epoch_data_loss", 0) if self.losses.inference else -np.inf
        return max(float(self.paired[0].values[0]), mean)

    @cached_property
    def turning_point(self) -> TurningPoint | None:
        """Where the validation loss turns, or None where it was never a finite number."""
        return turning_point_of(self.validation, self.losses.training)

    @cached_property
    def inconclusive(self) -> Inconclusive | None:
        """Why it cannot be told whether the model overfits, or None where it can."""
        if not self.losses.validation.size:
            return Inconclusive.NO_VALIDATION_LOSS if self.losses.training.size else Inconclusive.NO_LOSS
        if self.turning_point is None:
            return Inconclusive.NEVER_FINITE
        if not self.validation.values.any():
            return Inconclusive.ALWAYS_ZERO
        if len(self.validation) < SHORTEST:
            return Inconclusive.TOO_FEW_EPOCHS
        return self.turning_point.inconclusive

    @cached_property
    def accuracy(self) -> np.ndarray | None:
        """Validation accuracy after every epoch, or None where the history has none."""
        return validation_accuracy(self.history)


def analyze(history: History) -> CurveAnalysis:
    """Analyze the curves of one training.

    Example:
        >>> analysis = analyze(History("log.csv", 0, {"loss": (0.6, 0.4, 0.3, 0.2), "val_loss": (0.6, 0.4, 0.5, 0.6)}))
        >>> analysis.turning_point.best_epoch, analysis.losses.penalty_free, analysis.inconclusive
        (1, False, None)
        >>> str(analyze(History("log.csv", 0, {"loss": (0.6, 0.4, 0.3)})).inconclusive)
        'no validation loss'
    """
    return CurveAnalysis(history)
