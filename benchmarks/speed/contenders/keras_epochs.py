"""One model in stock Keras, epoch by epoch, on dense rows or with a sparse input."""

from __future__ import annotations

import argparse
import time

import keras

from speed.contenders.course_model import course_model
from speed.data import matrix, multi_hot, read
from speed.turns import Turns


class OneEpochATurn(keras.callbacks.Callback):
    """Holds `fit` before each epoch: calling it anew each time would hand the arrays over again."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self._turns = turns

    def on_train_begin(self, logs=None):
        """Say that all is loaded."""
        self._turns.ready()
        self._wait()

    def on_epoch_end(self, epoch, logs=None):
        """Answer, and hold."""
        seconds = time.perf_counter() - self._started
        self._turns.report(seconds=seconds, val_loss=logs["val_binary_crossentropy"])
        self._wait()

    def _wait(self):
        if not self._turns.wait():
            raise SystemExit
        self._started = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--rows", choices=("dense", "sparse"), required=True)
    options = parser.parse_args()

    turns = Turns()
    encode = multi_hot if options.rows == "dense" else matrix
    train, test = read(options.data)
    model = course_model(train.words, options.units, sparse=options.rows == "sparse")
    model.fit(
        encode(train),
        train.labels,
        epochs=1_000_000,
        batch_size=512,
        validation_data=(encode(test), test.labels),
        verbose=0,
        callbacks=[OneEpochATurn(turns)],
    )


if __name__ == "__main__":
    main()
