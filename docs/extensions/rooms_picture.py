"""Draw the rooms and their imports: `python docs/extensions/rooms_picture.py > rooms.svg`.

docs/architecture.md shows the picture; every build of the documentation draws it anew.
"""

from __future__ import annotations

import sys
from functools import cache
from html import escape
from itertools import pairwise

from rooms import floors, rooms, rules

BOX_WIDTH, BOX_HEIGHT, GAP, FLOOR = 132, 44, 26, 92
MARGIN = 8
#: The width of an arrow that passes a floor, in boxes.
PASSING = 0.3


def direct(imports: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    """The imports that no longer way implies: `a → c` is left out where `a → b → c` exists.

    Example:
        >>> direct({("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 4})
        [('a', 'b'), ('b', 'c')]
    """
    below: dict[str, set[str]] = {}
    for importer, imported in imports:
        below.setdefault(importer, set()).add(imported)

    @cache
    def reached(room: str) -> frozenset[str]:
        nearest = below.get(room, set())
        return frozenset(nearest).union(*(reached(other) for other in nearest))

    return sorted(
        (importer, imported)
        for importer, imported in imports
        if not any(imported in reached(other) for other in below[importer] - {imported})
    )


def levels(names: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """How high each room stands: one above the highest room that it imports.

    Example:
        >>> levels(["a", "b", "c"], [("a", "b"), ("b", "c")])
        {'a': 2, 'b': 1, 'c': 0}
    """
    below = {name: [imported for importer, imported in edges if importer == name] for name in names}

    @cache
    def level(name: str) -> int:
        return 1 + max(map(level, below[name]), default=-1)

    return {name: level(name) for name in names}


def layout(names: list[str], edges: list[tuple[str, str]]) -> tuple[dict[str, tuple[float, int]], list[list[str]]]:
    """Place the rooms, and lead each arrow past the rooms of the floors that it crosses.

    Where an arrow crosses a floor, it gets a point there, which is placed like a room (Sugiyama, Tagawa and Toda,
    1981). A floor is sorted by the mean place of what its members are connected to, going up and down in turns.

    Returns:
        The place of each room and point, as (slot, level), and each arrow as the names that it goes through.
    """
    height = levels(names, edges)
    rows: list[list[str]] = [[name for name in names if height[name] == row] for row in range(max(height.values()) + 1)]
    paths = []
    for importer, imported in edges:
        points = [f"{importer}>{imported}@{row}" for row in range(height[importer] - 1, height[imported], -1)]
        for point in points:
            rows[int(point.rpartition("@")[2])].append(point)
        paths.append([importer, *points, imported])
    neighbours: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for path in paths:
        for upper, lower in pairwise(path):
            neighbours[upper].append(lower)
            neighbours[lower].append(upper)
    width = max(map(_width, rows))
    slot: dict[str, float] = {}
    for row in rows:
        _spread(row, width, slot)
    for sweep in range(24):
        for row in rows if sweep % 2 else reversed(rows):
            row.sort(key=lambda name: sum(slot[other] for other in neighbours[name]) / max(1, len(neighbours[name])))
            _spread(row, width, slot)
    return {name: (slot[name], row) for row, members in enumerate(rows) for name in members}, paths


def _width(row: list[str]) -> float:
    return sum(PASSING if "@" in name else 1.0 for name in row)


def _spread(row: list[str], width: float, slot: dict[str, float]) -> None:
    """Give the members of a floor equal gaps over the whole width."""
    gap = (width - _width(row)) / (len(row) + 1)
    at = 0.0
    for name in row:
        size = PASSING if "@" in name else 1.0
        slot[name] = at + gap + size / 2
        at += gap + size


def svg() -> str:
    """The picture, in colours that follow the page's theme."""
    shown = rooms()
    names = sorted(shown.modules, key=[room for floor in floors() for room in floor].index)
    edges = direct(shown.imports)
    places, paths = layout(names, edges)
    unit = BOX_WIDTH + GAP
    top = max(level for _, level in places.values())
    x = {name: MARGIN + slot * unit for name, (slot, _) in places.items()}
    y = {name: MARGIN + BOX_HEIGHT / 2 + (top - level) * FLOOR for name, (_, level) in places.items()}
    width = max(x[name] for name in names) + BOX_WIDTH / 2 + MARGIN
    height = max(y.values()) + BOX_HEIGHT / 2 + MARGIN
    left = min(x[name] for name in names) - BOX_WIDTH / 2 - MARGIN
    sentences = {rule.room: rule.sentence for rule in rules()}
    lines = [
        f'<svg class="rooms" role="img" viewBox="{left:.0f} 0 {width - left:.0f} {height:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg" aria-label="{escape(_in_words(edges))}">',
        "<defs><marker id='rooms-tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' "
        "orient='auto'><path d='M0 0L8 4L0 8z' class='rooms-tip'/></marker></defs>",
    ]
    for path in paths:
        title = f"{path[0]} imports {path[-1]} ({shown.imports[path[0], path[-1]]}×)"
        lines.append(
            f'<path class="rooms-import" d="{_curve(path, x, y)}" marker-end="url(#rooms-tip)">'
            f"<title>{escape(title)}</title></path>"
        )
    for name in names:
        count = shown.modules[name]
        note = f"{count} modules" if count > 1 else "1 module"
        lines.append(
            f'<g><title>{escape(sentences.get(name, name))}</title><rect class="rooms-room" '
            f'x="{x[name] - BOX_WIDTH / 2:.1f}" y="{y[name] - BOX_HEIGHT / 2:.1f}" width="{BOX_WIDTH}" '
            f'height="{BOX_HEIGHT}" rx="6"/><text class="rooms-name" x="{x[name]:.1f}" y="{y[name] - 3:.1f}">'
            f'{name}</text><text class="rooms-note" x="{x[name]:.1f}" y="{y[name] + 13:.1f}">{note}</text></g>'
        )
    return "\n".join([*lines, "</svg>"])


def _curve(path: list[str], x: dict[str, float], y: dict[str, float]) -> str:
    """A smooth line from the lower edge of one box to the upper edge of another, past the points between."""
    points = [(x[name], y[name]) for name in path]
    points[0] = (points[0][0], points[0][1] + BOX_HEIGHT / 2)
    points[-1] = (points[-1][0], points[-1][1] - BOX_HEIGHT / 2 - 2)
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        parts.append(f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)


def _in_words(edges: list[tuple[str, str]]) -> str:
    by_importer: dict[str, list[str]] = {}
    for importer, imported in edges:
        by_importer.setdefault(importer, []).append(imported)
    return "; ".join(f"{importer} imports {', '.join(imported)}" for importer, imported in by_importer.items())


if __name__ == "__main__":
    sys.stdout.write(f"{svg()}\n")
