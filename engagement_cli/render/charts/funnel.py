"""A funnel: the table of its steps, and how many customers are left as bars."""

from __future__ import annotations

import polars as pl

from engagement_cli.render.charts.chart import Chart, open_line
from engagement_cli.render.page import Block, Cell, Column
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    table = finished.view.table
    # A segment's bars are shares of its own first step, so that segments of any size compare.
    customers = pl.col("customers")
    largest = table.select(customers.max().over("segments")).to_series().to_list()
    cells = [Cell(bar(n, most or 0, BAR)) for n, most in zip(table["customers"].to_list(), largest, strict=True)]
    return [view_grid(finished, [(Column("bar", "left", right=False), cells)]), *open_line(finished)]


CHART = Chart(("customers", "segments"), _draw)
