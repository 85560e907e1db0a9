"""`regulab run`: train a study and print what it found."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from regulab.cli.console import PlainFormatter, echo, echo_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regulab.data.dataset import Dataset
    from regulab.results import Results
    from regulab.study import Study
    from regulab.variants.variant import Variant


@click.command()
@click.argument("source", metavar="[imdb | reviews | digits | DATA.npz | module:function]", default="reviews")
@click.option(
    "--model",
    metavar="module:function",
    help="Function that returns your compiled Keras model. [default: the course's network]",
)
@click.option(
    "--variants",
    metavar="NAME,...",
    help="Variants to try alongside the baseline, such as 'l2,dropout(0.3),l2(0.01)+dropout'; 'none' for none. "
    "[default: the course's]",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many seeds to train every variant with.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=20, show_default=True, help="Epochs to train for.")
@click.option(
    "--batch-size", type=click.IntRange(min=1), help="Examples per batch. [default: 512 for imdb and reviews, else 32]"
)
@click.option(
    "--validation", type=click.Choice(["test"]), help="'test' validates on the test split, as the course does."
)
@click.option("--data-file", type=click.Path(), help="File with the IMDB reviews.")
@click.option("--out", type=click.Path(), help="Run folder to write. [default: a new one in runs/]")
@click.option("--resume", is_flag=True, help="Continue the unfinished run in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document and nothing else.")
@click.option("--verbose", is_flag=True, help="Show how each variant is trained, and why.")
def run(
    source: str,
    model: str | None,
    variants: str | None,
    seeds: int,
    epochs: int,
    batch_size: int | None,
    validation: str | None,
    data_file: str | None,
    out: str | None,
    resume: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Train the baseline and its variants side by side, and compare them.

    Without arguments the course runs on bundled synthetic reviews: a baseline, a smaller and a bigger
    network, and the baseline with L2, with dropout and with both. Results, figures and models go to a run
    folder.
    """
    from regulab.cli.resuming import resumable
    from regulab.cli.sources import batch_size as default_batch_size
    from regulab.cli.sources import check_source, read_source
    from regulab.cli.tf_import import import_tensorflow
    from regulab.errors import InputError
    from regulab.training.folder_claim import claim_folder, claim_new_folder
    from regulab.variants.catalogue import parse_list

    if resume and out is None:
        raise InputError("Expected --out with --resume, to know which run to continue. Received: --resume alone.")
    # What can be refused without TensorFlow is refused at once.
    check_source(source)
    chosen = None if variants is None else parse_list(variants)
    with ExitStack() as claims:
        # Before TensorFlow, which takes seconds: two runs that begin together must not both get the folder.
        claim = None if out is None else claims.enter_context(claim_folder(Path(out), resume=resume))
        import_tensorflow()
        study = _study(
            read_source(source, data_file=data_file, validation=validation),
            model=model,
            variants=chosen,
            seeds=seeds,
            epochs=epochs,
            batch_size=default_batch_size(source) if batch_size is None else batch_size,
        )
        for note in study.skipped:
            echo(f"Left out, because it does not apply to this model: {note}", err=True)
        if claim is None:
            claim = claims.enter_context(claim_new_folder(Path("runs"), _folder_name(study.data.name)))
        with resumable(claim), _telling_more(verbose):
            results = study.run_in(claim)
    _show(results, as_json=as_json)


def _study(
    source: Dataset | Study,
    *,
    model: str | None,
    variants: Sequence[Variant] | None,
    seeds: int,
    epochs: int,
    batch_size: int,
) -> Study:
    from regulab.cli.import_target import locate
    from regulab.errors import InputError
    from regulab.models.default_model import default_head, default_model
    from regulab.study import Study

    if isinstance(source, Study):
        given = _given("model", "variants", "seeds", "epochs", "batch_size")
        if given:
            raise InputError(
                f"Expected a data set together with {', '.join(given)}. Received: a whole study, which brings its own."
            )
        return source
    if model is None:
        echo(f"Training the course's network for {default_head(source).describe()}.", err=True)
    return Study(
        default_model(source) if model is None else locate(model, option="--model"),
        source,
        variants=variants,
        seeds=seeds,
        epochs=epochs,
        batch_size=batch_size,
    )


def _given(*names: str) -> list[str]:
    """Those of the options that are on the command line."""
    context = click.get_current_context()
    default = click.core.ParameterSource.DEFAULT
    return [f"--{name.replace('_', '-')}" for name in names if context.get_parameter_source(name) != default]


@contextmanager
def _telling_more(verbose: bool) -> Iterator[None]:
    """Print what regulab logs while it trains."""
    import logging

    logger, handler = logging.getLogger("regulab"), logging.StreamHandler()
    handler.setFormatter(PlainFormatter())
    if verbose:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def _folder_name(data: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in data)


def _show(results: Results, *, as_json: bool) -> None:
    from regulab.cli.table import print_results

    if as_json:
        echo_json({**results.document(), "folder": str(results.folder)})
    else:
        print_results(results)
