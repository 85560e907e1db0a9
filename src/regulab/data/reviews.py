"""Bundled synthetic reviews: bags of words on which models behave as on IMDB."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from regulab.data.dataset import Dataset, Split, validate_on_test
from regulab.data.multihot import distinct, from_columns
from regulab.data.reviews_language import VOCABULARY, Language
from regulab.data.seeds import seed_number
from regulab.errors import InputError

#: Reviews generated at once, each block by its own random stream: so a review does not depend on how
#: many others are asked for, and memory does not grow with them.
BLOCK = 1_000
#: Words of a review, log-normal, as measured on IMDB; a little shorter, because real reviews repeat words more.
LOG_LENGTH_MEAN, LOG_LENGTH_SD = 5.025, 0.646
SHORTEST, LONGEST = 10, 1_200
#: How strong a review's sentiment is: a gamma variable of mean 1, plus noise that can reverse it.
STRENGTH_SHAPE, STRENGTH_NOISE = 8.0, 0.27
#: Largest share of a review's words that comes from its topic, and how far a topic leans to one sentiment.
TOPIC_SHARE, TOPIC_LEAN = 0.55, 0.64
_STREAMS = {"train": 0, "validation": 1, "test": 2}


def reviews(
    *,
    train: int = 8_000,
    validation: int | str = 2_500,
    test: int = 2_500,
    words: int = VOCABULARY,
    seed: int = 0,
) -> Dataset:
    """Generate review-like bags of words with a sentiment, synthetic but calibrated to IMDB.

    Word frequencies, lengths (131 distinct words on average) and the spread of the words' log-odds are
    those measured on the 25,000 IMDB training reviews. The language is always the same; `seed`
    decides which reviews are written in it. The first `n` reviews of a split are the same whatever its size.

    A review has a sentiment (positive or negative), a strength, a length and a topic. Its words are drawn from
    the language (Zipf) and the topic, and each is kept with probability
    `σ(2 · sentiment · strength · polarity of the word)`, which makes polarities log-odds. Topics make words occur
    together and lean to one sentiment, so words are not independent given the label. A strength near zero makes the
    reviews that no model gets right.

    Args:
        train: Number of training reviews.
        validation: Number of validation reviews, or `"test"` to validate on the test reviews.
        test: Number of test reviews.
        words: Size of the vocabulary, the most frequent words of 10,000; others are dropped.
        seed: Decides which reviews are written.

    Returns:
        Features are CSR float32 of shape `(n, words)`, the most frequent word first; labels float32 of
        shape `(n, 1)`, 1 = positive, as many ones as zeros.

    Raises:
        InputError: If a size is below 1 or `words` is outside 1 to 10,000.

    Example:
        >>> data = reviews(train=4, validation=2, test=2)
        >>> data.title, data.train.x.shape, int(data.train.y.sum())
        ('reviews (synthetic)', (4, 10000), 2)
    """
    if isinstance(validation, str) and validation != "test":
        raise InputError(f"Expected `validation` as a number of reviews or 'test'. Received: {validation!r}.")
    sizes = {"train": train, "test": test, "validation": validation if not isinstance(validation, str) else test}
    for name, size in sizes.items():
        if size < 1:
            raise InputError(f"Expected `{name}` of at least 1 review. Received: {size}.")
    if not 1 <= words <= VOCABULARY:
        raise InputError(f"Expected `words` from 1 to {VOCABULARY:,}. Received: {words}.")
    source = f"regulab's own generator, seed {seed_number(seed)}"
    tested = write("test", test, words=words, seed=seed)
    first = write("train", train, words=words, seed=seed)
    if isinstance(validation, str):
        data = Dataset(name="reviews", train=first, validation=tested, test=tested, synthetic=True, source=source)
        return validate_on_test(data)
    validated = write("validation", validation, words=words, seed=seed)
    return Dataset(name="reviews", train=first, validation=validated, test=tested, synthetic=True, source=source)


def write(split: str, size: int, *, words: int = VOCABULARY, seed: int = 0) -> Split:
    """Generate the first `size` reviews of one split, block by block."""
    columns, counts, labels = [], [], []
    for block in range(-(-size // BLOCK)):
        rng = np.random.default_rng([seed, _STREAMS[split], block])
        keys, sentiments = _write_block(_language(), rng)
        rows, ids = np.divmod(keys[: np.searchsorted(keys, (size - block * BLOCK) * VOCABULARY)], VOCABULARY)
        known = ids < words
        columns.append(ids[known].astype(np.uint16))
        counts.append(np.bincount(rows[known], minlength=BLOCK))
        labels.append(sentiments > 0)
    y = np.concatenate(labels)[:size].astype(np.float32).reshape(-1, 1)
    indices = np.concatenate(columns, dtype=np.int32)
    return Split(from_columns(indices, np.concatenate(counts)[:size], words=words), y)


@lru_cache(maxsize=1)
def _language() -> Language:
    return Language.make()


def _write_block(language: Language, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One block: sorted distinct keys `row · VOCABULARY + word`, and each row's sentiment, -1 or 1."""
    # Balanced pair by pair, so that any even number of reviews is balanced.
    sentiments = rng.permuted(np.tile([-1, 1], (BLOCK // 2, 1)), axis=1).reshape(-1)
    strength = rng.gamma(STRENGTH_SHAPE, 1 / STRENGTH_SHAPE, BLOCK)
    stance = (sentiments * strength + STRENGTH_NOISE * rng.standard_normal(BLOCK)).astype(np.float32)
    lengths = np.exp(LOG_LENGTH_MEAN + LOG_LENGTH_SD * rng.standard_normal(BLOCK)).clip(SHORTEST, LONGEST)
    # About half of the words drawn are kept.
    drawn = (2 * lengths).astype(np.int64)
    topics = language.draw_topics(sentiments, TOPIC_LEAN, rng)
    shares = (TOPIC_SHARE * rng.random(BLOCK)).astype(np.float32)

    row = np.repeat(np.arange(BLOCK, dtype=np.int32), drawn)
    on_topic = rng.random(len(row), dtype=np.float32) < shares[row]
    word = language.draw_words(np.where(on_topic, topics[row], -1), rng)
    kept = rng.random(len(row), dtype=np.float32) < 1 / (1 + np.exp(-2 * stance[row] * language.polarities[word]))
    return distinct(row[kept] * np.int32(VOCABULARY) + word[kept]), sentiments
