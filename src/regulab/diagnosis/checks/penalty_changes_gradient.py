"""PENALTY-CHANGES-GRADIENT: a penalty makes the gradient of an embedding dense, here or in `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.histories.history import Histories


class PenaltyChangesGradient(StudyCheck):
    """Reads in the study document which variants put a penalty on weights whose gradient comes as rows in the baseline.

    A warning where the gradient is dense in the variant, an info where it would be in `fit` only. Does not apply to a
    study without a document of its variants.
    """

    code = "PENALTY-CHANGES-GRADIENT"
    title = "A penalty changes how the optimizer treats a layer's gradient"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/penalty-changes-gradient"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study; a finding for variants that cannot be trained as the baseline is, and one for the others."""
        if not study.get("variants"):
            return NotApplicable("the study does not say what its variants are")
        dense, by_row = _layers(study, "dense_gradient"), _layers(study, "penalty_by_row")
        findings = ([self._dense(dense)] if dense else []) + ([self._by_row(by_row)] if by_row else [])
        return tuple(findings) or Passed()

    def _dense(self, layers: Mapping[str, tuple[str, ...]]) -> Finding:
        return self.finding(
            message=(
                f"{_listed(layers)}: the penalty makes the gradient of {_layer_words(layers)} dense. In the baseline "
                "it comes as rows, one for each time that a token is read, and the optimizer treats the two "
                "differently. So the comparison with the baseline measures that, too, and not the penalty alone."
            ),
            evidence={"variants": len(layers)},
            advice=(
                "In the layer's code, pass the regularizer to `add_weight` instead of calling `add_loss`; then regulab "
                "reads the penalty row by row. Or leave the layer out of the variant with `layers=`."
            ),
        )

    def _by_row(self, layers: Mapping[str, tuple[str, ...]]) -> Finding:
        return self.finding(
            severity="info",
            message=(
                f"{_listed(layers)}: regulab read the penalty on {_layer_words(layers)} row by row, so that the "
                "optimizer treats the gradient as it does in the baseline. In `fit`, any penalty makes that gradient "
                "dense, and the training takes another course even where the penalty is next to nothing."
            ),
            evidence={"variants": len(layers)},
            advice=(
                "Use the model that regulab trained. A training of the same model with `fit` may end elsewhere; "
                "leave the layer out of the penalty with `layers=` if the two must agree."
            ),
        )


def _layers(study: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    """For each variant that has any, the names of the layers under the key."""
    entries = [entry for entry in study["variants"] if isinstance(entry, Mapping) and entry.get(key)]
    return {str(entry["name"]): tuple(map(str, entry[key])) for entry in entries}


def _listed(layers: Mapping[str, tuple[str, ...]]) -> str:
    return ", ".join(layers)


def _layer_words(layers: Mapping[str, tuple[str, ...]]) -> str:
    return " and ".join(dict.fromkeys(name for names in layers.values() for name in names))
