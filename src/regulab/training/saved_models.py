"""Saving trained models: each file whole or not at all, and a full disk told from a model that Keras cannot write."""

from __future__ import annotations

import errno
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from regulab.atomic import replacing
from regulab.histories.run_folder import RunFolder
from regulab.models.keras_errors import one_line
from regulab.training.folder_claim import FULL, causing_os_error

if TYPE_CHECKING:
    import keras

# Of a disk, rather than of a file that a model itself reads while it is saved.
_DISK_FAILS = FULL | {errno.EIO, errno.EROFS}


def save_models(models: Mapping[tuple[str, int], keras.Model], run: RunFolder) -> list[Path]:
    """Save the models that can be saved, each replaced as a whole.

    Warns of a model with parts that Keras cannot write, which must not cost the run its results.

    Returns:
        The files of those that were saved.

    Raises:
        OSError: If the disk is full or fails, or the folder is gone.
    """
    run.models_folder.mkdir(exist_ok=True)
    saved = []
    for (variant, seed), model in models.items():
        file = run.model_file(variant, seed)
        before = sys.exception()
        try:
            with replacing(file) as draft:
                # Without its variables, Keras would warn of a damaged optimizer at every load.
                model.optimizer.build(model.trainable_variables)
                model.save(draft)
            saved.append(file)
        except Exception as error:
            cause = causing_os_error(error, before)
            if not run.models_folder.is_dir() or (cause is not None and _is_of_the_disk(cause, draft)):
                raise
            # Of an earlier attempt, which this one was to replace.
            file.unlink(missing_ok=True)
            warnings.warn(
                f"Cannot save the model of {variant}, seed {seed}: {one_line(error)}. The results are kept.",
                stacklevel=2,
            )
    return saved


def _is_of_the_disk(error: OSError, draft: Path) -> bool:
    """Whether the disk or the folder refused the file, which says nothing of the model."""
    refused = isinstance(error, PermissionError) and error.filename == str(draft)
    return refused or error.errno in _DISK_FAILS
