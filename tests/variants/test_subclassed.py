from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.variants import BASELINE, dropout, ema, l2, max_norm, regularize, train_size, weight_decay, width


class Tower(kl.Layer):
    def __init__(self):
        super().__init__(name="tower")
        self.dense = kl.Dense(3, name="inside")

    def call(self, x):
        return self.dense(x)


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.one = kl.Dense(4, name="one")
        self.tower = Tower()
        self.both = kl.Bidirectional(kl.LSTM(2), name="both")
        self.out = kl.Dense(1, name="out")

    def call(self, x):
        return self.out(self.both(self.tower(self.one(x))))


def build(*, built=True):
    model = Own()
    model.compile("adam", "mse")
    if built:
        model(np.ones((1, 5, 2)))
    return model


def test_a_subclassed_model_without_its_builder_is_refused():
    with pytest.raises(NotApplicableError, match=r"a model of the class Own.*Pass the function that builds it"):
        BASELINE.apply(build())


@pytest.mark.parametrize("variant", [weight_decay(0.1), ema(0.9), train_size(0.5), BASELINE])
def test_changes_of_the_training_apply_to_one_that_a_builder_made(variant):
    model = build()
    weights = model.get_weights()
    changed = variant.apply(model, fresh=True)
    assert changed is model
    assert all(np.array_equal(a, b) for a, b in zip(changed.get_weights(), weights, strict=True))


@pytest.mark.parametrize("built", [True, False])
def test_penalties_apply_to_layers_that_are_named(built):
    variant = l2(0.1, layers=["one", "inside", "both"]) + max_norm(2, layers="one")
    changed = variant.apply(build(built=built), fresh=True)
    changed(np.ones((1, 5, 2)))
    kernels = [changed.one.kernel, changed.tower.dense.kernel]
    kernels += [changed.both.forward_layer.cell.kernel, changed.both.backward_layer.cell.kernel]
    expected = 0.1 * sum(float((kernel.numpy() ** 2).sum()) for kernel in kernels)
    np.testing.assert_allclose(float(sum(changed.losses)), expected, rtol=1e-5)
    assert changed.one.kernel.constraint.max_value == 2
    assert changed.out.kernel_regularizer is None


def test_what_needs_other_layers_says_which_variants_still_apply():
    for variant in (dropout(0.5), width(2)):
        with pytest.raises(
            NotApplicableError, match=r"the class Own.*label_smoothing, weight_decay, ema and train_size"
        ):
            variant.apply(build(), fresh=True)
    with pytest.raises(NotApplicableError, match=r"For other changes, give that function an option"):
        regularize(build(), l2(0.1, layers="one"))


def test_penalties_on_subclassed_models_need_names_of_layers():
    with pytest.raises(NotApplicableError, match=r"Expected `layers=` with names of layers for .*Name some of: one"):
        l2(0.1).apply(build(), fresh=True)
    with pytest.raises(InputError, match=r"No layer 'two'. Available: one, "):
        l2(0.1, layers="two").apply(build(), fresh=True)


def test_a_functional_subclass_with_a_constructor_of_its_own_counts_as_subclassed():
    class Sized(keras.Model):
        def __init__(self, size):
            x = keras.Input((size,))
            super().__init__(inputs=x, outputs=kl.Dense(1)(x))

    model = Sized(3)
    model.compile("sgd", "mse")
    with pytest.raises(NotApplicableError, match=r"the class Sized"):
        BASELINE.apply(model)
