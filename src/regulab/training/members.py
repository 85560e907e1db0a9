"""Members: one variant with one seed, as an ordinary compiled Keras model."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import issparse

from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError
from regulab.models.compiling import compile_settings
from regulab.models.graph import is_rebuildable
from regulab.models.keras_errors import keras_errors_as_input_errors
from regulab.models.keras_internals import tensorflow_seed
from regulab.models.layer_names import numbered_from_the_start
from regulab.training.row_penalties import NO_ROW_PENALTIES, RowPenalties, row_penalties
from regulab.variants.variant import BASELINE, Variant

if TYPE_CHECKING:
    import keras

#: A function that returns a compiled `keras.Model`, or such a model.
ModelSource: TypeAlias = "Callable[[], keras.Model] | keras.Model"


@dataclass(eq=False)
class Member:
    """One variant with one seed.

    Attributes:
        variant: What was changed.
        seed: What initial weights, dropout and the choice of training rows were drawn with.
        model: The plain Keras model that users get; it receives the weights of the best epoch.
        rows: Sorted training rows, or None for all.
        parameters: Number of weights in `model`.
        row_penalties: Where the variant puts a penalty on weights whose gradient comes as rows in the baseline.
    """

    variant: Variant
    seed: int
    model: keras.Model
    rows: np.ndarray | None
    parameters: int
    row_penalties: RowPenalties = NO_ROW_PENALTIES

    @property
    def key(self) -> str:
        """A name that is unique within a study and fit for a file."""
        return f"{self.variant.name}-seed{self.seed}"

    def export(self, weights: Sequence[np.ndarray]) -> keras.Model:
        """The plain model, with these weights."""
        self.model.set_weights(list(weights))
        return self.model


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed Python, NumPy and TensorFlow, and restore their old state afterwards."""
    import keras
    import tensorflow as tf

    # Left in place, the seed would make every later `fit` of the
    # user's shuffle its batches in one and the same way.
    before = tensorflow_seed()
    python_state, numpy_state = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        tf.random.set_seed(before)


def build_members(
    source: ModelSource, data: Dataset, *, variants: Sequence[Variant], seeds: Sequence[int]
) -> list[Member]:
    """The baseline and every variant, for every seed, in the order of variants.

    Within a seed every variant whose weights have the baseline's shapes starts from the baseline's weights.

    Raises:
        InputError: If the model is not a compiled Keras model, or a variant does not apply to it.
    """
    members: list[Member] = []
    for seed in seeds:
        members.extend(_members_of_seed(source, data, variants=variants, seed=seed))
    _refuse_shared_weights(members, source)
    _warn_of_equal_seeds([member for member in members if member.variant is BASELINE], source)
    order = {variant.name: index for index, variant in enumerate((BASELINE, *variants))}
    return sorted(members, key=lambda member: order[member.variant.name])


def build_model(source: ModelSource, *, seed: int) -> keras.Model:
    """The user's compiled model, with weights drawn under `seed`.

    A model that was passed instead of a function is a template: weights are drawn afresh, except those
    of layers that are frozen, such as a pretrained part.

    Raises:
        InputError: If what comes out is not a compiled Keras model.
    """
    import keras

    if isinstance(source, keras.Model):
        _require_compiled(source, origin="the model passed to Study")
        with seeded(seed):
            return BASELINE.apply(source)
    model = _called(source, seed=seed)
    name = _name(source)
    if not isinstance(model, keras.Model):
        raise InputError(
            f"Expected {name} to return a compiled keras.Model. Received: {type(model).__name__}. "
            "Return the model itself, after model.compile(...)."
        )
    _require_compiled(model, origin=name)
    return model


def _called(source: Callable[[], keras.Model], *, seed: int) -> keras.Model:
    try:
        # Otherwise every call would give other names, and neither `layers=` nor the histories could rely on them.
        with seeded(seed), numbered_from_the_start():
            return source()
    except ValueError as error:
        # A frozen part that was made before may have one of these names. Then the numbers continue, as in Keras.
        if "unique" not in str(error):
            raise
    with seeded(seed):
        return source()


def _members_of_seed(source: ModelSource, data: Dataset, *, variants: Sequence[Variant], seed: int) -> Iterator[Member]:
    baseline = build_model(source, seed=seed)
    if baseline.optimizer.built and int(baseline.optimizer.iterations):
        # From a file, say. The variants' optimizers know nothing of it, nor may the baseline's.
        baseline.compile(**compile_settings(baseline))
    _build(baseline, data)
    initial = baseline.get_weights()
    yield Member(BASELINE, seed, baseline, None, baseline.count_params())
    for variant in variants:
        with seeded(seed):
            model = _apply(variant, source, baseline, seed=seed)
            _build(model, data)
        if [weight.shape for weight in initial] == [tuple(weight.shape) for weight in model.weights]:
            model.set_weights(initial)
        penalties = _row_penalties(model, baseline, data)
        yield Member(variant, seed, model, _rows(variant, seed, data), model.count_params(), penalties)


def _apply(variant: Variant, source: ModelSource, baseline: keras.Model, *, seed: int) -> keras.Model:
    if is_rebuildable(baseline):
        return variant.apply(baseline)
    # Another model cannot be cloned: its builder makes another one, which may be changed in place.
    return variant.apply(build_model(source, seed=seed), fresh=True)


def _rows(variant: Variant, seed: int, data: Dataset) -> np.ndarray | None:
    for change in variant.changes:
        if not isinstance(data.train, Split):
            continue
        rows = change.select(data.train.y, np.random.default_rng(seed))
        if rows is not None:
            return rows
    return None


def _build(model: keras.Model, data: Dataset) -> None:
    if model.built:
        return
    with keras_errors_as_input_errors("Building the model from one example"):
        model(_one_example(data), training=False)


def _row_penalties(model: keras.Model, baseline: keras.Model, data: Dataset) -> RowPenalties:
    if all(variable.regularizer is None for variable in model.trainable_variables) and not model.losses:
        return NO_ROW_PENALTIES
    with keras_errors_as_input_errors("Computing the gradient of one example"):
        return row_penalties(model, baseline, lambda: _one_example(data))


def _one_example(data: Dataset) -> Any:
    """Features to call a model with: those of one example, or of a stream's first batch."""
    import tensorflow as tf

    if isinstance(data.train, Split):
        sample = data.train.rows(np.arange(1)).x
        x = sample.toarray() if issparse(sample) else sample
    else:
        x = next(iter(data.train.batches))[0]
    return tf.nest.map_structure(tf.convert_to_tensor, x)


def _refuse_shared_weights(members: Sequence[Member], source: ModelSource) -> None:
    """A builder that hands out the same model, layer or optimizer again would train one member on top of another."""
    owners: dict[int, str] = {}
    for member in members:
        parts = {id(variable): "weights" for variable in member.model.trainable_variables}
        parts[id(member.model.optimizer)] = "an optimizer"
        for part, what in parts.items():
            if part in owners and owners[part] != member.key:
                raise InputError(
                    f"Expected {_name(source)} to create everything anew each time it is called. "
                    f"Received: {what} that an earlier call returned, too. "
                    "Create the layers, the model and the optimizer inside the function."
                )
            owners[part] = member.key


def _warn_of_equal_seeds(baselines: Sequence[Member], source: ModelSource) -> None:
    for index, member in enumerate(baselines):
        for other in baselines[:index]:
            pairs = zip(member.model.get_weights(), other.model.get_weights(), strict=True)
            if all(np.array_equal(first, second) for first, second in pairs):
                warnings.warn(
                    f"Seeds {other.seed} and {member.seed} start from the same weights, so they do not repeat "
                    f"the experiment: {_name(source)} draws its weights in a way that regulab cannot seed. "
                    "Remove keras.utils.set_random_seed(...) and the seeds of initializers from it.",
                    stacklevel=2,
                )
                return


def _name(source: ModelSource) -> str:
    return f"{getattr(source, '__name__', 'build_model')}()"


def _require_compiled(model: Any, *, origin: str) -> None:
    if not model.compiled or model.optimizer is None:
        raise InputError(
            f"Expected a compiled model from {origin}. Received: one that was never compiled. "
            "Call model.compile(optimizer=..., loss=...) before it is returned."
        )
