"""One model as scikit-learn's MLPClassifier, epoch by epoch, on CSR rows."""

from __future__ import annotations

import argparse
import time

from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from speed.data import matrix, read
from speed.turns import Turns


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--units", type=int, required=True)
    options = parser.parse_args()

    turns = Turns()
    train, test = read(options.data)
    x, x_test = matrix(train), matrix(test)
    y, y_test = train.labels.ravel(), test.labels.ravel()
    # With seed 0 the four units of the smallest model are dead from the start.
    model = MLPClassifier((options.units, options.units), alpha=0.0, batch_size=512, random_state=1)
    turns.ready()
    while turns.wait():
        started = time.perf_counter()
        # All rows once, shuffled, in batches.
        model.partial_fit(x, y, classes=[0.0, 1.0])
        loss = log_loss(y_test, model.predict_proba(x_test)[:, 1])
        turns.report(seconds=time.perf_counter() - started, val_loss=float(loss))


if __name__ == "__main__":
    main()
