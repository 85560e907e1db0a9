from __future__ import annotations

import numpy as np
import pytest

from regulab.comparison.optimism import optimism
from regulab.comparison.paired import compare
from regulab.comparison.scores import Scores, choose, score


def scores(means: list[float], error: float) -> Scores:
    """Independent means, each with the same error."""
    count = len(means)
    between = np.sqrt(2) * error * (1 - np.eye(count))
    return Scores(np.array(means), between, error**2 * np.eye(count))


def test_errors_are_those_of_the_comparisons() -> None:
    rng = np.random.default_rng(0)
    losses = rng.gamma(2, 0.2, (3, 4, 30))
    scored = score(losses)
    by_name = dict(zip("abc", losses, strict=True))
    errors = [one.standard_error for one in compare(by_name, control="a")]
    np.testing.assert_allclose(scored.errors[0], [0, *errors])
    np.testing.assert_allclose(scored.errors, scored.errors.T)


def test_the_noise_of_the_means_is_that_of_their_differences() -> None:
    """Over many studies; few seeds are made up for, since they show too little of a standard deviation."""
    rng = np.random.default_rng(1)
    made = rng.standard_normal((3000, 2, 2, 1)) + 0.1 * rng.standard_normal((3000, 2, 1, 5))
    means = made.mean(axis=(2, 3))
    noise = np.array([score(losses).noise for losses in made])
    deviation = np.sqrt(noise[:, 0, 0] + noise[:, 1, 1] - 2 * noise[:, 0, 1]).mean()
    assert deviation == pytest.approx((means[:, 0] - means[:, 1]).std(), rel=0.1)


def test_the_simplest_within_the_error_is_chosen_but_none_worse_than_the_reference() -> None:
    means, errors = np.array([0.33, 0.30, 0.40]), np.array([[0, 0.01, 0.2], [0.01, 0, 0.2], [0.2, 0.2, 0]])
    assert choose(means, errors, [1, 2, 0]) == 2
    assert choose(means, errors, [1, 2, 0], reference=0) == 1


def test_of_equally_simple_ones_the_best_is_chosen_and_only_among_the_eligible() -> None:
    means, errors = np.array([0.302, 0.301, 0.3, 0.4]), np.full((4, 4), 0.02)
    assert choose(means, errors, [1, 1, 2, 3]) == 1
    assert choose(means, errors, [0, 1, 2, 3], reference=0, among=[2, 3]) == 2
    assert choose(means, errors, [0, 1, 2, 3], reference=0, among=[3]) == 3


def test_choices_are_made_for_many_studies_at_once() -> None:
    means = np.array([[0.3, 0.5], [0.5, 0.3], [0.31, 0.3]])
    assert choose(means, np.full((2, 2), 0.02), [0, 1]).tolist() == [0, 1, 0]


def test_a_plain_choice_is_not_flattered() -> None:
    assert optimism(scores([0.5, 0.1, 0.5], 0.01), [0, 1, 2], reference=0) == pytest.approx(0, abs=1e-6)
    assert optimism(scores([0.1, 0.5, 0.5], 0.01), [0, 1, 2], reference=0) == 0
    assert optimism(scores([0.1, 0.5], 0.0), [0, 1], reference=0) == 0


def test_the_optimism_is_right_on_average_where_nothing_differs() -> None:
    rng = np.random.default_rng(2)
    real, said = [], []
    for _ in range(300):
        drawn = scores([0.0, 0.0, 0.0, 0.0], 0.02)
        means = 0.02 * rng.standard_normal(4)
        chosen = choose(means, drawn.errors, range(4), reference=0)
        real.append(means[0] - means[chosen])
        said.append(optimism(Scores(means, drawn.errors, drawn.noise), range(4), reference=0))
    assert np.mean(said) == pytest.approx(np.mean(real), rel=0.15)
    assert np.mean(real) > 0.01


def test_the_same_data_gets_the_same_answer() -> None:
    one, again = (optimism(scores([0.3, 0.29], 0.02), [0, 1], reference=0) for _ in range(2))
    assert one == again > 0
