"""What a metric's name tells: its two curves, and how to write it for people."""

from __future__ import annotations

from collections.abc import Iterable

from regulab.errors import InputError

#: The loss without penalty, dropout off, which regulab measures itself.
DATA_LOSS = "data_loss"


def curve_names(metric: str) -> tuple[str, str]:
    """The measures that hold a metric's training and validation curve.

    Example:
        >>> curve_names("data_loss"), curve_names("accuracy")
        (('train_data_loss', 'val_data_loss'), ('accuracy', 'val_accuracy'))
    """
    return ("train_data_loss" if metric == DATA_LOSS else metric), f"val_{metric}"


def available_metrics(measures: Iterable[str]) -> tuple[str, ...]:
    """The metrics that can be drawn from these measures, each once.

    Example:
        >>> available_metrics(["loss", "val_loss", "train_data_loss", "val_data_loss", "val_auc"])
        ('loss', 'data_loss', 'auc')
    """
    names = (DATA_LOSS if name == "train_data_loss" else name.removeprefix("val_") for name in measures)
    return tuple(dict.fromkeys(names))


def check_metric(metric: str, measures: Iterable[str]) -> None:
    """Refuse a metric of which there is neither a training nor a validation curve.

    Raises:
        InputError: If the metric is unknown; the message lists the known ones.
    """
    known = available_metrics(measures)
    if metric not in known:
        raise InputError(f"No metric '{metric}'. Available: {', '.join(known) or 'none'}.")


def metric_title(metric: str) -> str:
    """A metric as people write it.

    Example:
        >>> metric_title("data_loss"), metric_title("binary_crossentropy")
        ('Loss without penalty', 'Binary crossentropy')
    """
    if metric == DATA_LOSS:
        return "Loss without penalty"
    text = metric.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
