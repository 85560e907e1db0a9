from __future__ import annotations

from types import SimpleNamespace

import pytest

from regulab.errors import InputError
from regulab.figures import plot_history

LOSSES = {"loss": [0.5, 0.3, 0.2], "val_loss": [0.5, 0.4, 0.6]}


def labels(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_any_number_of_named_histories_stands_on_one_axes(ax) -> None:
    histories = {"baseline": SimpleNamespace(history=LOSSES), "l2": LOSSES, "dropout": LOSSES}
    assert plot_history(histories, ax=ax) is ax
    assert len(ax.get_lines()) == 6
    assert labels(ax)[:3] == ["baseline (best epoch 2)", "l2 (best epoch 2)", "dropout (best epoch 2)"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Epoch", "Loss")


def test_a_single_history_needs_no_name(ax) -> None:
    plot_history(SimpleNamespace(history=LOSSES), ax=ax)
    assert labels(ax)[0] == "model (best epoch 2)"


def test_without_a_validation_curve_the_training_curve_stands_alone(ax) -> None:
    plot_history({"baseline": {"loss": [0.5, 0.3]}}, ax=ax)
    (line,) = ax.get_lines()
    assert line.get_linestyle() == ":"
    assert [label for label in labels(ax) if label.strip()] == ["baseline", "training"]


def test_an_unknown_metric_lists_the_known_ones_and_draws_nothing(ax) -> None:
    histories = {"baseline": {**LOSSES, "accuracy": [0.1, 0.2, 0.3]}}
    with pytest.raises(InputError, match=r"No metric 'acuracy'\. Available: loss, accuracy\."):
        plot_history(histories, metric="acuracy", ax=ax)
    assert not ax.get_lines()


def test_for_accuracy_the_highest_epoch_is_marked(ax) -> None:
    plot_history({"accuracy": [0.6, 0.7, 0.8], "val_accuracy": [0.6, 0.7, 0.65]}, metric="accuracy", ax=ax)
    assert labels(ax)[0] == "model (best epoch 2)"


def test_a_dollar_sign_in_a_name_is_a_dollar_sign(ax) -> None:
    plot_history({"$x^2$": LOSSES}, ax=ax)
    assert not ax.get_legend().get_texts()[0].get_parse_math()
