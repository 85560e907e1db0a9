"""Whether a measure is better when lower or when higher, by its name."""

from __future__ import annotations

import re
from typing import Literal


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|_)(?:{'|'.join(words.split())})(?:_|$)")


_LOWER = _any_of(
    "loss crossentropy entropy error mse mae rmse msle mape hinge poisson divergence logcosh perplexity nll deviance"
    " penalty brier false_positives false_negatives"
)
#: Between 0 and 1, unless they are in percent.
_SHARES = (
    "accuracy acc auc auroc prc precision recall f1 f2 fbeta iou io_u jaccard dice sensitivity specificity map ndcg mrr"
    " top1 top5"
)
_SHARE = _any_of(_SHARES)
_HIGHER = _any_of(
    f"{_SHARES} r2 bleu rouge hits score kappa mcc psnr ssim correlation pearson spearman reward true_positives"
    " true_negatives"
)

#: What scikit-learn turns round, as its scores are all better when higher.
_NEGATED = re.compile(r"(?:^|_)neg_(?:log_loss|brier_score|(?:\w+_)?(?:error|deviance))(?:_|$)")


def direction(measure: str) -> Literal["lower", "higher"] | None:
    """Whether a measure is better when lower or when higher, or None where its name does not say.

    Example:
        >>> direction("val_loss"), direction("BinaryAccuracy"), direction("dice_loss"), direction("learning_rate")
        ('lower', 'higher', 'lower', None)
    """
    if _has(_LOWER, measure):
        return "higher" if _has(_NEGATED, measure) else "lower"
    return "higher" if _has(_HIGHER, measure) else None


def is_share(measure: str) -> bool:
    """Whether a measure is a share of something, which other tools may give in percent.

    Example:
        >>> is_share("val_accuracy"), is_share("psnr"), is_share("dice_loss")
        (True, False, False)
    """
    return direction(measure) == "higher" and _has(_SHARE, measure)


def snake_case(name: str) -> str:
    """A name in small letters, its words joined by underscores.

    Example:
        >>> snake_case("Train Loss"), snake_case("valLoss"), snake_case("Loss/val")
        ('train_loss', 'val_loss', 'loss_val')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", parted.lower()).strip("_")


def _has(words: re.Pattern[str], name: str) -> bool:
    # A capital letter may begin a word, as in valLoss, or stand within one, as in mAP.
    return any(map(words.search, (snake_case(name), snake_case(name.lower()))))
