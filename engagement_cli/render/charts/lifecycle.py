"""Lifecycle: who is there in each interval, stacked to the right; who left, to the left of the line."""

from __future__ import annotations

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.page import Block, Cell, Column, Line
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR
from engagement_cli.results import Finished

# Different characters, so that the parts can be told apart without colours.
_PARTS = (("new", "█"), ("returning", "▓"), ("resurrected", "▒"))
_GONE = ("dormant", "░")


def _draw(finished: Finished) -> list[Block]:
    table = finished.view.table
    present = [[n or 0 for n in table[name].to_list()] for name, _ in _PARTS]
    gone = [n or 0 for n in table[_GONE[0]].to_list()]
    there = [sum(row) for row in zip(*present, strict=True)]
    scale = BAR / max(max(there, default=0), max(gone, default=0), 1)
    margin = max((round(n * scale) for n in gone), default=0)

    def stacked(row: int) -> str:
        # Ends are rounded rather than parts, so that the bar is as long as its sum.
        ends = [round(sum(part[row] for part in present[: i + 1]) * scale) for i in range(len(_PARTS))]
        starts = [0, *ends[:-1]]
        bars = [mark * (end - start) for (_, mark), start, end in zip(_PARTS, starts, ends, strict=True)]
        return f"{_GONE[1] * round(gone[row] * scale):>{margin}}│{''.join(bars)}"

    cells = [Cell(stacked(row)) for row in range(table.height)]
    title = " " * max(margin - len("left"), 0) + "left│there"
    marks = "   ".join(f"{mark} {name}" for name, mark in (*_PARTS, _GONE))
    return [view_grid(finished, [(Column("bar", title, right=False), cells)]), Line(marks, "dim")]


CHART = Chart(("new", "returning", "resurrected", "dormant"), _draw)
