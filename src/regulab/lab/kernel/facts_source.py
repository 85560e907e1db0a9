"""What the learner's cells say about a training: which arrays were handed to `fit`.

A History does not know what it was trained on, so this is read from the text of the cells. It is evidence for a
message and nothing else: a wrapper that gets its arrays as arguments is not followed.
"""

from __future__ import annotations

import ast
from typing import Any


def fits_behind(name: str, cells: list[Any]) -> list[dict[str, str | None]]:
    """The calls of `fit` in the last cell that assigned a name, and in the functions that this assignment calls.

    Args:
        name: Variable that holds the History.
        cells: Texts of the cells that were run, oldest first.

    Returns:
        For each call the names behind `x`, `y` and the features and labels of `validation_data`, or None where
        another expression stands there.

    Example:
        >>> fits_behind("h", ["h = model.fit(x_train, y_train, validation_data=(x_val, y_val))"])
        [{'x': 'x_train', 'y': 'y_train', 'validation_x': 'x_val', 'validation_y': 'y_val'}]
    """
    trees = [tree for cell in cells if (tree := _parsed(cell)) is not None]
    for tree in reversed(trees):
        values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and _assigns(node, name)]
        if values:
            return _fits(values[-1], _functions(trees))
    return []


def _parsed(cell: Any) -> ast.Module | None:
    try:
        return ast.parse(cell) if type(cell) is str else None
    except (SyntaxError, ValueError, RecursionError):  # magics, half-written cells
        return None


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _functions(trees: list[ast.Module]) -> dict[str, ast.FunctionDef]:
    return {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _fits(value: ast.AST, functions: dict[str, ast.FunctionDef]) -> list[dict[str, str | None]]:
    calls, pending, seen = [], [value], set[str]()
    while pending:
        part = pending.pop()
        for call in ast.walk(part):
            if not isinstance(call, ast.Call):
                continue
            if isinstance(call.func, ast.Attribute) and call.func.attr == "fit":
                calls.append(_arguments(call))
            elif isinstance(call.func, ast.Name) and call.func.id in functions and call.func.id not in seen:
                seen.add(call.func.id)
                pending.append(functions[call.func.id])
    return calls


def _arguments(call: ast.Call) -> dict[str, str | None]:
    given = dict(zip(("x", "y"), call.args, strict=False)) | {
        keyword.arg: keyword.value for keyword in call.keywords if keyword.arg
    }
    pair = given.get("validation_data")
    parts = pair.elts if isinstance(pair, (ast.Tuple, ast.List)) else []
    named = {"x": given.get("x"), "y": given.get("y")} | dict(
        zip(("validation_x", "validation_y"), parts, strict=False)
    )
    return {key: _name(named.get(key)) for key in ("x", "y", "validation_x", "validation_y")}


def _name(node: ast.AST | None) -> str | None:
    while isinstance(node, ast.Subscript):  # x_test[:100] is still x_test
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
