"""The state of a study between two epochs, so that a killed run goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.histories.example_losses import DAMAGED_ARCHIVE
from regulab.histories.run_folder import RunFolder
from regulab.training.engine import Engine

# Writing may take this share of the time spent training: on small models that means after every epoch,
# on models whose epochs take less time than writing their weights it means every few epochs.
_SHARE = 0.03


class Checkpoint:
    """Saves an engine's state in a run folder.

    Args:
        run: The run folder.
        clock: Seconds; replaced in tests.
    """

    def __init__(self, run: RunFolder, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = run.checkpoint_file
        self._run = run
        self._clock = clock
        self._last = clock()
        self._cost = 0.0

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return self.path.exists()

    def save_if_worth(self, engine: Engine) -> None:
        """Save unless the last save was so slow, and so recent, that another would hold training up."""
        if self._clock() - self._last >= self._cost / _SHARE:
            self.save(engine)

    def save(self, engine: Engine) -> None:
        """Save the engine's state, and the histories so far for whoever looks into the folder meanwhile."""
        started = self._clock()
        arrays = dict(_state(engine))
        measures = {key: progress.measures for key, progress in engine.progress.items()}
        arrays["measures"] = np.array(json.dumps(measures))
        with replacing(self.path) as draft:
            np.savez(draft, **arrays)  # type: ignore[arg-type]
        # Read by people and by `diagnose` alone: a run goes on from its state.
        self._run.write_histories(engine.histories)
        self._last = self._clock()
        self._cost = self._last - started

    def restore(self, engine: Engine) -> None:
        """Put the engine into the saved state.

        Raises:
            InputError: If the file is damaged or was made by another study.
        """
        try:
            if not self.path.is_file():
                raise ValueError("neither a file nor a link to one")
            # Opened here, since numpy leaves a damaged file open.
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                self._restore(engine, saved)
        except (*DAMAGED_ARCHIVE, IndexError, OSError) as error:
            # The cause is kept for the curious: what it says, as of pickles, misleads most readers.
            raise InputError(
                f"Expected the state of this study in {self.path}. Received: a file that is damaged or another "
                "study's, which cannot be resumed. Run the study again in another folder, or delete this one first."
            ) from error

    def _restore(self, engine: Engine, saved: Any) -> None:
        measures = json.loads(str(saved["measures"]))
        for number, runner in enumerate(engine.runners):
            runner.restore({name: saved[f"runner{number}/{name}"] for name in runner.state()})
        for member in engine.members:
            progress = engine.progress[member.key]
            progress.measures = {name: list(map(float, values)) for name, values in measures[member.key].items()}
            weights = member.model.weights
            progress.best_weights = [saved[f"{member.key}/best/{index}"] for index in range(len(weights))]
            if any(
                array.shape != tuple(weight.shape) for array, weight in zip(progress.best_weights, weights, strict=True)
            ):
                raise ValueError("weights of another shape")
            progress.validation = saved[f"{member.key}/validation"]
            progress.best_loss = float(saved[f"{member.key}/best_loss"])


def _state(engine: Engine) -> Iterator[tuple[str, np.ndarray]]:
    for number, runner in enumerate(engine.runners):
        for name, array in runner.state().items():
            yield f"runner{number}/{name}", array
    for member in engine.members:
        progress = engine.progress[member.key]
        for index, weight in enumerate(progress.best_weights or ()):
            yield f"{member.key}/best/{index}", weight
        if progress.validation is not None:
            yield f"{member.key}/validation", progress.validation
        yield f"{member.key}/best_loss", np.array(progress.best_loss)
