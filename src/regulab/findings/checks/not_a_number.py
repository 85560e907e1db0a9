"""NOT-A-NUMBER: a loss became NaN or infinite."""

from __future__ import annotations

import math

from regulab.findings.finding import Finding
from regulab.histories.history import History


def check(history: History) -> Finding | None:
    """Look for the first epoch at which a loss is not a finite number."""
    for measure in ("train_data_loss", "val_data_loss"):
        for epoch, value in enumerate(history.measures.get(measure, ())):
            if not math.isfinite(value):
                split = "Training" if measure.startswith("train") else "Validation"
                return Finding(
                    code="NOT-A-NUMBER",
                    severity="error",
                    message=f"{split} loss is {value} after epoch {epoch + 1}.",
                    evidence={"epoch": epoch},
                    advice="Lower the learning rate, clip gradients (clipnorm=1.0), look for extreme features.",
                )
    return None
