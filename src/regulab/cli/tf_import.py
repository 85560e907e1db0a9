"""TensorFlow without what it prints when it starts."""

from __future__ import annotations

import os
import sys
import tempfile


def import_tensorflow() -> None:
    """Import TensorFlow and Keras with standard error diverted, which is shown after all if the import fails.

    An environment variable silences most lines but not those written before logging is set up, so the
    file descriptor itself is redirected during the import.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
        InputError: If Keras is told to run on another backend.
    """
    from regulab.errors import InputError, require

    require("tensorflow", extra="cpu", purpose="Training")
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":  # its import might fail for want of the other backend
        raise InputError(f"Expected Keras to run on TensorFlow. Received: KERAS_BACKEND={backend}. Unset it.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    waiting = "Starting TensorFlow" if sys.stderr.isatty() else ""
    sys.stderr.write(waiting)
    sys.stderr.flush()
    standard_error = os.dup(2)
    failed = False
    with tempfile.TemporaryFile() as diverted:
        os.dup2(diverted.fileno(), 2)
        try:
            import keras  # noqa: F401
            import tensorflow as tf

            tf.constant(0)  # starts the runtime, which has its own lines to say
        except Exception:
            failed = True
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)
            if waiting:
                sys.stderr.write(f"\r{' ' * len(waiting)}\r")
            if failed:
                diverted.seek(0)
                sys.stderr.write(diverted.read().decode(errors="replace"))
