"""How long twenty members take to get going, beyond what a later epoch takes."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from regulab.cli.tf_import import import_tensorflow


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", default="")
    parser.add_argument("--model", choices=("course", "convolutional"), default="course")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()

    started = time.perf_counter()
    import_tensorflow()
    imported = time.perf_counter()
    import regulab as rl
    from regulab.training import engine as engines
    from regulab.training import preparation

    if options.model == "course":
        data = rl.data.load(options.data, validation="test")
        build, batch = rl.default_model(data), 512
        variants = [rl.width(1 / 4), rl.l2(0.001), rl.dropout(0.5)]
    else:
        from speed.contenders.layer_models import BATCH, builder, data_of

        data, build, batch = data_of("convolutional"), builder("convolutional"), BATCH
        variants = [rl.width(1 / 2), rl.l2(0.001), rl.dropout(0.5)]
    study = rl.Study(build, data, variants=variants, epochs=3, batch_size=batch, seeds=options.seeds)

    built: list[float] = []
    epochs: list[float] = []
    train_epoch = engines.Engine.train_epoch

    class Watched(engines.Engine):
        """An engine that notes when it begins."""

        def __init__(self, *given: Any, **options: Any) -> None:
            built.append(time.perf_counter())
            super().__init__(*given, **options)
            built.append(time.perf_counter())

        def train_epoch(self, **given: Any) -> None:
            began = time.perf_counter()
            train_epoch(self, **given)
            epochs.append(time.perf_counter() - began)

    preparation.Engine = Watched  # type: ignore[misc]
    began = time.perf_counter()
    study.run(progress=False)
    figures = {
        "import_s": imported - started,
        "members_s": built[0] - began,
        # The first epoch traces or compiles what later ones find ready.
        "engine_s": built[1] - built[0] + max(0.0, epochs[0] - sum(epochs[1:]) / 2),
    }
    options.out.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
