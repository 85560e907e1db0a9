"""Draw the small figures of the findings' pages: python docs/findings/make_figures.py.

Each shows made-up curves on which the finding is really given; the script stops where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from regulab.diagnosis.run_checks import diagnose_member, diagnose_study
from regulab.figures import style
from regulab.figures.save import save
from regulab.histories.history import Histories, History

OUT = Path(__file__).parents[1] / "images" / "findings"
SIZE = (5.2, 2.8)
BLUE, ORANGE = style.PALETTE[1], style.PALETTE[2]
Curves = dict[str, np.ndarray]

EPOCHS = np.arange(20)
FALL = np.exp(-EPOCHS / 2.5)
AFTER = np.clip(EPOCHS - 5, 0, None)
TRAIN = 0.65 * np.exp(-EPOCHS / 5) + 0.02
RISING = 0.28 + 0.35 * FALL + 0.022 * AFTER
LEVEL = 0.30 + 0.35 * FALL
NOISE = np.random.default_rng(0).standard_normal(20)


def own(train: np.ndarray, validation: np.ndarray, **more: np.ndarray) -> Curves:
    """The measures of a regulab study."""
    return {"train_data_loss": train, "val_data_loss": validation, **more}


def broken(curve: np.ndarray) -> np.ndarray:
    """The curve up to epoch 8, growing before it becomes NaN."""
    grown = curve + np.where(EPOCHS > 4, 0.12 * (EPOCHS - 4) ** 2, 0)
    return np.where(EPOCHS < 9, grown, np.nan)


#: For each code the curves, and the measures to show with their labels; the first is drawn dotted.
SHOWN = {"train_data_loss": "training", "val_data_loss": "validation"}
MEMBERS: dict[str, tuple[Curves, dict[str, str]]] = {
    "OVERFITTING": (own(TRAIN, RISING), SHOWN),
    "MEMORIZATION": (own(TRAIN, 0.6 + 0.06 * FALL), SHOWN),
    "UNDERFITTING": (own(0.66 + 0.02 * FALL, 0.665 + 0.02 * FALL), SHOWN),
    "STILL-IMPROVING": (own(0.7 * np.exp(-EPOCHS / 14), 0.1 + 0.6 * np.exp(-EPOCHS / 14)), SHOWN),
    "PENALTY-HIDES-OVERFITTING": (
        own(TRAIN, RISING, val_loss=RISING + 0.75 * np.exp(-EPOCHS / 14)),
        {
            "train_data_loss": "training",
            "val_data_loss": "validation, without penalty",
            "val_loss": "val_loss as printed",
        },
    ),
    "DROPOUT-HIDES-GAP": (
        own(LEVEL - 0.12 + 0.001 * AFTER, LEVEL + 0.001 * AFTER, noisy_data_loss=LEVEL - 0.02),
        {
            "noisy_data_loss": "training, dropout on",
            "val_data_loss": "validation",
            "train_data_loss": "training, dropout off",
        },
    ),
    "OVERCONFIDENT": (
        own(TRAIN, RISING, val_accuracy=0.88 - 0.3 * FALL),
        {"train_data_loss": "training loss", "val_data_loss": "validation loss", "val_accuracy": "validation accuracy"},
    ),
    "NOISY-VALIDATION": (own(TRAIN, LEVEL * np.exp(0.14 * NOISE)), SHOWN),
    "VALIDATION-EASIER": (own(LEVEL, 0.75 * LEVEL), SHOWN),
    "DIVERGED": (own(0.3 + 0.4 * FALL + 0.005 * AFTER**2, 0.33 + 0.4 * FALL + 0.0052 * AFTER**2), SHOWN),
    "NOT-A-NUMBER": (own(broken(TRAIN), broken(LEVEL)), SHOWN),
    "TOO-SHORT": (own(TRAIN[:3], RISING[:3]), SHOWN),
}


def draw(code: str, curves: Curves, shown: dict[str, str]) -> Path:
    """Draw curves that have a finding."""
    measures = {name: tuple(map(float, values)) for name, values in curves.items()}
    codes = [finding.code for finding in diagnose_member(History("example", 0, measures))]
    if code not in codes:
        raise SystemExit(f"Expected {code} on its example. Received: {', '.join(codes) or 'nothing'}.")
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        strokes = [(ORANGE, ":"), (BLUE, "-"), (style.GREY, "--")]
        for (name, label), (colour, stroke) in zip(shown.items(), strokes, strict=False):
            ax.plot(1 + np.arange(len(curves[name])), curves[name], stroke, color=colour, label=label)
        ax.set_ylim(0, 1.1 * max(np.nanmax(curves[name]) for name in shown))
        ax.set_xlim(right=20.5)
        ax.set_xticks([1, 5, 10, 15, 20])
        ax.set_xlabel("Epoch")
        ax.set_ylabel("Loss" + (", accuracy" if "val_accuracy" in shown else ""))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.8)
        return save(figure, OUT / f"{code.lower()}.png")


def save_over_epochs(figure: Figure, name: str, *, label: str = "Loss") -> Path:
    """Save a figure whose curves run over the epochs, with its axes and legend."""
    (ax,) = figure.axes
    ax.set_ylim(bottom=0)
    ax.set_xticks([1, 5, 10, 15, 20])
    ax.set_xlabel("Epoch")
    ax.set_ylabel(label)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.8)
    return save(figure, OUT / name)


def draw_edge_of_grid() -> Path:
    """Draw the best loss of five strengths, the last of which is the best."""
    losses = {0.0001: 0.36, 0.0003: 0.345, 0.001: 0.325, 0.003: 0.31, 0.01: 0.30}
    names = {strength: f"l2({strength:g})" for strength in losses}
    study = {"variants": [{"name": name, "label": name} for name in names.values()]}
    members = tuple(History(names[strength], 0, {"val_data_loss": (loss,)}) for strength, loss in losses.items())
    _expect("EDGE-OF-GRID", study, Histories(members))
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(list(losses), list(losses.values()), "o-", color=BLUE)
        ax.plot([0.01], [0.30], "o", color=ORANGE, markersize=10)
        ax.annotate("best of\nthose tried", (0.01, 0.30), xytext=(10, -2), textcoords="offset points", va="bottom")
        ax.set_xscale("log")
        ax.set_xticks(list(losses), [f"{strength:g}" for strength in losses])
        ax.minorticks_off()
        ax.set_xlim(0.00007, 0.04)
        ax.set_xlabel("Strength of L2")
        ax.set_ylabel("Best validation loss")
        return save(figure, OUT / "edge-of-grid.png")


def draw_seeds_disagree() -> Path:
    """Draw the losses of a variant's six seeds, two of which are stuck, next to the baseline's."""
    losses = {
        "baseline": (0.300, 0.303, 0.298, 0.301, 0.304, 0.299),
        "smaller": (0.305, 0.49, 0.31, 0.308, 0.50, 0.303),
    }
    members = tuple(
        History(variant, seed, {"val_data_loss": (0.69, loss)})
        for variant, row in losses.items()
        for seed, loss in enumerate(row)
    )
    _expect("SEEDS-DISAGREE", {}, Histories(members))
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        for position, row in enumerate(losses.values()):
            ax.plot(row, position + 0.12 * np.linspace(-1, 1, len(row)), "o", color=BLUE, alpha=0.7)
            ax.plot([np.mean(row)], [position], "|", color=ORANGE, markersize=24, markeredgewidth=2.5)
        ax.plot([], [], "o", color=BLUE, label="a seed")
        ax.plot([], [], "|", color=ORANGE, markersize=12, markeredgewidth=2.5, label="their mean")
        ax.set_yticks(range(len(losses)), list(losses))
        ax.set_ylim(1.5, -0.5)
        ax.set_xlabel("Best validation loss")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.8)
        return save(figure, OUT / "seeds-disagree.png")


def draw_changed_nothing() -> Path:
    """Draw the validation loss of the baseline, of a variant that does nothing, and of one that does something."""
    helped = LEVEL + 0.004 * AFTER
    curves = {"baseline": RISING, "max_norm(3)": RISING, "max_norm(0.5)": helped}
    members = tuple(
        History(variant, 0, {"train_data_loss": tuple(TRAIN.tolist()), "val_data_loss": tuple(curve.tolist())})
        for variant, curve in curves.items()
    )
    _expect("VARIANT-CHANGED-NOTHING", {}, Histories(members))
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(1 + EPOCHS, RISING, "-", color=ORANGE, linewidth=5, alpha=0.45, label="baseline")
        ax.plot(1 + EPOCHS, RISING, "-", color=BLUE, label="max_norm(3),\nnever reached")
        ax.plot(1 + EPOCHS, helped, "--", color=style.GREY, label="max_norm(0.5)")
        return save_over_epochs(figure, "variant-changed-nothing.png", label="Validation loss")


def draw_constant() -> Path:
    """Draw the losses of a model that learns meaningless labels by heart, and the constant's."""
    validation = 0.716 + 0.02 * EPOCHS
    member = History("baseline", 0, {"val_data_loss": tuple(map(float, validation))})
    _expect("NOT-BETTER-THAN-CONSTANT", {"constant_loss": {"validation": 0.693}}, Histories((member,)))
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(1 + EPOCHS, TRAIN, ":", color=ORANGE, label="training")
        ax.plot(1 + EPOCHS, validation, "-", color=BLUE, label="validation")
        ax.axhline(0.693, color=style.GREY, linestyle="--", label="validation,\nconstant prediction")
        return save_over_epochs(figure, "not-better-than-constant.png")


def draw_duplicates() -> Path:
    """Draw the loss of the same model on clean validation examples and with three in ten taken from training."""
    shares = 0.3
    known = (1 - shares) * RISING + shares * TRAIN
    study = {"data": {"validation": 200, "duplicates": {"validation": 60}}}
    _expect("DUPLICATES-ACROSS-SPLITS", study, Histories(()))
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(1 + EPOCHS, TRAIN, ":", color=ORANGE, label="training")
        ax.plot(1 + EPOCHS, RISING, "-", color=BLUE, label="validation, clean")
        ax.plot(1 + EPOCHS, known, "--", color=style.GREY, label="validation, 30% of\nit training examples")
        return save_over_epochs(figure, "duplicates-across-splits.png")


def draw_test_used() -> Path:
    """Draw forty equally good trainings by their loss on the examples that choose one and on others."""
    _expect("TEST-USED-FOR-VALIDATION", {"data": {"validation_is_test": True}}, Histories(()))
    chosen, others = 0.30 + 0.015 * np.random.default_rng(1).standard_normal((2, 40))
    best = int(chosen.argmin())
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(chosen, others, "o", color=BLUE, alpha=0.6, label="40 trainings,\nequally good")
        ax.plot(chosen[best], others[best], "o", color=ORANGE, markersize=10, label="the one chosen")
        ax.axhline(0.30, color=style.GREY, linestyle=":", label="true loss of all")
        ax.axvline(0.30, color=style.GREY, linestyle=":")
        ax.set_xlabel("Loss on the examples that choose")
        ax.set_ylabel("Loss on new examples")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.8)
        return save(figure, OUT / "test-used-for-validation.png")


def draw_penalty_changes_gradient() -> Path:
    """Draw how far Adam's first step moves a token, by how often a batch reads it, for rows and dense gradients."""
    study = {"variants": [{"name": "l2", "penalty_by_row": ["embedding"]}]}
    _expect("PENALTY-CHANGES-GRADIENT", study, Histories(()))
    times = np.arange(1, 31)
    # Bias-corrected, the first step is the learning rate times the gradient over the root of its square. All rows are
    # equal here, as below an average over the tokens.
    rows, dense = times / np.sqrt(times * 1.0**2), times / np.sqrt((times * 1.0) ** 2)
    with style.context():
        figure = style.new_figure(*SIZE, shown=False)
        ax = figure.add_subplot()
        ax.plot(times, rows, color=BLUE, label="rows: without penalty,\nor read row by row")
        ax.plot(times, dense, ":", color=ORANGE, label="dense: with any\npenalty in fit")
        ax.set_ylim(0, 6)
        ax.set_xlim(0, 30)
        ax.set_xlabel("Times that a batch reads the token")
        ax.set_ylabel("Step / learning rate")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.8)
        return save(figure, OUT / "penalty-changes-gradient.png")


def _expect(code: str, study: Mapping[str, Any], histories: Histories) -> None:
    if code not in [finding.code for finding in diagnose_study(study, histories)]:
        raise SystemExit(f"Expected {code} on its example.")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for code, (curves, shown) in MEMBERS.items():
        print(draw(code, curves, shown).name)
    for drawing in (
        draw_edge_of_grid,
        draw_seeds_disagree,
        draw_changed_nothing,
        draw_constant,
        draw_duplicates,
        draw_test_used,
        draw_penalty_changes_gradient,
    ):
        print(drawing().name)
