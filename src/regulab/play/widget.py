"""The playground in a notebook: sliders, chart and table, made of Jupyter's widgets."""

from __future__ import annotations

import threading
import time
import weakref
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from regulab.data.dataset import Dataset
from regulab.errors import RegulabError
from regulab.ipython import shell
from regulab.play import chart, code, commentary
from regulab.play.notebook_cells import NotebookCells
from regulab.play.runs import Runs, View
from regulab.play.settings import Knob, Settings, knobs
from regulab.play.trainer import Trainer

_HERE = Path(__file__).parent
_LABELS = {"width": "Width", "l2": "L2", "dropout": "Dropout", "share": "Examples"}
_MOST_EPOCHS = 100
#: Seconds between two drawings. Fast trainings have fifty epochs a second, more than eye or browser need.
_FRAME = 0.1


class StatusLine(anywidget.AnyWidget):
    """What the run shows, in words that screen readers announce; its script also keeps Jupyter off the keyboard."""

    _esm = _HERE / "front.js"
    _css = _HERE / "front.css"
    text = traitlets.Unicode().tag(sync=True)


class Playground(ipywidgets.VBox):
    """Sliders that train a model again, and the curves of all runs.

    Args:
        trainer: The model and its data.
        given: The data as the learner has it, for the code that is written.
        epochs: Epochs to begin with.
    """

    def __init__(self, trainer: Trainer, *, given: Dataset, epochs: int) -> None:
        global _latest
        _stop_previous()
        self._trainer, self._given = trainer, given
        self._drawing, self._drawn = threading.RLock(), 0.0
        self.sliders = _sliders(knobs(trainer.template, trainer.data), epochs=epochs)
        self.train = _button("Stop", "End this training, or begin it again")
        self.clear = _button("Clear earlier runs", "Keep only the latest run")
        self.code = _button("Write the code", "Put this run as plain Keras code into a new cell below")
        self.status = StatusLine()
        self.chart, self.table = ipywidgets.HTML(), ipywidgets.HTML()
        self.text = ipywidgets.Textarea(rows=12, layout={"width": "100%", "display": "none"})
        self.text.add_class("rlp-code")
        self.cells = NotebookCells()
        super().__init__([self._arranged(), self.status, self.table, self.text])
        self.add_class("rlp-playground")
        self.runs = Runs(trainer.begin, changed=self._refresh)
        for slider in self.sliders.values():
            slider.observe(self._moved, "value")
        self.train.on_click(self._train_or_stop)
        self.clear.on_click(lambda _: self.runs.clear())
        self.code.on_click(self._write)
        self.runs.start(self.settings)
        # Last: one whose opening fails is none to be stopped.
        _latest = weakref.ref(self)

    @property
    def settings(self) -> Settings:
        """What the sliders say."""
        return Settings(**{name: slider.value for name, slider in self.sliders.items()})

    def _arranged(self) -> Any:
        buttons = ipywidgets.HBox([self.train, self.clear, self.code], layout={"flex_flow": "row wrap"})
        left = ipywidgets.VBox([*self.sliders.values(), buttons], layout={"flex": "1 1 300px", "max_width": "400px"})
        right = ipywidgets.Box([self.chart], layout={"flex": "3 1 340px", "display": "block"})
        return ipywidgets.Box([left, right], layout={"display": "flex", "flex_flow": "row wrap", "grid_gap": "16px"})

    def _moved(self, _: Any) -> None:
        self.text.layout.display = "none"
        self.runs.start(self.settings)

    def _train_or_stop(self, _: Any) -> None:
        if self.runs.view.busy:
            self.runs.stop()
        else:
            self.runs.start(self.settings)

    def _refresh(self) -> None:
        """Show the present state; called from whichever thread changed it."""
        with self._drawing:
            view = self.runs.view
            growing = bool(view.runs) and view.runs[-1].state == "training" and view.runs[-1].history.epochs > 1
            now = time.monotonic()
            if growing and now - self._drawn < _FRAME:
                return
            self._drawn = now
            self._show(view)

    def _show(self, view: View) -> None:
        self.status.text = commentary.text(view)
        record = chart.chart(view.runs, epochs=self.settings.epochs)
        self.chart.value = chart.draw(record)
        self.table.value = chart.table(record) if view.runs else ""
        self.clear.disabled = len(view.runs) < 2
        # Last, so that whoever sees it change sees the outcome, too.
        self.train.description = "Stop" if view.busy else "Train"

    def _write(self, _: Any) -> None:
        """Put the code of what the sliders say into a new cell, or below the chart where there is no way to do so."""
        try:
            text = self.source()
        except RegulabError as error:
            self.status.text = str(error)
            return
        if not self.cells.insert_below(text):
            self.text.value, self.text.layout.display = text, ""

    def source(self) -> str:
        """What the sliders say as plain Keras code.

        Raises:
            NotApplicableError: If the model cannot be written as code.
        """
        settings, trainer = self.settings, self._trainer
        return code.write(
            trainer.model(settings),
            trainer.data,
            settings,
            batch_size=trainer.batch_size,
            given=self._given,
            named=_name_of(self._given),
        )


_latest: weakref.ref[Playground] | None = None


def _stop_previous() -> None:
    """Two that train at once would each be half as fast, and the same cell run again leaves the first one unseen."""
    before = None if _latest is None else _latest()
    if before is not None:
        before.runs.stop()


def _sliders(offered: dict[str, Knob], *, epochs: int) -> dict[str, Any]:
    layout = {"width": "100%"}
    sliders: dict[str, Any] = {}
    for name, knob in offered.items():
        sliders[name] = ipywidgets.SelectionSlider(
            options=knob.choices,
            index=[value for _, value in knob.choices].index(knob.start),
            description=_LABELS[name],
            tooltip=knob.missing,
            disabled=len(knob.choices) < 2,
            continuous_update=False,
            layout=layout,
        )
    most = max(_MOST_EPOCHS, epochs)
    options = {"continuous_update": False, "layout": layout}
    sliders["epochs"] = ipywidgets.IntSlider(epochs, min=1, max=most, description="Epochs", **options)
    sliders["seed"] = ipywidgets.IntSlider(0, min=0, max=9, description="Seed", **options)
    return sliders


def _button(text: str, tooltip: str) -> Any:
    return ipywidgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})


def _name_of(data: Dataset) -> str:
    """What the notebook calls the data set; `data` where it has no name there."""
    space = getattr(shell(), "user_ns", {})
    return next((name for name, value in space.items() if value is data and not name.startswith("_")), "data")
