"""TensorFlow's warnings about what a study does on purpose, silenced."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_retracing_warnings() -> Iterator[None]:
    """Drop TensorFlow's advice not to trace so often: each pass of a study is traced once, on purpose."""

    def wanted(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(wanted)
    try:
        yield
    finally:
        logger.removeFilter(wanted)
