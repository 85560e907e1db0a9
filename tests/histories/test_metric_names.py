from __future__ import annotations

import pytest

from regulab.histories.metrics import direction, is_share


@pytest.mark.parametrize(
    ("metric", "better"),
    [
        ("loss", "lower"),
        ("data_loss", "lower"),
        ("sparse_categorical_crossentropy", "lower"),
        ("mean_absolute_error", "lower"),
        ("false_positives", "lower"),
        ("brier_score", "lower"),
        ("neg_log_loss", "higher"),
        ("val_neg_root_mean_squared_error", "higher"),
        ("neg_loss", "lower"),
        ("acc", "higher"),
        ("top_k_categorical_accuracy", "higher"),
        ("auc_1", "higher"),
        ("f1_score", "higher"),
        ("val_auroc", "higher"),
        ("mAP", "higher"),
        ("psnr", "higher"),
        ("kappa", "higher"),
        ("top1", "higher"),
        ("ndcg", "higher"),
        ("BinaryAccuracy", "higher"),
        ("mean_io_u", "higher"),
        ("MeanIoU", "higher"),
        ("true_positives", "higher"),
        ("learning_rate", None),
        ("y_true", None),
        ("disk_io", None),
    ],
)
def test_the_direction_is_told_by_the_name(metric: str, better: str | None) -> None:
    assert direction(metric) == better


@pytest.mark.parametrize(
    ("metric", "share"), [("val_auroc", True), ("BinaryAccuracy", True), ("mean_io_u", True), ("psnr", False)]
)
def test_only_shares_can_be_in_percent(metric: str, share: bool) -> None:
    assert is_share(metric) is share
