"""TensorFlow without its start-up chatter."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


def import_tensorflow() -> None:
    """Import TensorFlow and Keras with standard error set aside; shown after all if the import fails.

    An environment variable silences most lines but not those written before logging is set up, so the
    file descriptor itself is turned away for the length of the import.

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
    kept = os.dup(2)
    failed = False
    imported = "tensorflow" in sys.modules
    with tempfile.TemporaryFile() as aside, nullcontext() if imported else _without_collections():
        os.dup2(aside.fileno(), 2)
        try:
            import keras  # noqa: F401
            import tensorflow as tf

            tf.constant(0)  # starts the runtime, which has its own lines to say
        except Exception:
            failed = True
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            if waiting:
                sys.stderr.write(f"\r{' ' * len(waiting)}\r")
            if failed:
                aside.seek(0)
                sys.stderr.write(aside.read().decode(errors="replace"))


@contextmanager
def _without_collections() -> Iterator[None]:
    """Leave garbage alone, and what is there in the end for good.

    An import makes hundreds of thousands of objects that stay. To look through them again and again, in vain, takes a
    fifth of its time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
