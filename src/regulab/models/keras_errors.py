"""Failures of a user's model inside Keras, reported in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from regulab.errors import InputError, RegulabError

_LONGEST = 400
# What TensorFlow says of its graph, and Keras of the arguments of a call.
_NOISE = tuple(
    re.compile(pattern, re.MULTILINE | re.DOTALL)
    for pattern in (
        r"\AGraph execution error:",
        r"^Detected at node [^\n]*$",
        r'^ *File "[^\n]*$',
        r"\n\t \[\[\{\{node .*",
        r"\{\{function_node [^}]*\}\} ?",
        r"Arguments received by .*",
    )
)
_REMEDY = "Check that model, loss and data fit together, for example with model.fit on a few rows."


@contextmanager
def keras_errors_as_input_errors(act: str, *, remedy: str = _REMEDY) -> Iterator[None]:
    r"""Raise what Keras or TensorFlow raises in the block as an `InputError`, with the original as its cause.

    Args:
        act: What was being done, as the subject of the sentence.
        remedy: What to do about it, in one sentence.

    Example:
        >>> with keras_errors_as_input_errors("Building the model"):
        ...     raise ValueError("shapes\n do not fit")
        Traceback (most recent call last):
        ...
        regulab.errors.InputError: Building the model failed. Received from Keras: ValueError: shapes do not fit. ...
    """
    import tensorflow as tf

    try:
        yield
    except RegulabError:
        raise
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, tf.errors.OpError) as error:
        raise InputError(
            f"{act} failed. Received from Keras: {type(error).__name__}: {one_line(error)}. {remedy}"
        ) from error


def one_line(error: BaseException) -> str:
    r"""An error's message without line breaks, codes for bold letters and the graph's trace.

    Example:
        >>> one_line(ValueError("first\nsecond."))
        'first second'
    """
    text = re.sub(r"\x1b\[\d*m", "", str(getattr(error, "message", None) or error))
    for noise in _NOISE:
        text = noise.sub("", text)
    text = " ".join(text.split())
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …").rstrip(".")
