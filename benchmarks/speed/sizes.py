"""How large each part is measured: in full, or quickly to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """What is measured, and how often.

    Attributes:
        rows: Training reviews, and as many to validate on, where they are generated.
        words: Size of the vocabulary.
        epochs: Epochs of the course.
        course_rounds: Turns of each contender that trains the course as a whole process.
        stock_epochs: Epochs of stock Keras for each of the four small models, scaled to `epochs`; at least two,
            since the first is counted apart.
        five_rounds: Turns of the four small models with five seeds.
        epoch_rounds: Epochs that each contender trains in turn, after one to warm up.
        single_units: Widths of a single model beside the peers.
        seeds_units: Widths of the model that is trained with one seed and with five.
        peers: Who trains a single model beside regulab.
        start_rounds: Turns of everything that starts.
        cold_rounds: Starts with an empty cache of compiled kernels.
        growth_rounds: Epochs at each number of rows and seeds.
        growth_rows: Multiples of `rows`.
        growth_seeds: Numbers of seeds.
        layers_rounds: Turns of the convolutional and the recurrent study.
        layers_epochs: Their epochs.
        layers_seeds: Their seeds.
    """

    rows: int = 25_000
    words: int = 10_000
    epochs: int = 20
    course_rounds: int = 3
    stock_epochs: int = 4
    five_rounds: int = 3
    epoch_rounds: int = 7
    single_units: tuple[int, ...] = (4, 16, 512)
    seeds_units: tuple[int, ...] = (4, 16, 64)
    peers: tuple[str, ...] = ("scikit-learn", "PyTorch", "PyTorch, one thread", "stock Keras", "Keras, sparse input")
    start_rounds: int = 7
    cold_rounds: int = 1
    growth_rounds: int = 5
    growth_rows: tuple[int, ...] = (1, 2, 4, 10)
    growth_seeds: tuple[int, ...] = (1, 2, 5, 10)
    layers_rounds: int = 3
    layers_epochs: int = 20
    layers_seeds: int = 3


FULL = Sizes()
QUICK = Sizes(
    rows=400,
    words=300,
    epochs=2,
    course_rounds=1,
    stock_epochs=2,
    five_rounds=1,
    epoch_rounds=2,
    single_units=(4, 64),
    seeds_units=(4,),
    start_rounds=1,
    cold_rounds=1,
    growth_rounds=2,
    growth_rows=(1, 2),
    growth_seeds=(1, 2),
    layers_rounds=1,
    layers_epochs=2,
    layers_seeds=1,
)
