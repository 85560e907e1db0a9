"""The language of the synthetic reviews: how often words occur, their polarity, and topics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VOCABULARY = 10_000
#: Zipf-Mandelbrot law fitted to the 10,000 most frequent words of the IMDB training reviews.
ZIPF_SHIFT, ZIPF_EXPONENT = 2.8, 1.12
#: Share of the words that are positive or negative, the spread of all words' log-odds between the sentiments, and
#: the rank from which it is reached: the most frequent words of IMDB say less about the sentiment.
POLAR_SHARE, LOG_ODDS_SD, FULL_POLARITY_RANK, POLARITY_POWER = 0.6, 0.311, 100, 0.35
#: Topics, and the spread of a word's log-frequency between them.
TOPICS, TOPIC_SD, FULL_TOPIC_RANK = 120, 2.1, 200
#: Draws come from tables with a word in as many cells as it is frequent: one look-up a word.
WORD_BITS, TOPIC_BITS = 20, 16
#: The language is part of the calibration, so it does not depend on the data set's seed.
LANGUAGE_SEED = 20


@dataclass(frozen=True, eq=False)
class Language:
    """What all synthetic reviews share.

    Attributes:
        words: Word of each cell, shape `(2**WORD_BITS,)`, uint16.
        topics: The same for each topic, shape `(TOPICS, 2**TOPIC_BITS)`.
        polarities: Half the log-odds of a word between the sentiments in a review of strength 1, shape
            `(VOCABULARY,)`, float32; above 0 for positive words.
    """

    words: np.ndarray
    topics: np.ndarray
    polarities: np.ndarray

    @classmethod
    def make(cls) -> Language:
        """The one language; takes about 0.1 s."""
        rng = np.random.default_rng(LANGUAGE_SEED)
        rank = np.arange(1, VOCABULARY + 1)
        frequency = (rank + ZIPF_SHIFT) ** -ZIPF_EXPONENT
        spread = LOG_ODDS_SD / 2 * np.minimum(1, (rank / FULL_POLARITY_RANK) ** POLARITY_POWER)
        polar = rng.random(VOCABULARY) < POLAR_SHARE
        # Laplace: the log-odds of IMDB's words have heavy tails (kurtosis about 5); its variance is 2.
        polarities = np.where(polar, spread * rng.laplace(size=VOCABULARY) / np.sqrt(2 * POLAR_SHARE), 0)
        pull = TOPIC_SD * np.minimum(1, (rank / FULL_TOPIC_RANK) ** 0.5)
        topics = [_cells(frequency * np.exp(pull * rng.standard_normal(VOCABULARY)), TOPIC_BITS) for _ in range(TOPICS)]
        return cls(_cells(frequency, WORD_BITS), np.stack(topics), polarities.astype(np.float32))

    def draw_topics(self, sentiments: np.ndarray, lean: float, rng: np.random.Generator) -> np.ndarray:
        """A topic for each review: the first topics are mostly negative, the last mostly positive, by up to `lean`."""
        leans = np.linspace(-lean, lean, TOPICS)
        chance = rng.random(len(sentiments))
        chosen = np.where(
            sentiments > 0,
            np.searchsorted(np.cumsum(1 + leans) / TOPICS, chance),
            np.searchsorted(np.cumsum(1 - leans) / TOPICS, chance),
        )
        return np.minimum(chosen, TOPICS - 1)  # Sums of floats may end just below 1.

    def draw_words(self, topic: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A word for each entry of `topic`, where -1 stands for the language as a whole."""
        cell = rng.integers(1 << WORD_BITS, size=len(topic), dtype=np.uint32)
        word = self.words[cell].astype(np.int32)
        (at,) = np.nonzero(topic >= 0)
        word[at] = self.topics[topic[at], cell[at] >> (WORD_BITS - TOPIC_BITS)]
        return word


def _cells(weights: np.ndarray, bits: int) -> np.ndarray:
    ends = np.rint(np.cumsum(weights) / weights.sum() * (1 << bits)).astype(np.int64)
    return np.repeat(np.arange(VOCABULARY, dtype=np.uint16), np.diff(ends, prepend=0))
