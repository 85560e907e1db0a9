"""Opens a playground in a notebook, or says what is missing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulab.data.dataset import Dataset
from regulab.errors import InputError, require
from regulab.ipython import shell

if TYPE_CHECKING:
    from regulab.play.widget import Playground
    from regulab.training.members import ModelSource


def playground(build_model: ModelSource, data: Dataset, *, epochs: int = 20, batch_size: int = 32) -> Playground:
    """Show sliders for a model and its data, and curves that grow while it trains.

    Call it on the last line of a notebook's cell. The sliders set width, L2, dropout, the number of training
    examples, epochs and seed. Moving one starts another run; earlier runs stay visible. Training runs in a thread, so
    the notebook can be used meanwhile. The test split is not touched.

    Args:
        build_model: A function that returns a compiled `keras.Model`, or such a model; it is never trained itself.
        data: What to train and validate on, as `regulab.data` makes it.
        epochs: Epochs to begin with.
        batch_size: Examples per batch, by default as many as in `Model.fit`.

    Raises:
        MissingDependencyError: If the extra `lab` or TensorFlow is not installed.
        InputError: If there is no notebook to show it in, or the model cannot be trained on the data.
    """
    for module in ("ipywidgets", "anywidget", "ipylab"):
        require(module, extra="lab", purpose="The playground")
    if not _in_notebook():
        raise InputError(
            "Expected a Jupyter notebook to show the playground in. Received: Python without one. "
            "`regulab lab` opens one; in a script, rl.Study(build_model, data) trains and compares variants."
        )
    from regulab.play.trainer import Trainer
    from regulab.play.widget import Playground
    from regulab.training.arguments import positive

    positive("epochs", epochs)
    return Playground(Trainer(build_model, data, batch_size=batch_size), given=data, epochs=epochs)


def _in_notebook() -> bool:
    """Whether a kernel runs this, which can show widgets."""
    return getattr(shell(), "kernel", None) is not None
