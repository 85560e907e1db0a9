"""What a study found: numbers, answers and figures, in memory or from a run folder, without Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from regulab.comparison.conclusion import conclude
from regulab.comparison.paired import Comparison, compare
from regulab.comparison.recommendation import Recommendation, recommend
from regulab.comparison.summary import VariantSummary, summarize
from regulab.diagnosis.checks import diagnose_member, diagnose_study
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.gap import Gap, gap
from regulab.errors import InputError
from regulab.histories import run_files
from regulab.histories.history import Histories, History

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes

FIGURES, MODELS, REPORT = "figures", "models", "report.html"


@dataclass(frozen=True, eq=False)
class Results:
    """The outcome of a study.

    Attributes:
        study: What was asked, as `study.json` holds it.
        histories: Every member's measures per epoch.
        losses: Every member's data loss per validation and test example at its best epoch.
        folder: The run folder, or None where the study was kept in memory.
        models: Trained models by variant and seed, where they are in memory.
    """

    study: Mapping[str, Any]
    histories: Histories
    losses: run_files.LossTable
    folder: Path | None = None
    models: Mapping[tuple[str, int], keras.Model] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        epochs = max((member.epochs for member in self.histories), default=0)
        return (
            f"<Results of {self.study.get('data', {}).get('title', 'a study')}: {', '.join(self.histories.variants)}; "
            f"seeds: {len(self.histories.seeds)}, epochs: {epochs}>"
        )

    def __str__(self) -> str:
        """What was trained, the conclusion, and where the run folder is."""
        folder = () if self.folder is None else (f"Run folder: {self.folder}",)
        return "\n".join([repr(self), *self.conclusion(), *folder])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a notebook shows: the conclusion, which a traceback or a log does without."""
        printer.text(repr(self) if cycle else str(self))

    @cached_property
    def parameters(self) -> dict[str, int]:
        """Number of weights of each variant."""
        return {entry["name"]: int(entry["parameters"]) for entry in self.study["variants"]}

    @property
    def split(self) -> str:
        """The split that variants are compared on: `"test"` where there is one, else `"validation"`."""
        return "test" if all(entry.test is not None for entry in self.losses.values()) else "validation"

    def summary(self) -> tuple[VariantSummary, ...]:
        """One line a variant: best epoch, losses there and at the end."""
        return self._summary

    def findings(self) -> dict[tuple[str, int], tuple[Finding, ...]]:
        """Findings about each member, by variant and seed, the most important first; none where it is healthy."""
        return {(member.variant, member.seed): diagnose_member(member) for member in self.histories}

    def study_findings(self) -> tuple[Finding, ...]:
        """Findings about the study as a whole: its data, its splits, the strengths that were tried."""
        return diagnose_study(self.study, self.histories)

    def gap(self) -> tuple[Gap, ...]:
        """For each variant the gap between Keras's two loss curves, split into its parts.

        Returns:
            One record a variant, means over its seeds: `.best` and `.last` hold the parts after the best and the
            last epoch, `.epochs` those after every one. `regulab.figures.draw_gap` draws them.

        Raises:
            InputError: If the histories lack regulab's own measures.
        """
        return gap(self.histories)

    def compare(self) -> tuple[Comparison, ...]:
        """Every variant against the baseline, each seed at its own best epoch.

        Measured on the test examples where there are any, else on the validation examples.

        Returns:
            One comparison a variant, in the order of the study. `difference` is the variant's mean data loss
            minus the baseline's, so below zero is better; `low` and `high` are the ends of the 95% interval of
            this comparison alone; `verdict` says `better` or `worse` only as far as at most 5% of studies in
            which nothing differs would claim any difference (`p_value`, corrected for the number of variants).
            `standard_error`, `seeds`, `examples`, `split` and `control` say what it was computed from.
        """
        return self._comparisons

    def recommend(self) -> Recommendation:
        """The variant to use: the simplest within one standard error of the best on validation data.

        Returns:
            `variant` (None where none has a finite validation loss) and `reason`, and what the choice is worth:
            `difference`, its validation loss minus the baseline's, and `optimism`, by how much that is too low on
            average because it was chosen by it.
        """
        return self._recommendation

    def conclusion(self) -> tuple[str, str]:
        """Two sentences: does the baseline overfit, and what helps."""
        return conclude(
            self.summary(),
            self.compare(),
            self.recommend(),
            validation_is_test=bool(self.study["data"].get("validation_is_test")),
        )

    def plot_comparison(self, *, ax: Axes | None = None) -> Axes:
        """Draw each variant's difference from the baseline with its 95% interval.

        Args:
            ax: Axes to draw on; new ones by default.
        """
        from regulab.figures.comparison import comparison_plot, draw_comparison

        return draw_comparison(comparison_plot(self.compare()), ax=ax, title=str(self.study["data"]["title"]))

    def plot(
        self, measure: str = "data_loss", *, variants: str | Sequence[str] | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw a measure against epochs for every variant, training and validation together.

        Args:
            measure: `"data_loss"`, or anything Keras reported, such as `"accuracy"`.
            variants: Names of the variants to draw, or one name; all by default.
            ax: Axes to draw on; new ones by default.
        """
        from regulab.figures.curves import curves, draw_curves

        return draw_curves(curves(self.histories, measure=measure, variants=variants), ax=ax)

    def model(self, variant: str | None = None, *, seed: int | None = None) -> keras.Model:
        """A trained model with the weights of its best epoch; the recommended variant by default.

        Args:
            variant: Name of the variant.
            seed: Its seed; the one with the lowest validation loss by default.

        Raises:
            InputError: If there is no such variant or seed, none is asked for and none is recommended, or the run
                could not save the model.
        """
        member = self.member(variant, seed=seed)
        key = (member.variant, member.seed)
        if key in self.models:
            return self.models[key]
        if self.folder is None:
            raise InputError("Expected a run folder to load the model from. Received: results without one.")
        file = self.folder / MODELS / f"{member.variant}-seed{member.seed}.keras"
        if not file.is_file():
            raise InputError(
                f"Expected the model of {member.variant}, seed {member.seed}, in {file.parent}. Received: no such "
                "file. A model that Keras cannot save is only in the results that `run` returns."
            )
        import keras

        return keras.models.load_model(file)

    def member(self, variant: str | None = None, *, seed: int | None = None) -> History:
        """The history of the member whose model `model` hands out, with the same arguments.

        Raises:
            InputError: As for `model`.
        """
        name = self.recommend().variant if variant is None else variant
        if name is None:
            raise InputError(
                "Expected a variant with a finite validation loss for every seed. Received: none to recommend. "
                "Lower the learning rate, look for bad values in the data, and run the study again."
            )
        members = self.histories.of(name)
        if seed is None:
            # NaN is not smaller than anything, and would win for standing first.
            return min(members, key=lambda each: (each.best_epoch is None, each.at("val_data_loss", each.best_epoch)))
        for member in members:
            if member.seed == seed:
                return member
        seeds = ", ".join(str(member.seed) for member in members)
        raise InputError(f"No seed {seed} of variant '{name}'. Available: {seeds}.")

    def document(self) -> run_files.Document:
        """Everything as plain values: what `results.json` holds and `regulab run --json` prints."""
        findings = self.findings()
        recommendation = self.recommend()
        return {
            "data": self.study["data"],
            "members": [self._entry(member, findings[member.variant, member.seed]) for member in self.histories],
            "summary": [asdict(line) for line in self.summary()],
            "comparison": [{**asdict(found), "verdict": found.verdict} for found in self.compare()],
            "recommendation": asdict(recommendation),
            "conclusion": list(self.conclusion()),
            "findings": [finding.document() for finding in self.study_findings()],
        }

    def save_figures(self, folder: Path) -> tuple[Path, ...]:
        """Draw the study's figures into a folder."""
        from regulab.figures.comparison import save_comparison
        from regulab.figures.study import save_figures

        folder.mkdir(parents=True, exist_ok=True)
        capacity = [entry["name"] for entry in self.study["variants"] if entry["capacity"]]
        title = str(self.study["data"]["title"])
        written = save_figures(self.histories, self.parameters, folder, title=title, capacity=("baseline", *capacity))
        return (*written, *save_comparison(self.compare(), folder, title=title))

    def report(self, path: str | Path | None = None) -> Path:
        """Write everything on one page of HTML, which opens in any browser, offline.

        Args:
            path: The file to write; `report.html` in the run folder by default.

        Returns:
            The file written.

        Raises:
            InputError: If there is neither a path nor a run folder, or the file cannot be written.
        """
        from regulab.atomic import replacing
        from regulab.report.contents import contents
        from regulab.report.page import page

        if path is None:
            if self.folder is None:
                raise InputError("Expected a path for the report. Received: none, and results without a run folder.")
            path = self.folder / REPORT
        target = Path(path)
        html = page(
            contents(
                self.study,
                self.histories,
                summary=self.summary(),
                comparisons=self.compare(),
                recommendation=self.recommend(),
                conclusion=self.conclusion(),
                about=self.study_findings(),
                figures=self._pictures(),
                kept=self.folder is not None,
            )
        )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as draft:
                draft.write_text(html, encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"Expected a place where the report can be written. Received: {target} ({error.strerror})."
            ) from None
        return target

    def _pictures(self) -> dict[str, bytes]:
        """The figures as PNG by name, those of the run folder where there are any."""
        with TemporaryDirectory() as spare:
            kept = [] if self.folder is None else sorted((self.folder / FIGURES).glob("*.png"))
            return {file.stem: file.read_bytes() for file in kept or self.save_figures(Path(spare))}

    # Several answers build on each of these, and they read every example's loss.
    @cached_property
    def _summary(self) -> tuple[VariantSummary, ...]:
        return summarize(self.histories, self.losses, self.parameters)

    @cached_property
    def _comparisons(self) -> tuple[Comparison, ...]:
        return compare(self._example_losses(self.split), split=self.split)

    @cached_property
    def _recommendation(self) -> Recommendation:
        return recommend(self.summary(), self._example_losses("validation"))

    def _example_losses(self, split: str) -> dict[str, np.ndarray]:
        return {
            variant: np.stack(
                [getattr(self.losses[variant, member.seed], split) for member in self.histories.of(variant)]
            )
            for variant in self.histories.variants
        }

    def _entry(self, member: History, findings: Sequence[Finding]) -> run_files.Document:
        best = member.best_epoch
        test = self.losses[member.variant, member.seed].test
        return {
            "variant": member.variant,
            "seed": member.seed,
            "epochs": member.epochs,
            "best_epoch": best,
            "val_loss_best": member.at("val_data_loss", best),
            "val_loss_last": member.at("val_data_loss", -1),
            "train_loss_best": member.at("train_data_loss", best),
            "train_loss_last": member.at("train_data_loss", -1),
            "test_loss_best": None if test is None else float(test.mean()),
            "findings": [finding.document() for finding in findings],
        }


def load(folder: str | Path) -> Results:
    """The results in a run folder.

    Raises:
        InputError: If the folder is not a complete run folder.
    """
    folder = Path(folder)
    study = run_files.read_json(folder / run_files.STUDY)
    missing = [name for name in (run_files.HISTORIES, run_files.LOSSES) if not (folder / name).exists()]
    # A run that goes on has its histories so far.
    if missing and not (folder / run_files.RESULTS).exists():
        raise InputError(
            f"Expected a finished run. Received: {folder}, which has no {missing[0]} yet. "
            "Resume the study there to finish it."
        )
    results = Results(
        study=study,
        histories=run_files.read_histories(folder / run_files.HISTORIES),
        losses=run_files.read_losses(folder / run_files.LOSSES),
        folder=folder,
    )
    _check_complete(results, folder)
    return results


def _check_complete(results: Results, folder: Path) -> None:
    """Refuse a folder whose files do not belong together, before an answer is made of half of them."""
    try:
        asked = {(name, int(seed)) for name in results.parameters for seed in results.study["seeds"]}
        results.study["data"]["title"]
    except (KeyError, TypeError, ValueError):
        raise InputError(
            f"Expected a study's data, variants and seeds in {folder / run_files.STUDY}. "
            "Received: a file that lacks them."
        ) from None
    held = {(member.variant, member.seed) for member in results.histories}
    for file, keys in ((run_files.HISTORIES, held), (run_files.LOSSES, set(results.losses))):
        if keys != asked:
            variant, seed = sorted(keys ^ asked)[0]
            what = "nothing of" if (variant, seed) in asked else f"more than {run_files.STUDY} asks for:"
            raise InputError(
                f"Expected the members of {run_files.STUDY} in {folder / file}. "
                f"Received: {what} '{variant}', seed {seed}. Run the study again."
            )
