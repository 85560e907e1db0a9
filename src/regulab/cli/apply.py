"""`regulab apply`: take the repaired model out of a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from regulab.cli.console import echo


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path())
@click.option("--variant", metavar="NAME", help="Variant to take. [default: the recommended one]")
@click.option("--seed", type=int, help="Seed to take. [default: the one with the lowest validation loss]")
@click.option("--out", required=True, type=click.Path(), help="File to write, ending in .keras.")
def apply(folder: str, variant: str | None, seed: int | None, out: str) -> None:
    """Save a trained model of a run, with the weights of its best epoch.

    The file is plain Keras: keras.models.load_model opens it where regulab is not installed. A model whose
    validation loss or weights are not finite numbers is refused.
    """
    import numpy as np

    from regulab.cli.out import new_file, writing
    from regulab.cli.tf_import import import_tensorflow
    from regulab.errors import InputError
    from regulab.models.keras_errors import keras_errors_as_input_errors
    from regulab.printable import printable
    from regulab.results import load

    if Path(out).suffix != ".keras":
        raise InputError(f"Expected --out to end in .keras. Received: {out}.")
    target = new_file(out)
    results = load(folder)
    member = results.member(variant, seed=seed)
    chosen = member.variant
    another = "Take another with --variant and --seed, or lower the learning rate and run the study again."
    if member.best_epoch is None:
        raise InputError(
            f"Expected a model with a finite validation loss. Received: {chosen}, seed {member.seed}, whose "
            f"validation loss was NaN or infinite after every epoch. {another}"
        )
    import_tensorflow()
    remedy = "A model with classes of your own is loaded with custom_objects, from the run's models folder."
    with keras_errors_as_input_errors(f"Loading the model of {chosen}", remedy=remedy):
        model = results.model(chosen, seed=member.seed)
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise InputError(
            f"Expected a model with finite weights. Received: {chosen}, seed {member.seed}, with NaN or infinite ones. "
            f"{another}"
        )
    with writing(target) as draft:
        target.parent.mkdir(parents=True, exist_ok=True)
        model.save(draft)
    echo(f"Saved {printable(chosen)} to {target}.")
