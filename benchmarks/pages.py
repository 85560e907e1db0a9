"""What a benchmark found, between the marks that a page of docs/ holds for it."""

from __future__ import annotations

from regulab.errors import InputError


def between(page: str, text: str, *, marks: tuple[str, str]) -> str:
    r"""The page with the text between its marks, whatever stood there before.

    Raises:
        InputError: If the page lacks a mark.

    Example:
        >>> between("a\n<!-- b -->\nold\n<!-- end -->\nc", "new", marks=("<!-- b -->", "<!-- end -->"))
        'a\n<!-- b -->\n\nnew\n\n<!-- end -->\nc'
    """
    start, end = marks
    before, opened, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise InputError(
            f"Expected the marks {start} and {end} in the page. Received: a page without them. "
            "Put them where the text is to stand."
        )
    return f"{before}{start}\n\n{text}\n\n{end}{after}"
