"""One model written by hand in PyTorch, epoch by epoch: EmbeddingBag sums kernel rows, Adam is fused."""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from torch import nn

from speed.data import Rows, read
from speed.turns import Turns

BATCH = 512


class Course(nn.Module):
    """The course's network."""

    def __init__(self, words: int, units: int) -> None:
        super().__init__()
        self.first = nn.EmbeddingBag(words, units, mode="sum", include_last_offset=True)
        self.bias = nn.Parameter(torch.zeros(units))
        self.second, self.last = nn.Linear(units, units), nn.Linear(units, 1)
        # As Keras begins: an embedding's own start, a normal of variance 1, would be far too wide here.
        nn.init.xavier_uniform_(self.first.weight)

    def forward(self, indices: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """The logit of each row."""
        hidden = torch.relu(self.first(indices, offsets) + self.bias)
        return self.last(torch.relu(self.second(hidden)))


def batch_of(rows: Rows, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Word numbers, offsets and labels of some rows."""
    starts = rows.indptr[chosen]
    lengths = rows.indptr[chosen + 1] - starts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return (
        torch.from_numpy(rows.indices[places].astype(np.int32)),
        torch.from_numpy(offsets.astype(np.int32)),
        torch.from_numpy(rows.labels[chosen]),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--threads", type=int, default=0, help="0 leaves it to PyTorch")
    options = parser.parse_args()

    turns = Turns()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    train, test = read(options.data)
    model = Course(train.words, options.units)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7, fused=True)
    loss_of = nn.BCEWithLogitsLoss()

    def batches(rows: Rows, order: np.ndarray) -> list[np.ndarray]:
        return [order[at : at + BATCH] for at in range(0, len(order), BATCH)]

    turns.ready()
    while turns.wait():
        started = time.perf_counter()
        for chosen in batches(train, rng.permutation(len(train.labels))):
            indices, offsets, labels = batch_of(train, chosen)
            optimizer.zero_grad()
            loss_of(model(indices, offsets), labels).backward()
            optimizer.step()
        total = 0.0
        with torch.inference_mode():
            for chosen in batches(test, np.arange(len(test.labels))):
                indices, offsets, labels = batch_of(test, chosen)
                total += float(loss_of(model(indices, offsets), labels)) * len(chosen)
        turns.report(seconds=time.perf_counter() - started, val_loss=total / len(test.labels))


if __name__ == "__main__":
    main()
