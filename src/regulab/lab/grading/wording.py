"""What learners are told about a judgement: the only place with these sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulab.lab.grading.judgements import (
    AllRulesHold,
    Judgement,
    NoAnswer,
    NotFacts,
    NotFinite,
    NothingAssigned,
    RuleBroken,
    RuleFailed,
    SomeUnassigned,
    WrongKind,
)
from regulab.lab.grading.rules import Message

#: Kinds of values, in words.
KIND_WORDS: Mapping[str, str] = {
    "array": "an array",
    "axes": "Matplotlib axes",
    "function": "a function",
    "history": "what `fit` returned (a History)",
    "list": "a list",
    "model": "a Keras model",
    "nothing": "None",
    "number": "a number",
    "other": "something else",
    "placeholder": "still `...`",
    "results": "regulab's results",
    "sparse": "a sparse matrix",
    "table": "a dict",
    "text": "a string",
    "truth": "True or False",
}


def message_for(judgement: Judgement) -> Message:
    """The message for a judgement: the author's own where a rule speaks, regulab's otherwise.

    Example:
        >>> str(message_for(Judgement("half", NotFinite("rate")))).split(".")[0]
        '`rate` is NaN, infinite or beyond 64 bits'
    """
    match judgement.reason:
        case AllRulesHold(praise):
            return praise
        case RuleBroken(message):
            return message
        case NothingAssigned(asked):
            return Message(
                seen=f"There is no {_quoted(asked, 'or')} in the notebook yet.",
                next="Fill in this task's cell, run it with Shift+Enter, then check again.",
            )
        case SomeUnassigned(missing, asked):
            return Message(
                seen=f"{_quoted(missing, 'and')} {'is' if len(missing) == 1 else 'are'} not there yet.",
                why=f"The task asks for {_quoted(asked, 'and')}.",
                next="Did the cell run to its end? After an error, the rest of a cell is skipped.",
            )
        case WrongKind() as wrong:
            return Message(
                seen=f"`{wrong.name}` is {KIND_WORDS.get(wrong.kind, wrong.kind)} (type {wrong.type}).",
                why=f"Expected {' or '.join(KIND_WORDS[kind] for kind in wrong.expected)}.",
                next=_remedy(wrong),
            )
        case NotFinite(name):
            return Message(
                seen=f"`{name}` is NaN, infinite or beyond 64 bits.",
                why="Dividing by zero gives such numbers, and so does a training that diverged.",
                next="Look at the values on the line that assigns it.",
            )
        case NoAnswer(name):
            return _could_not_check(f"`{name}` could not be read from the kernel")
        case NotFacts(name):
            return _could_not_check(f"the kernel's answer about `{name}` makes no sense")
        case RuleFailed(file, line, error):
            return _could_not_check(f"rule in {file}, line {line}: {error}")


def _remedy(wrong: WrongKind) -> str:
    match wrong.expected, wrong.kind:
        case ("history",), "model":
            return f"Keep what `fit` returns: `{wrong.name} = model.fit(...)`."
        case ("history",), "table":
            return "Keep the object that `fit` returns, without `.history` after it."
        case ("number",), "list":
            return "A list has several numbers. Pick one by its index, as in `values[0]`."
        case expected, "nothing" if "axes" in expected:
            return "Does the function end with `return ax`?"
    return "Look at the line that assigns it."


def _could_not_check(problem: str) -> Message:
    return Message(
        seen=f"This check could not run: {problem}.",
        next="Run your cells again, then check again. If that does not help, restart the kernel and run all cells.",
    )


def _quoted(names: Sequence[str], conjunction: str) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} {conjunction} {last}" if first else last
