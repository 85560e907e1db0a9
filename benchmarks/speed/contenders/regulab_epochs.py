"""Members of a regulab study, epoch by epoch, with what is measured beyond Keras's own two passes apart."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from regulab.cli.tf_import import import_tensorflow
from speed.turns import Turns


class Clock:
    """Sums what calls of some functions take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--units", type=int, default=16)
    parser.add_argument("--variants", default="none")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--warm", type=int, default=0, help="epochs before the first turn")
    options = parser.parse_args()

    turns = Turns()
    import_tensorflow()
    import regulab as rl
    from regulab.training.engine import Engine
    from regulab.variants.catalogue import parse_list

    data = rl.data.load(options.data, validation="test")
    variants = () if options.variants == "none" else parse_list(options.variants)
    study = rl.Study(
        rl.default_model(data, units=options.units),
        data,
        variants=variants,
        epochs=1_000_000,
        batch_size=512,
        seeds=options.seeds,
    )
    train_epoch, measuring = Engine.train_epoch, Clock()

    def one_epoch_a_turn(engine: Engine, **given: Any) -> None:
        if engine.epoch < options.warm:
            train_epoch(engine, **given)
            return
        if engine.epoch == options.warm:
            for runner in engine.runners:
                runner.measure = measuring.around(runner.measure)  # type: ignore[method-assign]
            turns.ready()
        if not turns.wait():
            raise SystemExit
        measuring.seconds = 0.0
        started = time.perf_counter()
        train_epoch(engine, **given)
        seconds = time.perf_counter() - started
        first = engine.progress[engine.members[0].key].measures
        # What Keras's own `fit` would do, and the whole of what regulab does.
        turns.report(seconds=seconds - measuring.seconds, whole=seconds, val_loss=first["val_data_loss"][-1])

    Engine.train_epoch = one_epoch_a_turn  # type: ignore[method-assign]
    study.run(progress=False)


if __name__ == "__main__":
    main()
