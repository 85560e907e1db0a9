from __future__ import annotations

import pytest

from regulab.errors import InputError
from regulab.lab.authoring.markdown_blocks import blocks, closed_fences, fences


def directives(text: str) -> list[tuple[tuple[str, str] | None, int, int]]:
    return [(fence.directive, fence.start, fence.end) for fence in fences(text)]


def test_a_longer_fence_holds_shorter_ones() -> None:
    [fence] = fences("````{hint} Where?\n```python\nx = 1\n```\n````\n")
    assert fence.content == "```python\nx = 1\n```\n"


def test_code_is_a_fence_without_a_directive() -> None:
    [fence] = fences("~~~python\n```{hint}\n~~~\n")
    assert (fence.directive, fence.info) == (None, "python")


def test_a_title_may_have_backticks_in_it() -> None:
    assert directives("```{hint} Why `x`?\nBecause.\n```") == [(("hint", "Why `x`?"), 0, 3)]


def test_colons_fence_directives_and_nothing_else() -> None:
    assert directives(":::{hint} A\nB\n:::\n") == [(("hint", "A"), 0, 3)]
    assert directives("::: note\n```{verify}\n```\n:::\n") == [(("verify", ""), 1, 3)]


def test_a_directive_in_a_list_is_found() -> None:
    assert directives("- first\n\n  ```{hint}\n  In the cell.\n  ```\n") == [(("hint", ""), 2, 5)]


def test_a_fence_directly_below_a_paragraph_ends_it() -> None:
    assert [block.kind for block in blocks("Words\n```\ncode\n```\n")] == ["paragraph", "fence"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Words.\n\n```{hint}\nB\n", 3, "{hint} to be closed by ```. Received: the end of the file."),
        ("~~~\nB", 1, "the code to be closed by ~~~. Received: the end of the file."),
        ("- ```\n\nB", 1, "the code to be closed by ```. Received: the end of the block around it."),
    ],
)
def test_a_fence_that_is_not_closed_is_reported_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        list(closed_fences(text, "a.md"))
    assert str(caught.value) == f"a.md, line {line}: Expected {message}"


def test_a_fence_is_closed_without_a_line_break_at_the_end_of_the_file() -> None:
    [fence] = fences("```\nx\n```")
    assert (fence.closed, fence.content) == (True, "x\n")
