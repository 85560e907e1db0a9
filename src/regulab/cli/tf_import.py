"""TensorFlow without what it prints when it starts."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


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
    imported = "tensorflow" in sys.modules
    with tempfile.TemporaryFile() as diverted, nullcontext() if imported else _without_garbage_collection():
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


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Leave garbage alone while something large is imported, and afterwards what the import created.

    An import creates hundreds of thousands of objects that stay. Looking through them again and again takes a fifth of
    its time: `import_tensorflow()` takes 3.7 s of processor time with this and 4.5 s without (medians of 7, in turn).
    `python benchmarks/speed --only start` times studies from this import on.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
