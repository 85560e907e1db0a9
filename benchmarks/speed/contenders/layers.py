"""A convolutional or a recurrent study, by regulab or by `fit` one member after the other."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from regulab.cli.tf_import import import_tensorflow


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by", choices=("regulab", "fit"), required=True)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seeds", type=int, required=True)
    options = parser.parse_args()

    import_tensorflow()
    from speed.contenders.layer_models import data_of

    data = data_of(options.kind)
    started = time.perf_counter()
    run = by_regulab if options.by == "regulab" else by_fit
    run(options.kind, data, epochs=options.epochs, seeds=options.seeds)
    options.out.write_text(json.dumps({"training_s": time.perf_counter() - started}))


def by_regulab(kind, data, *, epochs, seeds):
    import regulab as rl
    from speed.contenders.layer_models import BATCH, builder

    variants = [rl.l2(0.001), rl.dropout(0.5)]
    study = rl.Study(builder(kind), data, variants=variants, epochs=epochs, batch_size=BATCH, seeds=seeds)
    study.run(progress=False)


def by_fit(kind, data, *, epochs, seeds):
    import keras

    from speed.contenders.layer_models import BATCH, VARIANTS, builder

    held = (data.validation.x, data.validation.y)
    for penalty, rate in VARIANTS.values():
        for seed in range(seeds):
            keras.utils.set_random_seed(seed)
            model = builder(kind, penalty, rate)()
            model.fit(data.train.x, data.train.y, epochs=epochs, batch_size=BATCH, validation_data=held, verbose=0)


if __name__ == "__main__":
    main()
