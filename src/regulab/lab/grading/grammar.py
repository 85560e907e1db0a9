"""The grammar of the rules' language: a subset of Python's expressions, with the same meaning."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from regulab.lab.grading.functions import FUNCTIONS

#: Characters of an expression at most.
LONGEST = 2_000
#: Integers are as wide as those of an array: computing with wider ones takes longer.
WIDEST = 1 << 63


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated."""


BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
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
UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def parse(text: str) -> ast.expr:
    """Read an expression, and refuse what is not part of the language.

    Raises:
        ExpressionError: If it is no expression, too long, or uses something else.

    Example:
        >>> parse("__import__('os').system('true')")
        Traceback (most recent call last):
        ...
        regulab.lab.grading.grammar.ExpressionError: no function '__import__('os').system'; available: abs, all, ...
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST:,} characters")
    try:
        body = ast.parse(text.strip(), mode="eval").body
        refusals = (refusal for node in ast.walk(body) if (refusal := _refusal(node)))
        refused = next(refusals, None)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"not an expression: {getattr(error, 'msg', error)}") from None
    if refused:
        raise ExpressionError(refused)
    return body


def facts_of(body: ast.expr) -> list[tuple[str, str]]:
    """The facts that an expression reads directly from variables: variable and fact, in order.

    Example:
        >>> facts_of(parse("[part.rate for part in model.layers if limit.value]"))
        [('limit', 'value'), ('model', 'layers')]
    """
    read = set(variables(body))
    nodes = (node for node in ast.walk(body) if isinstance(node, ast.Attribute))
    owned = ((node.value, node.attr) for node in nodes)
    return sorted({(owner.id, fact) for owner, fact in owned if isinstance(owner, ast.Name) and owner.id in read})


def variables(body: ast.expr) -> list[str]:
    """The variables that an expression reads, each once.

    Example:
        >>> variables(parse("all(a > b.value for a in c.values)"))
        ['b', 'c']
    """
    names = [node for node in ast.walk(body) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    return sorted({node.id for node in names if id(node) not in called} - own)


def wide(value: Any) -> bool:
    """Whether a value is an integer beyond 64 bits."""
    return isinstance(value, int) and not -WIDEST <= value < WIDEST


def _refusal(node: ast.AST) -> str | None:
    """Why a part of an expression is refused; None if the language has it."""
    match node:
        case ast.Call():
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
                return f"no function '{ast.unparse(node.func)}'; available: {', '.join(FUNCTIONS)}"
            plain = not node.keywords and not any(isinstance(argument, ast.Starred) for argument in node.args)
            return None if plain else "functions take plain arguments only"
        case ast.Constant():
            if not isinstance(node.value, (str, int, float, type(None))):
                return f"no {type(node.value).__name__} in a rule"
            return "a number beyond 64 bits" if wide(node.value) else None
        case ast.BinOp():
            return None if type(node.op) in BINARY else f"no operator '{type(node.op).__name__}'"
        case ast.UnaryOp():
            return None if type(node.op) in UNARY else f"no operator '{type(node.op).__name__}'"
        case ast.Slice():
            return "no steps in slices" if node.step else None
        case ast.Tuple():
            return "no commas in slices" if any(isinstance(element, ast.Slice) for element in node.elts) else None
        case ast.comprehension():
            named = isinstance(node.target, ast.Name) or (
                isinstance(node.target, ast.Tuple) and all(isinstance(name, ast.Name) for name in node.target.elts)
            )
            return None if named and not node.is_async else "only plain names after `for`"
        case ast.expr():
            return None if isinstance(node, _OTHERS) else f"no {type(node).__name__} in a rule"
    return None


_OTHERS = (
    ast.Attribute,
    ast.BoolOp,
    ast.Compare,
    ast.GeneratorExp,
    ast.IfExp,
    ast.List,
    ast.ListComp,
    ast.Name,
    ast.Subscript,
)
