"""`regulab apply`: take the repaired model out of a run folder."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path())
@click.option("--variant", metavar="NAME", help="Variant to take. [default: the recommended one]")
@click.option("--seed", type=int, help="Seed to take. [default: the one with the lowest validation loss]")
@click.option("--out", required=True, type=click.Path(), help="File to write, ending in .keras.")
def apply(folder: str, variant: str | None, seed: int | None, out: str) -> None:
    """Save a trained model of a run, with the weights of its best epoch.

    The file is plain Keras: keras.models.load_model opens it where regulab is not installed.
    """
    from regulab.cli.quiet import import_tensorflow
    from regulab.errors import InputError
    from regulab.results import load

    target = Path(out)
    if target.suffix != ".keras":
        raise InputError(f"Expected --out to end in .keras. Received: {out}.")
    if target.exists():
        raise InputError(f"Expected --out to be a new file. Received: {out}, which exists.")
    results = load(folder)
    chosen = results.recommend().variant if variant is None else variant
    import_tensorflow()
    model = results.model(chosen, seed=seed)
    target.parent.mkdir(parents=True, exist_ok=True)
    model.save(target)
    click.echo(f"Saved {chosen} to {target}.")
