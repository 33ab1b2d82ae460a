"""Abandonment: the share who leave, as bars."""

from __future__ import annotations

from engagement_cli.render.charts.chart import BAR, Chart
from engagement_cli.render.page import Block, Cell, Column
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import bar
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    if "difference" in finished.view.columns:  # where values are compared, the numbers need the room
        return [view_grid(finished)]
    cells = [Cell(bar(share, 1.0, BAR)) for share in finished.view.table["abandonment"].to_list()]
    return [view_grid(finished, [(Column("bar", "leave", right=False), cells)])]


CHART = Chart(("abandonment",), _draw)
