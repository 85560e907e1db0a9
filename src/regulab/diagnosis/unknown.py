"""What a log cannot tell about its training, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.inconclusive import Inconclusive

#: Reasons that need a sentence of their own: no other part of a diagnosis explains them.
EXPLAINED: Mapping[Inconclusive, str] = {
    Inconclusive.TOO_NOISY: (
        "Whether the model overfits: validation loss jumps so much from epoch to epoch that it could hide a rise of "
        "10%. Validate on more examples, train with several seeds, or let the learning rate decay."
    ),
    Inconclusive.ALWAYS_ZERO: (
        "Whether the model overfits: no model is sure of every validation example from the first epoch on. Check the "
        "labels and the last layer: softmax over a single unit always answers 1, whatever the example; a single "
        "unit needs sigmoid and binary cross-entropy."
    ),
    Inconclusive.RISES_SLIGHTLY: (
        "Whether the model overfits: validation loss has risen from its best, but by too little or in too few epochs "
        "to count, while training loss fell by at least 25%. On other examples, or without a penalty if there is "
        "one, it may have risen by 10%, or not at all. Validate on more examples, or train for longer."
    ),
    Inconclusive.TRAINING_DOES_NOT_FALL: (
        "Whether the model overfits: a model that memorizes its training examples gets better at them, and this one "
        "does not. Check whether the learning rate is too high, and whether the validation examples are of another "
        "kind."
    ),
}


def explanation(reason: Inconclusive | None) -> tuple[str, ...]:
    """The sentence about a reason that nothing else explains; none where there is no such reason."""
    return (EXPLAINED[reason],) if reason is not None and reason in EXPLAINED else ()


def unknown(analysis: CurveAnalysis) -> tuple[str, ...]:
    """What the measures of a history leave open."""
    losses, sentences = analysis.losses, []
    if not losses.training.size and not losses.validation.size:
        sentences.append("Whether the model overfits: the log has no loss.")
    elif not losses.validation.size:
        sentences.append("Whether the model overfits: the log has no validation loss. Pass validation_data=... to fit.")
    elif not losses.training.size:
        sentences.append("Whether the model overfits or diverges: the log has no training loss.")
    if len(analysis.validation) and not losses.penalty_free:
        sentences.append(
            "What the loss is without a penalty: if the model has L1 or L2, it is part of loss and val_loss, and a "
            "shrinking penalty can hide overfitting. Compile with the loss as a metric as well, such as "
            'metrics=["binary_crossentropy"].'
        )
    if len(analysis.training) and not losses.inference:
        sentences.append(
            "How large the gap between training and validation really is: the training loss is a mean over the epoch "
            "with dropout on. A study run by regulab also measures it with dropout off."
        )
    return tuple(sentences)
