"""Churn: the share lost in each period as bars, which compare over all segments; a section a segment."""

from __future__ import annotations

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.page import Block, Cell, Column
from engagement_cli.render.pages.sections import by_section, segment_titles
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.render.text import safe
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    table = finished.view.table
    rates = table["churn_rate"].to_list()
    complete = [rate for rate, whole in zip(rates, table["complete"].to_list(), strict=True) if rate and whole]
    cells = [Cell(bar(rate, max(complete, default=0), BAR // 2)) for rate in rates]
    grid = view_grid(finished, [(Column("bar", "churn", right=False), cells)])
    titles = [safe(title) for title in segment_titles(table["segments"].to_list())]
    return [by_section(grid, titles, {"segments"})]


CHART = Chart(("churn_rate", "complete", "segments"), _draw)
