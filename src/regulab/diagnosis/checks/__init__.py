"""The checks, one file each: an object that is run on the analysis of a training, or on a study."""

from __future__ import annotations

from regulab.diagnosis.checks.changed_nothing import VariantChangedNothing
from regulab.diagnosis.checks.check import Check, StudyCheck
from regulab.diagnosis.checks.constant import NotBetterThanConstant
from regulab.diagnosis.checks.diverged import Diverged
from regulab.diagnosis.checks.dropout_hides import DropoutHidesGap
from regulab.diagnosis.checks.duplicates import DuplicatesAcrossSplits
from regulab.diagnosis.checks.edge_of_grid import EdgeOfGrid
from regulab.diagnosis.checks.memorization import Memorization
from regulab.diagnosis.checks.noisy_validation import NoisyValidation
from regulab.diagnosis.checks.not_a_number import NotANumber
from regulab.diagnosis.checks.overconfident import Overconfident
from regulab.diagnosis.checks.overfitting import Overfitting
from regulab.diagnosis.checks.penalty_changes_gradient import PenaltyChangesGradient
from regulab.diagnosis.checks.penalty_hides import PenaltyHidesOverfitting
from regulab.diagnosis.checks.seeds_disagree import SeedsDisagree
from regulab.diagnosis.checks.still_improving import StillImproving
from regulab.diagnosis.checks.too_short import TooShort
from regulab.diagnosis.checks.underfitting import Underfitting, UnderfittingVariants
from regulab.diagnosis.checks.validation_easier import ValidationEasier
from regulab.diagnosis.checks.validation_is_test import ValidationIsTest

#: The checks of a single training, in the order of importance in which findings are reported.
CHECKS: tuple[Check, ...] = (
    NotANumber(),
    Diverged(),
    Overfitting(),
    Memorization(),
    PenaltyHidesOverfitting(),
    Underfitting(),
    Overconfident(),
    ValidationEasier(),
    DropoutHidesGap(),
    NoisyValidation(),
    TooShort(),
    StillImproving(),
)

#: The checks of a study as a whole, likewise.
STUDY_CHECKS: tuple[StudyCheck, ...] = (
    NotBetterThanConstant(),
    DuplicatesAcrossSplits(),
    ValidationIsTest(),
    PenaltyChangesGradient(),
    SeedsDisagree(),
    VariantChangedNothing(),
    UnderfittingVariants(),
    EdgeOfGrid(),
)

#: The code of every finding.
CODES: tuple[str, ...] = tuple(dict.fromkeys(check.code for check in (*CHECKS, *STUDY_CHECKS)))
