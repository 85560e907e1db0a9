"""The small language of the rules: Python's expressions, without anything that acts, loops on or reaches out.

An expression reads facts, which are plain JSON values, and gives a plain value. `model.layers[0].units == 16`
walks into mappings with dots and into lists with brackets; a name or key that is not there gives None. There are
comparisons, `and`, `or`, `not`, `in`, `if ... else`, `+ - * / // %`, lists, comprehensions over lists, and the
functions of `FUNCTIONS`. There are no other calls, no lambdas and no powers, and every evaluation ends after `STEPS`
steps: the expressions of a session that somebody else wrote can be evaluated in the server itself.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

STEPS = 100_000
LONGEST = 2_000


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated."""


def _close(a: Any, b: Any, tolerance: float = 1e-6) -> bool:
    """Whether two numbers, or two lists of numbers, agree within a relative or absolute tolerance."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    numbers = (int, float)
    if not isinstance(a, numbers) or not isinstance(b, numbers):
        return False
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


def _shifted(rows: list[Any], ids: list[Any]) -> int | None:
    """By how much most columns of the rows differ from the ids, or None where it is not by the same number.

    The first and the last ids may have been cut off or have come round to the other end.
    """
    found = dict.fromkeys((0, *range(-9, 0), *range(1, 10)), 0)
    for row, own in zip(rows, ids, strict=False):
        for shift in found:
            found[shift] += len(set(row) & {value + shift for value in own})
    best = max(found, key=found.__getitem__)
    return best if found[best] >= 0.9 * sum(len(own) for own in ids) else None


def _texts(values: list[Any]) -> str:
    return ", ".join(_shown(value) for value in values)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "argmin": lambda values: min(range(len(values)), key=values.__getitem__),
    "ceil": math.ceil,
    "close": _close,
    "len": len,
    "listed": _texts,
    "max": max,
    "min": min,
    "round": round,
    "shifted": _shifted,
    "sorted": sorted,
    "sum": sum,
    "unique": lambda values: sorted(set(values)),
    "zip": lambda *lists: [list(row) for row in zip(*lists, strict=False)],
}

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def parse(text: str) -> ast.expr:
    """Read an expression, and refuse what the language does not have.

    Raises:
        ExpressionError: If it is no expression, too long, or uses something else.

    Example:
        >>> parse("__import__('os').system('true')")
        Traceback (most recent call last):
        ...
        regulab.lab.expressions.ExpressionError: no function '__import__('os').system'; available: abs, all, ...
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST:,} characters")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"not an expression: {getattr(error, 'msg', error)}") from None
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
                raise ExpressionError(f"no function '{ast.unparse(node.func)}'; available: {', '.join(FUNCTIONS)}")
            if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
                raise ExpressionError("functions take plain arguments only")
        elif isinstance(node, ast.BinOp) and type(node.op) not in _BINARY:
            raise ExpressionError(f"no operator '{type(node.op).__name__}'")
        elif isinstance(node, ast.expr) and not isinstance(node, _ALLOWED):
            raise ExpressionError(f"no {type(node).__name__} in a rule")
    return body


_ALLOWED = (
    ast.Attribute,
    ast.BinOp,
    ast.BoolOp,
    ast.Call,
    ast.Compare,
    ast.Constant,
    ast.GeneratorExp,
    ast.IfExp,
    ast.List,
    ast.ListComp,
    ast.Name,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.UnaryOp,
)


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
        self._steps = 0

    def __call__(self, node: ast.expr) -> Any:
        self._charge()
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
                return [self(each) for each in node.elts]
            case ast.IfExp():
                return self(node.body) if self(node.test) else self(node.orelse)
            case ast.BoolOp():
                return self._logic(node)
            case ast.UnaryOp():
                value = self(node.operand)
                if isinstance(node.op, ast.Not):
                    return not value
                return -value if isinstance(node.op, ast.USub) else +value
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call(func=ast.Name(id=name)):
                values = [self(each) for each in node.args]
                self._charge(*values)
                return FUNCTIONS[name](*values)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node.elt, node.generators)
        raise ExpressionError(f"no {type(node).__name__} in a rule")

    def _charge(self, *values: Any) -> None:
        """Count a step, and one more for each element that is about to be gone through."""
        self._steps += 1
        for value in values:
            if isinstance(value, (list, str)):
                self._steps += len(value)
            if isinstance(value, list):
                self._steps += sum(len(each) for each in value if isinstance(each, (list, str)))
        if self._steps > STEPS:
            raise ExpressionError(f"takes more than {STEPS:,} steps")

    def _subscript(self, node: ast.Subscript) -> Any:
        inside = self(node.value)
        if inside is None:
            return None
        if isinstance(node.slice, ast.Slice):
            low, high = (None if end is None else self(end) for end in (node.slice.lower, node.slice.upper))
            found = inside[low:high]
            self._charge(found)
            return found
        index = self(node.slice)
        if isinstance(inside, dict):
            return inside.get(index)
        return inside[index] if -len(inside) <= index < len(inside) else None

    def _logic(self, node: ast.BoolOp) -> Any:
        value: Any = None
        for each in node.values:
            value = self(each)
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _arithmetic(self, node: ast.BinOp) -> Any:
        left, right = self(node.left), self(node.right)
        # A list or a text times a number could fill the memory, and text % values formats.
        if not isinstance(node.op, ast.Add) and any(isinstance(each, (str, list)) for each in (left, right)):
            raise ExpressionError("only numbers can be multiplied, divided and subtracted")
        self._charge(left, right)
        return _BINARY[type(node.op)](left, right)

    def _comparison(self, node: ast.Compare) -> bool:
        left = self(node.left)
        for sign, right_node in zip(node.ops, node.comparators, strict=True):
            right = self(right_node)
            self._charge(left, right)
            if not _COMPARE[type(sign)](left, right):
                return False
            left = right
        return True

    def _comprehension(self, element: ast.expr, loops: list[ast.comprehension]) -> list[Any]:
        loop, *inner = loops
        names = [loop.target] if isinstance(loop.target, ast.Name) else list(getattr(loop.target, "elts", []))
        found: list[Any] = []
        outside = dict(self._names)
        for value in self(loop.iter) or []:
            values = [value] if isinstance(loop.target, ast.Name) else value
            for name, part in zip(names, values, strict=True):
                self._names[getattr(name, "id", "")] = part
            if all(self(test) for test in loop.ifs):
                found += self._comprehension(element, inner) if inner else [self(element)]
        self._names = outside
        return found


_BRACES = re.compile(r"\{([^{}]+)\}")


def fill(template: str, facts: Mapping[str, Any]) -> str:
    """A message with the values of its expressions, which stand in braces.

    Numbers are shown with four significant digits; an expression that cannot be evaluated is shown as "?".

    Example:
        >>> fill("`model` has {len(model.layers)} layers, rate {rate}.", {"model": {"layers": [1, 2]}, "rate": 1 / 3})
        '`model` has 2 layers, rate 0.3333.'
    """

    def value(found: re.Match[str]) -> str:
        try:
            return _shown(evaluate(found[1], facts))
        except ExpressionError:
            return "?"

    return _BRACES.sub(value, template)


def check_template(template: str) -> None:
    """Refuse a message with an expression that cannot be read.

    Raises:
        ExpressionError: If there is one.
    """
    for text in _BRACES.findall(template):
        parse(text)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return "(" + ", ".join(_shown(each) for each in value) + ("," if len(value) == 1 else "") + ")"
    return str(value)[:300]
