"""Figures of histories: each computes a small record first and draws it second. Never imports Keras."""

from __future__ import annotations

from regulab.figures.comparison import comparison_plot, draw_comparison
from regulab.figures.curves import Curves, curves, draw_curves
from regulab.figures.gap import draw_gap
from regulab.figures.history import plot_history
from regulab.figures.ladder import Ladder, draw_ladder, ladder
from regulab.figures.lines import Curve, Line
from regulab.figures.regularized import Regularized, draw_regularized, regularized
from regulab.figures.save import save
from regulab.figures.study_figures import save_figures

__all__ = [
    "Curve",
    "Curves",
    "Ladder",
    "Line",
    "Regularized",
    "comparison_plot",
    "curves",
    "draw_comparison",
    "draw_curves",
    "draw_gap",
    "draw_ladder",
    "draw_regularized",
    "ladder",
    "plot_history",
    "regularized",
    "save",
    "save_figures",
]
