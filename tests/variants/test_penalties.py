from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.variants import l1, l1_l2, l2, max_norm


def test_the_penalty_has_the_size_that_its_description_says(dense):
    changed = l1_l2(0.1, 0.01).apply(dense)
    kernel = changed.get_layer("one").kernel.numpy()
    np.testing.assert_allclose(changed.losses[0], 0.1 * np.abs(kernel).sum() + 0.01 * (kernel**2).sum(), rtol=1e-5)


def test_l1_and_l2_add_up_to_both(dense):
    penalty = (l1(0.1) + l2(0.01)).apply(dense).get_layer("one").kernel_regularizer
    assert (penalty.l1, penalty.l2) == (pytest.approx(0.1), pytest.approx(0.01))


def test_a_part_replaces_the_same_part_of_the_layers_own_penalty():
    own = kl.Dense(2, name="one", kernel_regularizer=keras.regularizers.L1L2(0.5, 0.5), bias_regularizer="l2")
    model = keras.Sequential([keras.Input((3,)), own, kl.Dense(1)])
    model.compile("sgd", "mse")
    changed = l2(0.25).apply(model).get_layer("one")
    assert changed.kernel_regularizer.get_config() == {"l1": 0.5, "l2": 0.25}
    assert changed.bias_regularizer is not None


def test_another_kind_of_penalty_is_replaced():
    own = kl.Dense(2, name="one", kernel_regularizer=keras.regularizers.OrthogonalRegularizer())
    model = keras.Sequential([keras.Input((3,)), own, kl.Dense(1)])
    model.compile("sgd", "mse")
    assert l2(0.25).apply(model).get_layer("one").kernel_regularizer.get_config() == {"l2": 0.25}


def test_recurrent_and_bias_weights_are_left_alone(models):
    layer = l2(0.1).apply(models["lstm"]).get_layer("one")
    assert layer.kernel_regularizer is not None
    assert layer.recurrent_regularizer is None
    assert layer.bias_regularizer is None


def test_every_kernel_of_every_kind_of_layer_is_reached():
    x = keras.Input((8, 8, 2))
    y = kl.DepthwiseConv2D(2, name="depthwise")(kl.SeparableConv2D(3, 2, name="separable")(x))
    y = kl.Bidirectional(kl.GRU(2), name="both")(kl.Reshape((36, 3))(y))
    model = keras.Model(x, kl.Dense(1)(y))
    model.compile("sgd", "mse")
    changed = l2(0.1).apply(model)
    penalized = {weight.path for weight in changed.trainable_weights if weight.regularizer is not None}
    assert {path.split("/")[0] for path in penalized} == {"depthwise", "separable", "both"}
    assert len(penalized) == len(changed.losses) == 5


def test_the_output_layer_can_be_chosen_by_name(dense):
    changed = l2(0.1, layers=["out"]).apply(dense)
    assert [layer.kernel_regularizer is not None for layer in changed.layers] == [False, False, True]


def test_a_layer_without_kernel_is_refused(models):
    with pytest.raises(NotApplicableError, match=r"Received: 'pool' of the class MaxPooling2D"):
        l2(0.1, layers="pool").apply(models["conv"])


def test_max_norm_bounds_the_weights_into_each_unit(models):
    changed = max_norm(2).apply(models["lstm"])
    assert changed.get_layer("words").embeddings_constraint.axis == 1
    constraint = changed.get_layer("one").cell.kernel.constraint
    kernel = np.asarray(constraint(np.full((4, 3), 5.0, "float32")))
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), 2, rtol=1e-5)


@pytest.mark.parametrize("strength", [0, -0.1, float("nan"), float("inf"), False, "strong", None])
@pytest.mark.parametrize("make", [l1, l2, max_norm])
def test_a_useless_strength_is_refused(make, strength):
    with pytest.raises(InputError, match=r"above 0. Received: "):
        make(strength)
    for parts in ((strength, 0.1), (0.1, strength)):
        with pytest.raises(InputError, match=r"Expected `l[12]` above 0. Received: "):
            l1_l2(*parts)


def test_names_labels_and_descriptions():
    both = l1(0.1) + l2(0.01, layers=["one", 2])
    assert both.name == "l1+l2"
    assert both.label == "l1(0.1)+l2(0.01, layers=one|2)"
    assert both.describe() == (
        "adds 0.1 times the sum of the absolute weights of each hidden layer to the loss, "
        "and adds 0.01 times the sum of the squared weights of the layers one, 2 to the loss"
    )
    assert max_norm(3).describe() == "keeps the norm of the weights into each unit of each hidden layer at or below 3"
