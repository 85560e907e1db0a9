from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from regulab.errors import InputError, NotApplicableError
from regulab.models.keras_errors import keras_errors_as_input_errors, one_line


def message_of(error):
    with pytest.raises(InputError) as caught, keras_errors_as_input_errors("Building the model"):
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


@pytest.mark.parametrize("kind", [ValueError, TypeError, AttributeError, IndexError, KeyError])
def test_errors_of_keras_become_input_errors_with_their_cause(kind):
    message = message_of(kind("shapes do not fit"))
    assert message.startswith(f"Building the model failed. Received from Keras: {kind.__name__}: ")
    assert "shapes do not fit" in message
    assert message.endswith("Check that model, loss and data fit together, for example with model.fit on a few rows.")


def test_the_remedy_can_be_given():
    with (
        pytest.raises(InputError, match=r"Loading failed\. Received from Keras: ValueError: no\. Ask for it\.$"),
        keras_errors_as_input_errors("Loading", remedy="Ask for it."),
    ):
        raise ValueError("no")


def test_an_error_of_tensorflows_graph_keeps_its_message_alone():
    error = tf.errors.InvalidArgumentError(
        None,
        None,
        "Graph execution error:\n\nDetected at node mul defined at (most recent call last):\n"
        '  File "model.py", line 3, in call\n\nIncompatible shapes: [2] vs. [3]\n\t [[{{node mul}}]]\n'
        "\t [[gradient]] [Op:__inference_step_1]",
    )
    assert message_of(error).startswith(
        "Building the model failed. Received from Keras: InvalidArgumentError: Incompatible shapes: [2] vs. [3]. Check"
    )


def test_regulabs_own_errors_pass_through():
    refusal = NotApplicableError("Expected a model with hidden layers.")
    with pytest.raises(NotApplicableError) as caught, keras_errors_as_input_errors("Building the model"):
        raise refusal
    assert caught.value is refusal


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ZeroDivisionError])
def test_other_errors_pass_through(error):
    with pytest.raises(error), keras_errors_as_input_errors("Building the model"):
        raise error


def test_a_real_error_of_keras_fits_in_one_line():
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(InputError, match=r"expected axis -1.* value 3") as caught:  # noqa: SIM117
        with keras_errors_as_input_errors("Calling the layer"):
            layer(np.zeros((1, 4)))
    assert "\n" not in str(caught.value)
    assert "Arguments received" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("first\n  second.", "first second"),
        ("\x1b[1mbold\x1b[0m text", "bold text"),
        ("wrong shape.\n\nArguments received by Dense.call():\n  • inputs=...", "wrong shape"),
        ("", ""),
    ],
)
def test_a_message_is_put_into_one_line(text, line):
    assert one_line(ValueError(text)) == line


def test_a_long_message_is_cut():
    line = one_line(ValueError("x" * 1000))
    assert line == "x" * 400 + " …"
