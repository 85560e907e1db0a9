"""Penalties on weights of which a batch reads some rows, as of an embedding, without a change to the kind of gradient.

The gradient of such weights comes as rows, one for each time that a token is read (`tf.IndexedSlices`). Keras's
optimizers treat rows differently from a dense gradient: Adam and RMSprop sum the squares of the rows, not the rows
first. A penalty that reads all weights at once makes the gradient dense, so that a variant with a penalty of almost
nothing trains differently from the baseline. A penalty that reads the weights row by row adds rows to the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulab.models.compiling import stepping
from regulab.models.keras_internals import every_layer, is_keras_code

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class RowPenalties:
    """Layers of a variant whose gradient comes as rows in the baseline, and on which the variant puts a penalty.

    Attributes:
        paths: The weights whose penalty is to be read row by row.
        layers: The layers that have them, where the optimizer treats rows differently from a dense gradient.
        dense: Such layers whose gradient is dense all the same, since their penalty is computed in their own code.
    """

    paths: frozenset[str] = frozenset()
    layers: tuple[str, ...] = ()
    dense: tuple[str, ...] = ()

    def describe(self) -> str:
        """What to add to the variant's description.

        Example:
            >>> print(RowPenalties(dense=("table",)).describe())
            ; the gradient of table becomes dense, which the optimizer treats differently from the baseline's rows
        """
        by_row, dense = (" and ".join(names) for names in (self.layers, self.dense))
        text = ""
        if by_row:
            text += f"; the penalty on {by_row} is read row by row, so that the optimizer treats its gradient as the "
            text += "baseline's"
        if dense:
            text += f"; the gradient of {dense} becomes dense, which the optimizer treats differently from the "
            text += "baseline's rows"
        return text

    def document(self) -> dict[str, list[str]]:
        """What `study.json` holds of it: nothing where there is nothing to say."""
        layers = {"penalty_by_row": list(self.layers), "dense_gradient": list(self.dense)}
        return {key: names for key, names in layers.items() if names}


NO_ROW_PENALTIES = RowPenalties()


def row_penalties(model: keras.Model, baseline: keras.Model, example: Callable[[], Any]) -> RowPenalties:
    """Find the penalties that a variant must read row by row.

    Where the baseline itself has a penalty on a layer, `fit` trains it with a dense gradient, and so do all variants.

    Args:
        model: The variant's compiled and built model.
        baseline: The baseline's.
        example: Gives features to call a model with.
    """
    if not _may_read_rows(baseline):
        return NO_ROW_PENALTIES
    x = example()
    rows = _counterparts(model, baseline, _row_paths(baseline, x, penalized=()))
    if not rows:
        return NO_ROW_PENALTIES
    added = {
        variable.path
        for variable in model.trainable_variables
        if variable.path in rows and variable.regularizer is not None
    }
    dense = rows - _row_paths(model, x, penalized=added)
    if not _treats_rows_differently(baseline.optimizer):
        return RowPenalties(frozenset(added))
    return RowPenalties(frozenset(added), _layer_names(model, added - dense), _layer_names(model, dense))


@contextmanager
def penalties_by_row(model: keras.Model, paths: Collection[str]) -> Iterator[None]:
    """Let the penalties on these weights read them row by row while a step runs or is traced."""
    changed = [variable for variable in model.trainable_variables if variable.path in paths]
    penalties = [variable.regularizer for variable in changed]
    for variable, penalty in zip(changed, penalties, strict=True):
        variable.regularizer = _by_row(penalty)
    try:
        yield
    finally:
        for variable, penalty in zip(changed, penalties, strict=True):
            variable.regularizer = penalty


def _by_row(penalty: Any) -> Any:
    import keras
    import tensorflow as tf

    class ByRow(keras.regularizers.Regularizer):
        def __call__(self, x: Any) -> Any:
            # The gradient of `gather` comes as rows.
            return penalty(tf.gather(tf.convert_to_tensor(x), tf.range(x.shape[0])))

    return ByRow()


def _row_paths(model: keras.Model, x: Any, *, penalized: Collection[str]) -> set[str]:
    """The weights whose gradient of predictions and penalties comes as rows."""
    import keras
    import tensorflow as tf

    variables = model.trainable_variables
    with penalties_by_row(model, penalized), tf.GradientTape() as tape:
        outputs = [tf.cast(part, tf.float32) for part in keras.tree.flatten(model(x, training=False))]
        total = tf.add_n([tf.reduce_sum(part) for part in (*outputs, *model.losses)])
    gradients: Sequence[Any] = tape.gradient(total, [variable.value for variable in variables])
    return {
        variable.path
        for variable, gradient in zip(variables, gradients, strict=True)
        if isinstance(gradient, tf.IndexedSlices)
    }


def _counterparts(model: keras.Model, baseline: keras.Model, paths: Collection[str]) -> set[str]:
    """The paths in a variant's model of weights of the baseline."""
    own = [variable.path for variable in model.trainable_variables]
    theirs = [variable.path for variable in baseline.trainable_variables]
    # A model that its builder made anew may have other numbers in its names. Where layers were added or removed, it is
    # a copy, with equal names.
    pairs = zip(own, theirs, strict=True) if len(own) == len(theirs) else ((path, path) for path in own)
    return {path for path, of_baseline in pairs if of_baseline in paths}


def _may_read_rows(model: keras.Model) -> bool:
    """Whether to try: of Keras's own layers only `Embedding` reads its weights by rows."""
    import keras

    layers = every_layer(model, include_self=False)
    return any(isinstance(layer, keras.layers.Embedding) or not is_keras_code(type(layer)) for layer in layers)


def _treats_rows_differently(optimizer: Any) -> bool:
    """Whether a step depends on how a gradient is split into rows; SGD and Lion sum them before all else."""
    import keras

    steps = stepping(optimizer)
    clips = any(getattr(steps, name, None) for name in ("clipnorm", "global_clipnorm", "clipvalue"))
    return clips or type(steps) not in (keras.optimizers.SGD, keras.optimizers.Lion)


def _layer_names(model: keras.Model, paths: Collection[str]) -> tuple[str, ...]:
    # The last part of a path is the name of the weight, the one before that of its layer.
    names = (variable.path.split("/")[-2] for variable in model.trainable_variables if variable.path in paths)
    return tuple(dict.fromkeys(names))
