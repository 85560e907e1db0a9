"""The run folder: its file names, its state, and whether its files belong together; no other module knows these.

It holds plain files that any tool can read, each replaced as a whole.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories.example_losses import LossTable, read_losses, write_losses
from regulab.histories.histories_csv import read_histories, write_histories
from regulab.histories.history import Histories
from regulab.histories.json_files import Document, read_json, write_json
from regulab.histories.study_document import check_values, complete_study

# A draft of a report that is older was left behind: writing one takes a moment.
_REPORT_SECONDS = 60.0
# Variants with seeds.
_Members = AbstractSet[tuple[str, int]]


class RunState(Enum):
    """What there is at the path of a run folder."""

    EMPTY = "empty"  # nothing yet, or a folder with at most the lock of a run that has not begun
    UNFINISHED = "unfinished"  # a study was begun there
    COMPLETE = "complete"
    NOT_A_RUN = "not a run"  # a file, or a folder with other things


@dataclass(frozen=True)
class RunContents:
    """The files that the answers to a study are computed from.

    Attributes:
        study: What was asked.
        histories: Every member's measures per epoch.
        losses: Every member's data loss per example at its best epoch.
    """

    study: Document
    histories: Histories
    losses: LossTable


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run; nothing is read or written before it is asked for.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as path:
        ...     run = RunFolder(Path(path, "digits"))
        ...     before = run.state
        ...     run.path.mkdir()
        ...     run.write_study({"seeds": [0]})
        ...     before, run.state, run.study()
        (<RunState.EMPTY: 'empty'>, <RunState.UNFINISHED: 'unfinished'>, {'seeds': [0]})
    """

    path: Path

    @property
    def study_file(self) -> Path:
        """What was asked: data, variants, seeds and versions."""
        return self.path / "study.json"

    @property
    def histories_file(self) -> Path:
        """One measured value per line; those so far while a run goes on."""
        return self.path / "histories.csv"

    @property
    def losses_file(self) -> Path:
        """The data loss of every validation and test example at each member's best epoch."""
        return self.path / "losses.npz"

    @property
    def results_file(self) -> Path:
        """The answers. Written last, so that a folder that has it is complete."""
        return self.path / "results.json"

    @property
    def checkpoint_file(self) -> Path:
        """The state of training after the last epoch saved, to resume from; gone when the run is complete."""
        return self.path / "checkpoint.npz"

    @property
    def report_file(self) -> Path:
        """Everything on one page."""
        return self.path / "report.html"

    @property
    def figures_folder(self) -> Path:
        """The figures as PNG files."""
        return self.path / "figures"

    @property
    def models_folder(self) -> Path:
        """The trained models that Keras can save."""
        return self.path / "models"

    @property
    def lock_file(self) -> Path:
        """Locked by the one run that writes to the folder, for as long as it does."""
        return self.path / ".run.lock"

    @property
    def holder_file(self) -> Path:
        """Which run that is, for whoever is refused; the lock alone decides."""
        return self.path / ".run.json"

    def model_file(self, variant: str, seed: int) -> Path:
        """The trained model of one member, with the weights of its best epoch."""
        return self.models_folder / f"{variant}-seed{seed}.keras"

    @property
    def state(self) -> RunState:
        """What there is at the path."""
        if self.study_file.exists():
            return RunState.COMPLETE if self.is_finished else RunState.UNFINISHED
        if not self.path.exists():
            return RunState.EMPTY
        locks = {self.lock_file, self.holder_file}
        holds_nothing = self.path.is_dir() and not set(self.path.iterdir()) - locks
        return RunState.EMPTY if holds_nothing else RunState.NOT_A_RUN

    @property
    def is_finished(self) -> bool:
        """Whether all that a run writes is there."""
        return self.results_file.exists()

    @property
    def is_readable(self) -> bool:
        """Whether the folder holds at least the study or the histories of a run."""
        return self.study_file.is_file() or self.histories_file.is_file()

    def study(self) -> Document:
        """What was asked; of an early version, or by hand, with fewer keys.

        Raises:
            InputError: If there is no such file or it is damaged.
        """
        with _reading(self.study_file):
            study = read_json(self.study_file)
        check_values(study, self.study_file)
        return study

    def histories(self) -> Histories:
        """Every member's measures per epoch; those so far while a run goes on.

        Raises:
            InputError: If there is no such file or it is damaged.
        """
        with _reading(self.histories_file):
            return read_histories(self.histories_file)

    def losses(self) -> LossTable:
        """Every member's data loss per example.

        Raises:
            InputError: If there is no such file or it is damaged.
        """
        with _reading(self.losses_file):
            return read_losses(self.losses_file)

    def contents(self) -> RunContents:
        """What the answers are computed from, where the files belong together.

        Raises:
            InputError: If the run is unfinished, a file is damaged, or the files are of different studies.
        """
        study = self.study()
        asked = complete_study(study, self.study_file)
        missing = [file.name for file in (self.histories_file, self.losses_file) if not file.exists()]
        # A run that goes on has its histories so far.
        if missing and not self.is_finished:
            raise InputError(
                f"Expected a finished run. Received: {self.path}, which has no {missing[0]} yet. "
                "Resume the study there to finish it."
            )
        histories = self.histories()
        with _reading(self.losses_file):
            losses = read_losses(
                self.losses_file,
                sizes=asked.sizes,
                check_members=lambda members: self._check_members(self.losses_file, members, asked.members),
            )
        trained = {(member.variant, member.seed) for member in histories}
        self._check_members(self.histories_file, trained, asked.members)
        tested = {key for key, entry in losses.items() if entry.test is not None}
        if tested or asked.sizes["test"] is not None:
            self._check_members(self.losses_file, tested, asked.members, of="test losses of ")
        return RunContents(study, histories, losses)

    def saved_model(self, variant: str, seed: int) -> Path:
        """The file with the trained model of one member.

        Raises:
            InputError: If there is none, as where Keras could not save it.
        """
        file = self.model_file(variant, seed)
        if not file.is_file():
            raise InputError(
                f"Expected the model of {variant}, seed {seed}, in {file.parent}. Received: no such file. "
                "A model that Keras cannot save is only in the results that `run` returns."
            )
        return file

    def figures(self) -> dict[str, bytes]:
        """The figures as PNG by name."""
        files = sorted(file for file in self.figures_folder.glob("*.png") if file.is_file())
        return {file.stem: file.read_bytes() for file in files}

    def write_study(self, study: Mapping[str, Any]) -> None:
        """Write what was asked."""
        write_json(self.study_file, study)

    def write_histories(self, histories: Histories) -> None:
        """Write every member's measures per epoch."""
        write_histories(self.histories_file, histories)

    def write_losses(self, losses: LossTable) -> None:
        """Write every member's data loss per example."""
        write_losses(self.losses_file, losses)

    def complete(self, document: Mapping[str, Any]) -> None:
        """Write the answers, after everything else, and remove what only an unfinished run needs."""
        write_json(self.results_file, document)
        self.checkpoint_file.unlink(missing_ok=True)
        self._remove_old_drafts()

    def _remove_old_drafts(self) -> None:
        """Remove the drafts that a killed process left behind."""
        for draft in self.path.rglob(".*.draft.*"):
            # A report may be written by another process, `regulab report`, at any time.
            may_be_in_use = draft.name.startswith(f".{self.report_file.stem}.")
            with suppress(FileNotFoundError):
                if not may_be_in_use or time.time() - draft.stat().st_mtime > _REPORT_SECONDS:
                    draft.unlink()

    def _check_members(self, file: Path, members: _Members, asked: _Members, *, of: str = "") -> None:
        """Refuse files that do not belong together, before an answer is made of half of them."""
        if members != asked:
            variant, seed = sorted(members ^ asked)[0]
            surplus = f"more than {self.study_file.name} asks for:"
            difference = "nothing of" if (variant, seed) in asked else surplus
            raise InputError(
                f"Expected {of}the members of {self.study_file.name} in {file}. "
                f"Received: {difference} '{variant}', seed {seed}. Run the study again."
            )


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Say of a file that cannot be opened whether it is missing, and whether the folder is."""
    folder = file.parent
    try:
        # A pipe would be waited for without end, and a device has none.
        mode = file.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise InputError(f"Expected a readable {file.name} in {folder}. Received: a pipe, a socket or a device.")
        yield
    except (FileNotFoundError, NotADirectoryError):
        if folder.is_dir():
            raise InputError(f"Expected a run folder with {file.name}. Received: {folder}, which has none.") from None
        problem = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"Expected a run folder. Received: {folder}, which {problem}.") from None
    except OSError as error:
        raise InputError(f"Expected a readable {file.name} in {folder}. Received: {error.strerror or error}.") from None
