"""Reading `.npz` archives without unpickling, with errors for people."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from regulab.errors import InputError


def keys(path: Path) -> list[str]:
    """The names of the arrays in an archive, nothing else read.

    Raises:
        InputError: If the file does not exist or is not a complete `.npz` archive.
    """
    if not path.exists():
        raise InputError(f"Expected an .npz file. Received: {path}, which does not exist.")
    if not path.is_file():
        raise InputError(f"Expected an .npz file. Received: {path}, which is not a file.")
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except (zipfile.BadZipFile, EOFError) as error:
        raise InputError(
            f"Expected a complete .npz archive (numpy.savez). Received: {path}, which is truncated or of another kind."
        ) from error
    except OSError as error:
        raise InputError(f"Expected a readable .npz file. Received: {path}: {error.strerror or error}.") from error


def read(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an archive; what would need unpickling is refused.

    Raises:
        InputError: If the file is missing, truncated, of another kind, or holds pickled objects.
    """
    names = keys(path)
    arrays: dict[str, np.ndarray] = {}
    name = ""
    try:
        with np.load(path, allow_pickle=False) as archive:
            for name in names:
                array: object = archive[name]
                if not isinstance(array, np.ndarray):  # numpy hands out any other member of the zip file as bytes
                    raise InputError(f"Expected .npy arrays in {path}. Received: '{name}', which is something else.")
                arrays[name] = array
    except InputError:
        raise
    except ValueError as error:
        if "pickle" in str(error):
            raise InputError(
                f"Expected plain arrays in {path}. Received: '{name}', an object array, which would have to be "
                "unpickled and could run code. Save rows of unequal length as one flat array and its offsets."
            ) from error
        raise InputError(f"Expected plain arrays in {path}. Received: '{name}', which is damaged: {error}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, RuntimeError) as error:
        raise InputError(f"Expected a complete .npz archive. Received: {path}, damaged at '{name}'.") from error
    return arrays
