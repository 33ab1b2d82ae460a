"""Numbers with their intervals drawn on a scale, period by period; a section a segment."""

from __future__ import annotations

import math

from engagement_cli.render.page import Block, Cell, Column, Line
from engagement_cli.render.pages.sections import by_section, segment_titles
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.text import safe
from engagement_cli.results import Finished

_WIDTH = 11  # odd, so that the middle of the scale has a character


def span(value: float | None, low: float | None, high: float | None, scale: tuple[float, float]) -> str:
    """A number (●) and its interval (─) on a scale whose middle is marked (┊); without a number, nothing."""
    if value is None or not math.isfinite(value):
        return ""
    least, most = scale

    def place(number: float) -> int:
        return round((min(max(number, least), most) - least) / (most - least) * (_WIDTH - 1))

    marks = [" "] * _WIDTH
    marks[_WIDTH // 2] = "┊"
    if low is not None and high is not None:
        begin, end = place(low), place(high)
        marks[begin : end + 1] = ["─"] * (end - begin + 1)
    marks[place(value)] = "●"
    return "".join(marks).rstrip()


def span_blocks(finished: Finished, measure: str, scale: tuple[float, float], title: str) -> list[Block]:
    """The view's table with each row's span at its end, under the scale as its title."""
    table = finished.view.table
    numbers = table.select(measure, "ci_low", "ci_high").rows()
    cells = [Cell(span(value, low, high, scale)) for value, low, high in numbers]
    grid = view_grid(finished, [(Column("span", title, right=False), cells)])
    titles = [safe(title) for title in segment_titles(table["segments"].to_list())]
    blocks: list[Block] = [by_section(grid, titles, {"segments"})]
    if any("─" in cell.text for cell in cells):
        blocks.append(Line("● value   ─ 95 % interval   ┊ middle of the scale", "dim"))
    return blocks
