"""The course as a stock Keras script: dense multi-hot rows, `fit`, one model after the other."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    options = parser.parse_args()

    started = time.perf_counter()
    import keras

    from speed.contenders.course_model import MODELS, course_model
    from speed.data import multi_hot, read

    class Clock(keras.callbacks.Callback):
        """How long each epoch takes, its validation included."""

        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []

        def on_epoch_begin(self, epoch, logs=None):
            self._started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self._started)

    train, test = read(options.data)
    x, x_test = multi_hot(train), multi_hot(test)
    figures = {"loading_s": time.perf_counter() - started}
    for name in options.models.split(","):
        began, clock = time.perf_counter(), Clock()
        model = course_model(train.words, **MODELS[name])
        model.fit(
            x,
            train.labels,
            epochs=options.epochs,
            batch_size=512,
            validation_data=(x_test, test.labels),
            verbose=2,
            callbacks=[clock],
        )
        later = sorted(clock.seconds[1:])
        figures[f"{name}_later_s"] = later[len(later) // 2]
        # What a model costs once: building, tracing, and handing the arrays over.
        figures[f"{name}_once_s"] = time.perf_counter() - began - sum(later)
    options.out.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
