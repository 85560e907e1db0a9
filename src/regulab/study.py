"""A study: a model, data and variants, trained together with several seeds."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regulab.data.constant import constant_losses
from regulab.data.dataset import Dataset
from regulab.data.describe import describe
from regulab.data.seeds import seed_number
from regulab.errors import InputError, NotApplicableError
from regulab.histories.example_losses import ExampleLosses
from regulab.histories.json_files import Document
from regulab.models.fingerprint import fingerprints
from regulab.models.graph import is_rebuildable
from regulab.models.keras_errors import keras_errors_as_input_errors
from regulab.printable import printable
from regulab.results import Results
from regulab.training.arguments import check_names, check_variants, positive, refuse_on_stream, seed_numbers
from regulab.training.checkpoint import Checkpoint
from regulab.training.class_weight import check_weighted, class_weights
from regulab.training.data_warnings import warn_of_changing_order, warn_of_one_label
from regulab.training.engine import Engine
from regulab.training.folder import check_same_study
from regulab.training.folder_claim import FolderClaim, claim_folder
from regulab.training.members import Member
from regulab.training.members import build_model as build_template
from regulab.training.preparation import prepare
from regulab.training.progress import Report, progress_bar
from regulab.training.saved_models import save_models
from regulab.training.tf_warnings import without_retracing_warnings
from regulab.variants.catalogue import COURSE, unique
from regulab.variants.variant import BASELINE, Variant

if TYPE_CHECKING:
    import keras

_logger = logging.getLogger(__name__)


class Study:
    """Everything that is to be trained and compared.

    Args:
        build_model: A function that returns a compiled `keras.Model`, or a compiled model, which serves
            as a template: each seed draws new weights, except for frozen layers.
        data: What to train, validate and test on.
        variants: Changes to try alongside the baseline; by default the course's that apply to the model.
        epochs: Epochs to train each member.
        batch_size: Examples per batch, by default as many as in `Model.fit`; a stream brings its own batches.
        seeds: How many seeds, counted from 0, or the seeds themselves.
        class_weight: Weight of each class in the training loss, at least 0, as in `Model.fit`.
        shuffle_seed: Seeds the order of the batches, which is the same for all members.

    Attributes:
        results: What the latest run gave, or None. Where a run without a folder was interrupted, the results of the
            epochs that every member finished, as `Model.history` keeps those of an interrupted `fit`.

    Raises:
        InputError: If something cannot be trained; nothing has been written then.
    """

    def __init__(
        self,
        build_model: Callable[[], keras.Model] | keras.Model,
        data: Dataset,
        *,
        variants: Sequence[Variant] | None = None,
        epochs: int = 20,
        batch_size: int = 32,
        seeds: int | Sequence[int] = 3,
        class_weight: Mapping[int, float] | None = None,
        shuffle_seed: int = 0,
    ) -> None:
        if variants is not None:
            check_variants(variants)
        self.epochs = positive("epochs", epochs)
        self.batch_size = positive("batch_size", batch_size)
        self.seeds = seed_numbers(seeds)
        self.class_weight = class_weights(class_weight)
        self.shuffle_seed = seed_number(shuffle_seed, name="shuffle_seed")
        self._preparation, model = prepare(build_model, data, batch_size=self.batch_size, seed=self.seeds[0])
        self.data = self._preparation.data
        self.results: Results | None = None
        self.skipped: tuple[str, ...] = ()
        self.variants = self._defaults(model) if variants is None else unique(variants)
        check_names(self.variants)
        refuse_on_stream(self.data, variants=self.variants)
        check_weighted(self.data, self.class_weight)
        warn_of_one_label(self.data)
        with keras_errors_as_input_errors("Reading the validation stream"):
            warn_of_changing_order(self.data)

    def __repr__(self) -> str:
        names = ", ".join(variant.name for variant in (BASELINE, *self.variants))
        return printable(f"<Study of {self.data.title}: {names}; seeds: {len(self.seeds)}, epochs: {self.epochs}>")

    def run(self, folder: str | Path | None = None, *, resume: bool = False, progress: bool = True) -> Results:
        """Train every member and measure it.

        Args:
            folder: Where to write the run folder; nothing is written without one. Until the end, no other run can
                write there.
            resume: Go on with an unfinished run of the same study in `folder`.
            progress: Whether to show a progress bar on standard error.

        Raises:
            InputError: If the folder is in use, cannot be written, or holds no unfinished run of this study to
                resume; or if the model cannot be trained on the data. A run that failed in its first epoch
                leaves no folder behind.
            StorageError: If the disk is full, or the folder was deleted during the run. What was saved before is
                kept, and the run can be resumed.
            KeyboardInterrupt: If it is interrupted. Without a folder, the results so far are in `results`; with one,
                the run can be resumed.
        """
        if folder is None:
            return self._run(None, progress=progress)
        with claim_folder(Path(folder), resume=resume) as claim:
            return self._run(claim, progress=progress)

    def run_in(self, claim: FolderClaim, *, progress: bool = True) -> Results:
        """As `run`, in a folder that was claimed before, as the command line does before it imports TensorFlow."""
        return self._run(claim, progress=progress)

    def _run(self, claim: FolderClaim | None, *, progress: bool) -> Results:
        size = len(self.seeds) * (1 + len(self.variants))
        with (
            progress_bar(epochs=self.epochs, members=size, show=progress) as report,
            without_retracing_warnings(),
        ):
            report.stage(f"Preparing {size} models")
            members = self._preparation.members(variants=self.variants, seeds=self.seeds)
            asked = self.document(members)
            if claim is not None and claim.resume:
                check_same_study(claim.run, asked)
            engine = self._engine(members)
            checkpoint = None if claim is None else Checkpoint(claim.run)
            if checkpoint is not None and checkpoint.exists():
                checkpoint.restore(engine)
                self._refuse_fewer_epochs(engine)
            if claim is not None:
                claim.begin(asked)
            try:
                with keras_errors_as_input_errors("Training"):
                    self._train(engine, report, checkpoint, claim)
            except Exception:
                if claim is not None and engine.epoch == 0:
                    claim.abandon()
                raise
            except KeyboardInterrupt as interrupt:
                # A run with a folder goes on from there.
                if claim is None and engine.epoch > 0:
                    report.stage(f"Testing what {engine.epoch} epochs gave")
                    so_far = asked | {"epochs": engine.epoch, "interrupted_of": self.epochs}
                    self.results = _results(engine, self.data, so_far, None)
                    interrupt.add_note(
                        f"Interrupted after {engine.epoch} of {self.epochs} epochs. "
                        "The results so far are in the study's `results`."
                    )
                raise
            report.stage("Testing, drawing and saving")
            self.results = _results(engine, self.data, asked, claim)
            if claim is not None:
                _save(self.results, claim)
            return self.results

    def document(self, members: Sequence[Member]) -> Document:
        """What was asked, as `study.json` holds it."""
        # Of the first seed: the others differ in what was drawn.
        first = {member.variant.name: member for member in reversed(members)}
        return {
            "data": describe(self.data),
            "variants": [
                {
                    "name": variant.name,
                    "label": variant.label,
                    "description": variant.describe() + first[variant.name].row_penalties.describe(),
                    "parameters": first[variant.name].parameters,
                    "capacity": _is_size_alone(variant),
                    "fingerprints": fingerprints(first[variant.name].model),
                }
                | first[variant.name].row_penalties.document()
                for variant in (BASELINE, *self.variants)
            ],
            "loss": self._preparation.loss,
            # Class weights make another constant the best one.
            "constant_loss": (
                None if self.class_weight else constant_losses(self._preparation.data, self._preparation.loss)
            ),
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "seeds": list(self.seeds),
            "class_weight": self.class_weight,
            "shuffle_seed": self.shuffle_seed,
            "versions": {name: version(name) for name in ("regulab", "keras", "numpy")}
            | {"python": platform.python_version()},
        }

    def _engine(self, members: Sequence[Member]) -> Engine:
        engine = self._preparation.engine(members, class_weight=self.class_weight, shuffle_seed=self.shuffle_seed)
        for variant, backend in {member.variant.name: engine.backends[member.key] for member in members}.items():
            _logger.info("%s: trained by %s", variant, backend)
        return engine

    def _train(self, engine: Engine, report: Report, checkpoint: Checkpoint | None, claim: FolderClaim | None) -> None:
        calls = engine.calls_per_epoch
        while engine.epoch < self.epochs:
            epoch, number = engine.epoch, count(1)
            engine.train_epoch(tick=lambda: report.trained(epoch + min(1.0, next(number) / calls)))  # noqa: B023
            report.trained(engine.epoch)
            if checkpoint is not None and claim is not None and engine.epoch < self.epochs:
                with claim.writing():
                    checkpoint.save_if_worth(engine)

    def _defaults(self, model: keras.Model) -> tuple[Variant, ...]:
        """The course's variants that apply to the model."""
        usable: list[Variant] = []
        # Several are mostly left out for one reason, which is said once.
        skipped: dict[str, list[str]] = {}
        for variant in COURSE.values():
            try:
                if is_rebuildable(model):
                    variant.apply(model)
                else:
                    # Its layers are called in its own code, so it can only be changed itself.
                    variant.apply(build_template(self._preparation.source, seed=self.seeds[0]), fresh=True)
                usable.append(variant)
            except NotApplicableError as error:
                skipped.setdefault(str(error), []).append(variant.name)
        self.skipped = tuple(f"{', '.join(names)}: {reason}" for reason, names in skipped.items())
        return tuple(usable)

    def _refuse_fewer_epochs(self, engine: Engine) -> None:
        if engine.epoch > self.epochs:
            raise InputError(
                f"Expected at least the {engine.epoch} epochs that were trained before. "
                f"Received: epochs={self.epochs}. Ask for {engine.epoch} or more to resume."
            )


def _results(engine: Engine, data: Dataset, asked: Document, claim: FolderClaim | None) -> Results:
    """Test the weights of the best epochs."""
    engine.restore_best_weights()
    validations = {member.key: _validation(engine, member) for member in engine.members}
    tests: dict[str, np.ndarray] = {}
    if data.test is not None:
        tests = validations if data.validation_is_test else engine.losses(data.test)
    models = {
        (member.variant.name, member.seed): member.export(_best_weights(engine, member)) for member in engine.members
    }
    return Results(
        study=asked,
        histories=engine.histories,
        losses={
            (member.variant.name, member.seed): ExampleLosses(validations[member.key], tests.get(member.key))
            for member in engine.members
        },
        folder=None if claim is None else claim.run.path,
        models=models,
    )


def _is_size_alone(variant: Variant) -> bool:
    """Whether a variant changes the model's size and nothing else, so that a loss against size may hold it."""
    return bool(variant.changes) and all(change.kind in ("width", "depth") for change in variant.changes)


def _save(results: Results, claim: FolderClaim) -> None:
    """Write everything that the run found, the answers last."""
    run = claim.run
    with claim.writing():
        run.write_histories(results.histories)
        run.write_losses(results.losses)
        saved = save_models(results.models, run)
    with claim.writing():
        results.save_figures(run.figures_folder)
        results.report()
    claim.complete(results.document(), models=saved)


def _best_weights(engine: Engine, member: Member) -> list[np.ndarray]:
    weights = engine.progress[member.key].best_weights
    assert weights is not None  # every member has finished an epoch
    return weights


def _validation(engine: Engine, member: Member) -> np.ndarray:
    values = engine.progress[member.key].validation
    assert values is not None  # as above
    return values
