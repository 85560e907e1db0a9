"""What a study found: numbers, answers and figures, in memory or from a run folder, without Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from regulab.comparison.conclusion import conclude
from regulab.comparison.paired import Comparison, Verdict, compare
from regulab.comparison.recommendation import Recommendation, recommend
from regulab.comparison.summary import VariantSummary, summarize
from regulab.comparison.wording import conclusion_sentences
from regulab.diagnosis.analysis import CurveAnalysis, analyze
from regulab.diagnosis.checks.constant import lead_over_constant
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.gap import Gap, gap
from regulab.diagnosis.run_checks import diagnose_study, run_checks
from regulab.diagnosis.seed_agreement import disagreements
from regulab.errors import InputError
from regulab.histories.example_losses import LossTable, losses_by_variant
from regulab.histories.history import Histories, History
from regulab.histories.json_files import Document
from regulab.histories.run_folder import RunFolder
from regulab.printable import printable

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes


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
    losses: LossTable
    folder: Path | None = None
    models: Mapping[tuple[str, int], keras.Model] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        of_asked = f" of {self.study['interrupted_of']}, interrupted" if "interrupted_of" in self.study else ""
        return printable(
            f"<Results of {self.study.get('data', {}).get('title', 'a study')}: {', '.join(self.histories.variants)}; "
            f"seeds: {len(self.histories.seeds)}, epochs: {self.histories.epochs}{of_asked}>"
        )

    def __str__(self) -> str:
        """What was trained, the conclusion, and where the run folder is."""
        folder = [] if self.folder is None else [f"Run folder: {self.folder}"]
        return "\n".join(map(printable, [repr(self), *self.conclusion(), *folder]))

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
        return {member: run_checks(analysis).findings for member, analysis in self._analyses.items()}

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

        Where some variants are judged better than the baseline, it is one of them.

        Returns:
            `variant` (None where none has a finite validation loss) and `reason`, and what the choice is worth:
            `difference`, its validation loss minus the baseline's, and `optimism`, by how much that is too low on
            average because it was chosen by it.
        """
        return self._recommendation

    def conclusion(self) -> tuple[str, str]:
        """Does the baseline overfit; and what helps, what harms, and whose seeds disagree."""
        return conclusion_sentences(
            conclude(
                self.summary(),
                self.compare(),
                self.recommend().variant,
                validation_is_test=bool(self.study["data"].get("validation_is_test")),
                disagreeing=disagreements(self.histories) or (),
                constant=lead_over_constant(self.study, self.histories),
            )
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
        if (member.variant, member.seed) in self.models:
            return self.models[member.variant, member.seed]
        if self.folder is None:
            raise InputError("Expected a run folder to load the model from. Received: results without one.")
        file = RunFolder(self.folder).saved_model(member.variant, member.seed)
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
                f"Expected the name of a variant, since none is recommended. Received: none. {self.recommend().reason}"
            )
        return self.histories.best_of(name) if seed is None else self.histories.member(name, seed)

    def document(self) -> Document:
        """Everything as plain values: what `results.json` holds and `regulab run --json` prints."""
        from regulab.report.document import document

        return document(
            self.study,
            self.histories,
            self.losses,
            findings=self.findings(),
            summary=self.summary(),
            comparisons=self.compare(),
            recommendation=self.recommend(),
            conclusion=self.conclusion(),
            about=self.study_findings(),
        )

    def save_figures(self, folder: Path) -> tuple[Path, ...]:
        """Draw the study's figures into a folder."""
        from regulab.figures.comparison import save_comparison
        from regulab.figures.study_figures import save_figures

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
        from regulab.report.contents import contents
        from regulab.report.page import write_page

        if path is None:
            if self.folder is None:
                raise InputError("Expected a path for the report. Received: none, and results without a run folder.")
            path = RunFolder(self.folder).report_file
        return write_page(
            contents(
                self.study,
                self.histories,
                analyses=self._analyses,
                summary=self.summary(),
                comparisons=self.compare(),
                recommendation=self.recommend(),
                conclusion=self.conclusion(),
                study_findings=self.study_findings(),
                figures=self._pictures(),
                has_folder=self.folder is not None,
            ),
            Path(path),
        )

    def _pictures(self) -> dict[str, bytes]:
        """The figures as PNG by name, those of the run folder where there are any."""
        saved = {} if self.folder is None else RunFolder(self.folder).figures()
        if saved:
            return saved
        with TemporaryDirectory() as spare:
            return {file.stem: file.read_bytes() for file in self.save_figures(Path(spare))}

    # Several answers build on each of these, and they read every epoch or every example's loss.
    @cached_property
    def _analyses(self) -> dict[tuple[str, int], CurveAnalysis]:
        return {(member.variant, member.seed): analyze(member) for member in self.histories}

    @cached_property
    def _summary(self) -> tuple[VariantSummary, ...]:
        return summarize(self.histories, self.losses, self.parameters, analyses=self._analyses)

    @cached_property
    def _comparisons(self) -> tuple[Comparison, ...]:
        return compare(losses_by_variant(self.losses, self.histories, self.split), split=self.split)

    @cached_property
    def _recommendation(self) -> Recommendation:
        better = [comparison.variant for comparison in self.compare() if comparison.verdict is Verdict.BETTER]
        losses = losses_by_variant(self.losses, self.histories, "validation")
        constant = lead_over_constant(self.study, self.histories)
        return recommend(self.summary(), losses, better=better, constant=constant)


def load(folder: str | Path) -> Results:
    """The results in a run folder.

    Raises:
        InputError: If the folder is not a complete run folder.
    """
    contents = RunFolder(Path(folder)).contents()
    return Results(contents.study, contents.histories, contents.losses, Path(folder))
