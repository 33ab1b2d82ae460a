"""Stickiness: customers by the number of intervals in which they were active, as bars."""

from __future__ import annotations

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.page import Block, Cell, Column
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    exactly = finished.view.table["customers_exactly"].to_list()
    largest = max((n for n in exactly if n is not None), default=0)
    cells = [Cell(bar(n, largest, BAR)) for n in exactly]
    return [view_grid(finished, [(Column("bar", "exactly", right=False), cells)])]


CHART = Chart(("customers_exactly",), _draw)
