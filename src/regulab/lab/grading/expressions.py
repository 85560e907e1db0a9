"""The small language of the rules: Python's expressions, without anything that has effects, runs on or reaches out.

An expression reads facts, which are plain JSON values, and gives a plain value. `model.layers[0].units == 16`
walks into mappings with dots and into lists with brackets; a name or key that is not there gives None. There are
comparisons, `and`, `or`, `not`, `in`, `if ... else`, `+ - * / // %`, lists, comprehensions over lists, and the
functions of `functions.FUNCTIONS`. There are no other calls, no lambdas and no powers.

Every evaluation ends after `STEPS` steps, each of which is short: integers have at most 64 bits, and reading a value,
however it was put together, costs a step for each of its parts. So the server can evaluate the expressions of a session
that somebody else wrote.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from regulab.lab.grading.functions import FUNCTIONS, SHALLOW, shown
from regulab.lab.grading.grammar import BINARY, COMPARE, UNARY, ExpressionError, parse, wide

STEPS = 100_000
#: Levels of nested lists and mappings that are read; facts have half as many.
DEEPEST = 20


def evaluate(text: str, facts: Mapping[str, Any]) -> Any:
    """The value of an expression over facts.

    Args:
        text: The expression.
        facts: Plain JSON values by name.

    Raises:
        ExpressionError: If it cannot be read or evaluated, or takes too long.

    Example:
        >>> evaluate("[layer.units for layer in model.layers if layer.kind == 'Dense']",
        ...          {"model": {"layers": [{"kind": "Dense", "units": 16}, {"kind": "Dropout"}]}})
        [16]
        >>> evaluate("close(a, 0.1 + 0.2) and b is None", {"a": 0.3})
        True
    """
    try:
        return _Evaluation(facts)(parse(text))
    except ExpressionError:
        raise
    except Exception as error:
        raise ExpressionError(f"{type(error).__name__}: {error}") from None


class _Evaluation:
    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._names = dict(facts)
        self._left = STEPS

    def __call__(self, node: ast.expr) -> Any:
        self._charge(1)
        value = self._value(node)
        if wide(value):
            raise ExpressionError("a number beyond 64 bits")
        return value

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._names.get(node.id)
            case ast.Attribute():
                inside = self(node.value)
                return inside.get(node.attr) if isinstance(inside, dict) else None
            case ast.Subscript():
                return self._subscript(node)
            case ast.List() | ast.Tuple():
                return [self(element) for element in node.elts]
            case ast.IfExp():
                return self(node.body) if self(node.test) else self(node.orelse)
            case ast.BoolOp():
                return self._logic(node)
            case ast.UnaryOp():
                return UNARY[type(node.op)](self(node.operand))
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, [self(argument) for argument in node.args])
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node.elt, node.generators)
        raise ExpressionError(f"no {type(node).__name__} in a rule")

    def _charge(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise ExpressionError(f"takes more than {STEPS:,} steps")

    def _charge_parts(self, value: Any) -> None:
        """Charge for every part of a value, also for one that is in it several times."""
        self._charge(_size(value, self._left))

    def _call(self, name: str, values: list[Any]) -> Any:
        for value in values:
            if name in SHALLOW:
                self._charge(_length(value))
            else:
                self._charge_parts(value)
        return FUNCTIONS[name](*values)

    def _subscript(self, node: ast.Subscript) -> Any:
        inside = self(node.value)
        if inside is None:
            return None
        if isinstance(node.slice, ast.Slice):
            low, high = (None if end is None else self(end) for end in (node.slice.lower, node.slice.upper))
            part = inside[low:high]
            self._charge(_length(part))
            return part
        index = self(node.slice)
        if isinstance(inside, dict):
            return inside.get(index)
        return inside[index] if -len(inside) <= index < len(inside) else None

    def _logic(self, node: ast.BoolOp) -> Any:
        value: Any = None
        for operand in node.values:
            value = self(operand)
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _arithmetic(self, node: ast.BinOp) -> Any:
        left, right = self(node.left), self(node.right)
        # A list or a text times a number could fill the memory, and text % values formats.
        if not isinstance(node.op, ast.Add) and any(isinstance(side, (str, list)) for side in (left, right)):
            raise ExpressionError("only numbers can be multiplied, divided and subtracted")
        self._charge(_length(left) + _length(right))
        return BINARY[type(node.op)](left, right)

    def _comparison(self, node: ast.Compare) -> bool:
        left = self(node.left)
        for sign, right_node in zip(node.ops, node.comparators, strict=True):
            right = self(right_node)
            if not isinstance(sign, (ast.Is, ast.IsNot)):
                self._charge_parts(left)
                self._charge_parts(right)
            if not COMPARE[type(sign)](left, right):
                return False
            left = right
        return True

    def _comprehension(self, element: ast.expr, loops: list[ast.comprehension]) -> list[Any]:
        loop, *inner = loops
        parts = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        names = [part.id for part in parts if isinstance(part, ast.Name)]
        outside = {name: self._names[name] for name in names if name in self._names}
        results: list[Any] = []
        for value in self(loop.iter) or []:
            values = value if isinstance(loop.target, ast.Tuple) else [value]
            self._names.update(zip(names, values, strict=True))
            if all(self(test) for test in loop.ifs):
                results += self._comprehension(element, inner) if inner else [self(element)]
        for name in names:
            self._names.pop(name, None)
        self._names |= outside
        return results


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (list, str, dict)) else 0


def _size(value: Any, most: int, depth: int = DEEPEST) -> int:
    """How many parts a value has, on all levels; counting ends where there are more than `most`.

    Raises:
        ExpressionError: If the value is too deep.
    """
    size = _length(value)
    if isinstance(value, (list, dict)):
        if not depth:
            raise ExpressionError(f"more than {DEEPEST} levels of nested lists")
        for part in value.values() if isinstance(value, dict) else value:
            if size > most:
                break
            size += _size(part, most - size, depth - 1)
    return size


_BRACES = re.compile(r"\{([^{}]+)\}")


def fill(template: str, facts: Mapping[str, Any]) -> str:
    """A message with the values of its expressions, which stand in braces.

    Numbers are shown with four significant digits; an expression that cannot be evaluated, or whose value is too large
    to be shown, is shown as "?".

    Example:
        >>> fill("`model` has {len(model.layers)} layers, rate {rate}.", {"model": {"layers": [1, 2]}, "rate": 1 / 3})
        '`model` has 2 layers, rate 0.3333.'
    """

    def value(braces: re.Match[str]) -> str:
        try:
            result = evaluate(braces[1], facts)
            return shown(result) if _size(result, STEPS) <= STEPS else "?"
        except (ExpressionError, ValueError, RecursionError):
            # Facts are JSON, which has numbers longer than Python writes.
            return "?"

    return _BRACES.sub(value, template)


def expressions_in(template: str) -> list[str]:
    """The expressions of a message, which stand in braces."""
    return _BRACES.findall(template)


def unpaired(template: str) -> str:
    """The first brace of a message that no other one closes or opens, or empty.

    Example:
        >>> unpaired("`rate` is {rate.value"), unpaired("`rate` is {rate.value}.")
        ('{', '')
    """
    brace = re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", template))
    return brace[0] if brace else ""
