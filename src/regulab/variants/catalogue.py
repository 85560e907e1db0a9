"""The variants by name: those of the course, and how people write one on a command line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from regulab.errors import InputError
from regulab.variants.capacity import depth, width
from regulab.variants.noise import dropout, gaussian_noise
from regulab.variants.optimization import ema, label_smoothing, weight_decay
from regulab.variants.penalties import l1, l1_l2, l2, max_norm
from regulab.variants.sample import train_size
from regulab.variants.variant import BASELINE, Variant

#: The course's variants of its baseline, in its order.
COURSE: Mapping[str, Variant] = MappingProxyType(
    {variant.name: variant for variant in (width(1 / 4), width(32), l2(0.001), dropout(0.5), l2(0.001) + dropout(0.5))}
)

#: For each kind that can be written what makes it; a plain name stands for the strengths that it makes by default.
KINDS: Mapping[str, Callable[..., Variant]] = MappingProxyType(
    {
        make.__name__: make
        for make in (
            width,
            depth,
            l1,
            l2,
            l1_l2,
            max_norm,
            dropout,
            gaussian_noise,
            label_smoothing,
            weight_decay,
            ema,
            train_size,
        )
    }
)

_NAMED: Mapping[str, Variant] = MappingProxyType(
    {variant.name: variant for variant in (width(1 / 4), width(32), depth(1), depth(-1))}
)

_NONE = "none"


def known_names() -> tuple[str, ...]:
    """The names that `parse` knows, without strengths and combinations."""
    return (*_NAMED, *KINDS)


def parse(text: str) -> Variant:
    """The variant that a text names, such as `"l2"`, `"width(1/4)"` or `"dropout(0.3)+l2(0.001)"`.

    A plain name stands for its usual strength. With a strength, the name is the text's label.

    Raises:
        InputError: If the text names no variant, or a strength is out of range.

    Example:
        >>> parse("dropout(0.3)+l2").name, parse("dropout(0.3)+l2").label
        ('dropout(0.3)+l2', 'dropout(0.3)+l2(0.001)')
    """
    first, *others = [_parse_one(part.strip(), text) for part in _split(text, "+")]
    for other in others:
        first = first + other
    return first


def parse_list(text: str) -> tuple[Variant, ...]:
    """The variants that a text names, separated by commas; none for `none`.

    `baseline` is left out, as it is always trained.

    Raises:
        InputError: If a part names no variant, the text is empty, or `none` is not by itself.

    Example:
        >>> [variant.name for variant in parse_list("baseline,l2,l1_l2(0.001,0.001)")]
        ['l2', 'l1_l2(0.001, 0.001)']
    """
    if not text.strip():
        raise InputError(f"Expected names of variants, separated by commas. {_available()}")
    parts = [part.strip() for part in _split(text, ",")]
    if _NONE in parts and len(parts) > 1:
        raise InputError(
            f"Expected '{_NONE}' by itself, to train the baseline alone. Received: '{text}'. "
            f"Leave out '{_NONE}' or the others."
        )
    if parts == [_NONE]:
        return ()
    return tuple(parse(part) for part in parts if part != BASELINE.name)


def _split(text: str, mark: str) -> list[str]:
    """The parts of a text between marks, not counting marks inside parentheses."""
    parts, nested = [""], 0
    for letter in text:
        nested += {"(": 1, ")": -1}.get(letter, 0)
        if letter == mark and nested == 0:
            parts.append("")
        else:
            parts[-1] += letter
        if nested < 0:
            break
    if nested:
        missing, unmatched = ("a closing", "opening") if nested > 0 else ("an opening", "closing")
        raise InputError(
            f"Expected {missing} parenthesis for every {unmatched} one. Received: '{text}'. Write for example l2(0.01)."
        )
    return parts


def _parse_one(part: str, text: str) -> Variant:
    if part in _NAMED:
        return _NAMED[part]
    match = re.fullmatch(r"(\w+)\s*(?:\((.*)\))?", part)
    name = match.group(1) if match else part
    if match is None or name not in KINDS:
        if name in _NAMED:
            kind = "depth" if name in {"deeper", "shallower"} else "width"
            raise InputError(f"Expected '{name}' without a strength. Received: '{part}'. Use {kind}(...) for another.")
        where = "" if part == text.strip() else f" in '{text}'"
        raise InputError(f"No variant '{part}'{where}. {_meant(name)}{_available()}")
    make = KINDS[name]
    usual = make()
    if match.group(2) is None:
        return usual.named(name)
    strengths = [_number(item.strip(), part) for item in match.group(2).split(",")]
    (change,) = usual.changes
    expected = len(change.strengths)
    if len(strengths) != expected:
        count = f"{expected} strength{'s' if expected > 1 else ''}"
        raise InputError(f"Expected '{name}' with {count}. Received: '{part}'. Write for example '{usual.label}'.")
    variant = make(*strengths)
    return variant.named(variant.label)


def _number(item: str, part: str) -> Any:
    """A number as written: `0.5`, `1e-3`, `-1` or `1/4`."""
    try:
        if "/" in item:
            above, below = item.split("/")
            return float(above) / float(below)
        return int(item) if re.fullmatch(r"[+-]?\d+", item) else float(item)
    except (ValueError, ZeroDivisionError):
        raise InputError(
            f"Expected a number as a strength. Received: '{item}' in '{part}'. Write for example 0.001, 1e-3 or 1/4."
        ) from None


def _meant(name: str) -> str:
    near = get_close_matches(name.lower(), (*known_names(), BASELINE.name, _NONE), n=1)
    # A known name that is not taken here is no slip.
    return f"Did you mean '{near[0]}'? " if near and near[0] != name else ""


def _available() -> str:
    return (
        f"Available: {', '.join(known_names())}; with a strength as in l2(0.01), "
        "and combined with + as in l2(0.01)+dropout(0.5)."
    )


def unique(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """The variants with names that differ: where names are equal, labels take their place.

    Raises:
        InputError: If two are still equal, or one has the name of the baseline.

    Example:
        >>> [variant.name for variant in unique([l2(0.001), l2(0.01), dropout(0.5)])]
        ['l2(0.001)', 'l2(0.01)', 'dropout']
    """
    times = Counter(variant.name for variant in variants)
    named = tuple(variant.named(variant.label) if times[variant.name] > 1 else variant for variant in variants)
    for name, count in Counter(variant.name for variant in named).items():
        if name == BASELINE.name:
            raise InputError(
                f"Expected variants with names other than '{name}', which is always trained. "
                f"Received: a variant named '{name}'. Leave it out, or give it another name with .named(...)."
            )
        if count > 1:
            raise InputError(
                f"Expected variants that differ. Received: '{name}' {count} times. "
                "Leave the others out, or give them names with .named(...)."
            )
    return named
