"""`module:function` on the command line."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regulab.errors import InputError, RegulabError


def locate(name: str, *, option: str) -> Callable[[], Any]:
    """The function that `module:function` names, as one whose failures are told in a sentence.

    The module is looked for in the current folder first; `folder/file.py:function` works too.

    Raises:
        InputError: If there is no such module or function.
    """
    module_name, _, function_name = name.rpartition(":")
    if not module_name or not function_name:
        raise InputError(f"Expected {option} as module:function, such as models:build_model. Received: {name}.")
    module = _import(module_name, option)
    function = getattr(module, function_name, None)
    if not callable(function):
        known = sorted(
            key
            for key, value in vars(module).items()
            if callable(value) and getattr(value, "__module__", "") == module.__name__
        )
        raise InputError(f"No function '{function_name}' in {module_name}. Available: {', '.join(known) or 'none'}.")

    def call() -> Any:
        try:
            return function()
        except RegulabError:
            raise
        except Exception as error:
            raise InputError(f"{name} raised {_told(error)}") from error

    call.__name__ = name
    return call


def _import(module_name: str, option: str) -> Any:
    path = Path(module_name)
    folder, stem = (path.parent, path.stem) if path.suffix == ".py" else (Path(), module_name)
    sys.path.insert(0, str(folder.resolve()))
    try:
        return importlib.import_module(stem)
    except ModuleNotFoundError as error:
        if error.name is not None and (stem == error.name or stem.startswith(f"{error.name}.")):
            raise InputError(
                f"Cannot find the module of {option} {module_name}. "
                f"Looked in {folder.resolve()} and among installed packages."
            ) from None
        raise InputError(f"{module_name} needs the module {error.name}, which is not installed.") from error
    except Exception as error:
        raise InputError(f"Importing {module_name} raised {_told(error)}") from error


def _told(error: Exception) -> str:
    """The error and the line of the user's code that it came from, in one line."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message} ({frame.filename}, line {frame.lineno})"
