"""Adam's update of dense gradients as one fused operation of TensorFlow: equal to Keras's chain of them, and faster."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

from regulab.models.keras_internals import adam_moments

if TYPE_CHECKING:
    import keras


def fuse(optimizer: keras.optimizers.Optimizer) -> bool:
    """Replace the update step of a plain Adam or AdamW by `ResourceApplyAdam`; say whether that was possible.

    Both compute `w -= lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε)` (Kingma & Ba, 2015, section 2, last form). What
    Keras does around the step (clipping, weight decay, moving averages) stays with Keras, and so does the step where
    the gradient comes as rows, as an embedding's: Keras sums the squares of a token's rows, not the rows first.
    """
    import keras

    if type(optimizer) not in (keras.optimizers.Adam, keras.optimizers.AdamW) or optimizer.amsgrad:
        return False
    if optimizer.gradient_accumulation_steps:  # Keras then updates inside a branch and counts steps differently
        return False
    optimizer.update_step = MethodType(_fused_adam_step, optimizer)
    return True


def _fused_adam_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
    import tensorflow as tf

    if isinstance(gradient, tf.IndexedSlices):
        type(self).update_step(self, gradient, variable, learning_rate)
        return
    kind = variable.dtype
    step = tf.cast(self.iterations.value + 1, kind)
    beta_1, beta_2 = tf.constant(self.beta_1, kind), tf.constant(self.beta_2, kind)
    first_moment, second_moment = adam_moments(self, variable)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=first_moment.value.handle,
        v=second_moment.value.handle,
        beta1_power=tf.pow(beta_1, step),
        beta2_power=tf.pow(beta_2, step),
        lr=tf.cast(learning_rate, kind),
        beta1=beta_1,
        beta2=beta_2,
        epsilon=tf.constant(self.epsilon, kind),
        grad=tf.cast(gradient, kind),
    )
