"""`module:function` on the command line."""

from __future__ import annotations

import importlib
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regulab.errors import InputError, RegulabError
from regulab.models.keras_errors import one_line


def locate(name: str, *, option: str) -> Callable[[], Any]:
    """The function that `module:function` names, as one whose failures are reported in a sentence.

    The module is looked for in the current folder first; `folder/file.py:function` works too.

    Raises:
        InputError: If there is no such module or function, or it cannot be called without arguments.
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
    _refuse_arguments(function, name, option)

    def call() -> Any:
        try:
            return function()
        except RegulabError:
            raise
        except (Exception, SystemExit) as error:
            raise InputError(f"{name} raised {_describe(error)}") from error

    call.__name__ = name
    return call


def _import(module_name: str, option: str) -> Any:
    path = Path(module_name)
    folder, stem = (path.parent, path.stem) if path.suffix == ".py" else (Path(), module_name)
    if path.suffix == ".py" and not path.is_file():
        raise InputError(f"Cannot find the file of {option} {module_name}. Looked for {path.resolve()}.")
    sys.path.insert(0, str(folder.resolve()))
    try:
        return _same_file(importlib.import_module(stem), path)
    except ModuleNotFoundError as error:
        if error.name is not None and (stem == error.name or stem.startswith(f"{error.name}.")):
            raise InputError(
                f"Cannot find the module of {option} {module_name}. "
                f"Looked in {folder.resolve()} and among installed packages."
            ) from None
        raise InputError(f"{module_name} needs the module {error.name}, which is not installed.") from error
    except RegulabError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"Importing {module_name} raised {_describe(error)}") from error


def _refuse_arguments(function: Callable[..., Any], name: str, option: str) -> None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return  # Written in another language, it need not say.
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind not in variable
    ]
    if needed:
        code = getattr(inspect.unwrap(function), "__code__", None)
        location = "" if code is None else f" ({code.co_filename}, line {code.co_firstlineno})"
        raise InputError(
            f"Expected {option} as a function that can be called without arguments. Received: {name}, which needs "
            f"{', '.join(needed)}{location}. Give them default values, or name a function that calls it."
        )


def _same_file(module: Any, path: Path) -> Any:
    file = getattr(module, "__file__", None)
    if path.suffix == ".py" and (file is None or not path.samefile(file)):
        raise InputError(
            f"Expected a file whose name is not that of another module. Received: {path}, "
            f"but {path.stem} is a module of Python or already loaded. Rename the file."
        )
    return module


def _describe(error: BaseException) -> str:
    """The error and the line of the user's code that it came from, in one line."""
    message = one_line(error)
    description = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{description}."  # it names file and line itself
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_installed(frame.filename)]
    frame = (own or list(frames))[-1]
    return f"{description} ({frame.filename}, line {frame.lineno})."


def _is_installed(file: str) -> bool:
    """Whether a file belongs to Python, a package or regulab, and not to the user's own code."""
    installed = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), str(Path(__file__).parents[1])]
    return file.startswith("<") or any(Path(file).is_relative_to(folder) for folder in installed)
