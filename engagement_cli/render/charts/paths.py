"""Paths: how often each was taken, as bars of its share of the event that it starts from or leads to."""

from __future__ import annotations

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.page import Block, Cell, Column
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    cells = [Cell(bar(share, 1.0, BAR)) for share in finished.view.table["share"].to_list()]
    return [view_grid(finished, [(Column("bar", "of the event", right=False), cells)])]


CHART = Chart(("path", "share"), _draw)
