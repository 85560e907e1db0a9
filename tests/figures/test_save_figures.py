from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

from regulab.comparison.paired import Comparison
from regulab.diagnosis.gap import gap
from regulab.errors import InputError
from regulab.figures import (
    comparison_plot,
    curves,
    draw_comparison,
    draw_curves,
    draw_gap,
    draw_ladder,
    draw_regularized,
    ladder,
    regularized,
    save,
    save_figures,
)
from regulab.histories.history import MEASURES, Histories, History

SIZES = ("baseline", "smaller", "bigger")


def test_a_study_gets_all_three_figures(course: Histories, parameters, tmp_path: Path) -> None:
    written = save_figures(course, parameters, tmp_path / "figures", title="reviews (synthetic)", capacity=SIZES)
    assert [path.name for path in written] == ["loss.png", "ladder.png", "regularized.png"]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == sorted(path.name for path in written)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


@pytest.mark.parametrize(
    ("variants", "names"),
    [
        (("baseline",), ["loss.png"]),
        (("baseline", "smaller"), ["loss.png", "ladder.png"]),
        (("baseline", "l2"), ["loss.png", "regularized.png"]),
    ],
)
def test_figures_that_do_not_apply_are_left_out(
    course: Histories, parameters, tmp_path: Path, variants: tuple[str, ...], names: list[str]
) -> None:
    written = save_figures(course.only(variants), parameters, tmp_path, title="digits", capacity=SIZES)
    assert [path.name for path in written] == names


def test_figures_without_a_finite_value_are_left_out(parameters, tmp_path: Path) -> None:
    nan = dict.fromkeys(("loss", "val_loss", *MEASURES), (math.nan, math.inf))
    names = ("baseline", "smaller", "l2")
    study = Histories(tuple(History(name, seed, nan) for name in names for seed in (0, 1)))
    assert save_figures(study, parameters, tmp_path, title="digits", capacity=SIZES) == ()
    assert list(tmp_path.iterdir()) == []
    # One number somewhere is worth a figure.
    early = History("l2", 0, nan | {"val_data_loss": (0.6, math.nan)})
    written = save_figures(Histories((*study.members[:4], early)), parameters, tmp_path, title="digits", capacity=SIZES)
    assert [path.name for path in written] == ["loss.png", "regularized.png"]


def test_a_figure_that_was_asked_for_says_why_it_is_empty(parameters) -> None:
    nan = dict.fromkeys(("loss", "val_loss", *MEASURES), (math.nan,))
    study = Histories(tuple(History(name, 0, nan) for name in ("baseline", "l2")))
    broken = Comparison("l2", "baseline", *(math.nan,) * 4, 3, 9, "test")
    drawn = [
        draw_curves(curves(study), ax=Figure().add_subplot()),
        draw_ladder(ladder(study, parameters, variants=study.variants), ax=Figure().add_subplot()),
        draw_gap(gap(study), ax=Figure().add_subplot()),
        draw_comparison(comparison_plot([broken]), ax=Figure().add_subplot()),
        *draw_regularized(regularized(study), figure=Figure(layout="constrained")).axes,
    ]
    assert [[text.get_text() for text in ax.texts] for ax in drawn] == [["No finite values"]] * 5
    assert not any(ax.get_lines() for ax in drawn if ax is not drawn[1])


def test_the_same_figure_gives_the_same_bytes(course: Histories, tmp_path: Path) -> None:
    for kind in ("png", "svg", "pdf"):
        once, again = (
            save(draw_curves(curves(course), ax=Figure().add_subplot()).figure, tmp_path / f"{name}.{kind}")
            for name in ("once", "again")
        )
        assert once.read_bytes() == again.read_bytes()


def test_a_failed_save_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "loss.png"
    path.write_bytes(b"old")

    def fail(half: Path, **_: object) -> None:
        Path(half).write_bytes(b"half")
        raise OSError("disk full")

    figure = Figure()
    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        save(figure, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["loss.png"]
    assert path.read_bytes() == b"old"


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.png, \.svg or \.pdf\. Received: 'loss\.xyz'"):
        save(Figure(), tmp_path / "loss.xyz")


def test_the_users_settings_stay_as_they_were(course: Histories, parameters, tmp_path: Path) -> None:
    with matplotlib.rc_context({"font.size": 33.0, "axes.grid": False}):
        before = dict(matplotlib.rcParams)
        save_figures(course, parameters, tmp_path, title="digits", capacity=SIZES)
        assert dict(matplotlib.rcParams) == before


def test_the_users_settings_do_not_change_the_figures(course: Histories, parameters, tmp_path: Path) -> None:
    plain = save_figures(course, parameters, tmp_path / "a", title="digits", capacity=SIZES)
    with matplotlib.rc_context({"font.size": 33.0, "lines.linewidth": 9.0}):
        styled = save_figures(course, parameters, tmp_path / "b", title="digits", capacity=SIZES)
    assert [path.read_bytes() for path in plain] == [path.read_bytes() for path in styled]


def test_drawing_imports_neither_keras_nor_pyplot() -> None:
    code = """
import sys, tempfile, pathlib
import regulab.figures
assert "matplotlib" not in sys.modules, "importing regulab.figures must not import Matplotlib"
from regulab.histories.history import Histories, History
losses = {"train_data_loss": (0.5, 0.2), "val_data_loss": (0.4, 0.6), "loss": (0.5, 0.2)}
study = Histories(tuple(History(name, 0, losses) for name in ("baseline", "bigger", "l2")))
with tempfile.TemporaryDirectory() as folder:
    paths = regulab.figures.save_figures(
        study, {"baseline": 10, "bigger": 90}, pathlib.Path(folder), title="x", capacity=("bigger",)
    )
    assert len(paths) == 3
from matplotlib.figure import Figure
regulab.figures.plot_history({"baseline": {"loss": [0.5, 0.4]}}, ax=Figure().add_subplot())
print(sorted({"keras", "tensorflow", "matplotlib.pyplot", "pandas"} & set(sys.modules)))
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_without_axes_pyplot_makes_and_keeps_the_figure(course: Histories, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: pytest.fail("drawing must not block"))
    before = set(pyplot.get_fignums())
    ax = draw_curves(curves(course))
    (number,) = set(pyplot.get_fignums()) - before
    assert ax.figure is pyplot.figure(number)
    pyplot.close(number)
