"""A grid made to fit a width: the least important is given up first, and said."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from engagement_cli.records import Record
from engagement_cli.render.page import Grid, Layouts, Section

GAP = 2
_NARROWEST = 8
_PARTS = 6


class Fitted(Record):
    """Which columns are left, how wide their numbers and units are, and words on what was given up."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    units: tuple[int, ...]  # width of the unit part within each, with its space
    given_up: str = ""


def _natural(grid: Grid) -> tuple[list[int], list[int]]:
    """Of each column, the width that holds every cell, and the part of it that holds the units."""
    rows = [row for section in grid.sections for row in section.rows]
    units = [max((cell_len(row[i].unit) for row in rows), default=0) for i in range(len(grid.columns))]
    units = [u + 1 if u else 0 for u in units]
    texts = [max((cell_len(row[i].text) for row in rows), default=0) for i in range(len(grid.columns))]
    titles = [max(cell_len(line) for line in c.title.split("\n")) for c in grid.columns]
    return [max(title, text + unit) for title, text, unit in zip(titles, texts, units, strict=True)], units


def _total(widths: Sequence[int]) -> int:
    shown = [w for w in widths if w]
    return sum(shown) + GAP * max(len(shown) - 1, 0)


def _words(grid: Grid, natural: list[int], widths: list[int], width: int) -> str:
    names = [c.title.replace("\n", " ").strip() or c.key for c in grid.columns]
    hidden = [name for name, w in zip(names, widths, strict=True) if not w]
    shorter = [
        name for name, c, n, w in zip(names, grid.columns, natural, widths, strict=True) if 0 < w < n and not c.wraps
    ]
    parts = [f"left out {', '.join(hidden)}"] if hidden else []
    parts += [f"shortened {', '.join(shorter)}"] if shorter else []
    return f"To fit {width} columns: {'; '.join(parts)} (--format csv has everything)" if parts else ""


def _reduced(grid: Grid, natural: Sequence[int], width: int) -> list[int]:
    """The widths after as few of the grid's reductions as needed; what fits again beside a later one comes back, and
    what was shortened has the room that is left."""
    places = {column.key: i for i, column in enumerate(grid.columns)}
    widths = list(natural)
    done: list[tuple[int, int]] = []
    for reduction in grid.reductions:
        if _total(widths) <= width:
            break
        place = places.get(reduction.column)
        if place is not None and reduction.width < widths[place]:
            done.append((place, widths[place]))
            widths[place] = reduction.width
    for place, before in reversed(done):
        room = width - _total(widths)
        if widths[place]:
            widths[place] = min(before, widths[place] + max(room, 0))
        else:
            restored = [*widths[:place], before, *widths[place + 1 :]]
            widths = restored if _total(restored) <= width else widths
    return widths


def fit(grid: Grid, width: int) -> Fitted:
    """The grid's columns for a width in terminal cells.

    Gives up what the grid's reductions name, in their order; then shortens the widest texts, never a number.
    """
    natural, units = _natural(grid)
    widths = _reduced(grid, natural, width)
    while (over := _total(widths) - width) > 0:
        texts = [i for i, column in enumerate(grid.columns) if not column.right and widths[i] > _NARROWEST]
        if not texts:
            break
        widest = max(texts, key=lambda i: widths[i])
        widths[widest] = max(_NARROWEST, widths[widest] - over)
    left = tuple(i for i, w in enumerate(widths) if w)
    return Fitted(
        left, tuple(widths[i] for i in left), tuple(units[i] for i in left), _words(grid, natural, widths, width)
    )


def arranged(layouts: Layouts, width: int) -> list[Grid]:
    """The first layout that fits a width whole; else the one that fits in the fewest parts, each with its leading
    columns; else, where these would be too many, the one of which most is left."""
    richest, *bare = (grid.without_empty_columns() for grid in (layouts.richest, *layouts.grids))
    fitted = [fit(grid, width) for grid in bare]
    for grid in (richest, *bare):
        if not fit(grid, width).given_up:
            return [grid]
    split = [_parts(grid, keys, width) for grid, keys in zip(bare, layouts.keys, strict=True)]
    fewest = min(split, key=lambda parts: (len(parts), sum(len(s.rows) for part in parts for s in part.sections)))
    if len(fewest) <= _PARTS:
        return fewest
    return [max(zip(bare, fitted, strict=True), key=lambda pair: len(pair[1].columns) / len(pair[0].columns))[0]]


def _parts(grid: Grid, keys: int, width: int) -> list[Grid]:
    """The grid's columns on as few grids as hold them, in order; the first `keys` columns stand on each."""
    natural, _ = _natural(grid)
    found: list[list[int]] = [[]]
    for place in range(keys, len(grid.columns)):
        if found[-1] and _total([*natural[:keys], *(natural[i] for i in found[-1]), natural[place]]) > width:
            found.append([])
        found[-1].append(place)
    return [_with_columns(grid, [*range(keys), *places]) for places in found]


def _with_columns(grid: Grid, places: Sequence[int]) -> Grid:
    sections = (Section(s.title, tuple(tuple(row[i] for i in places) for row in s.rows)) for s in grid.sections)
    return Grid(tuple(grid.columns[i] for i in places), tuple(sections), grid.reductions)
