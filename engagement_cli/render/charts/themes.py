"""Themes of comments: how many comments are about each, as bars; a section a segment and period."""

from __future__ import annotations

from engagement_cli.records import replace
from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.data import plain
from engagement_cli.render.page import Block, Cell, Column, Line, Reduction
from engagement_cli.render.pages.sections import by_section, segment_titles
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.periods import period_name
from engagement_cli.render.sparkline import bar
from engagement_cli.render.text import plural, safe
from engagement_cli.results import Finished

_DROPPED = {"segments", "period", "all_comments"}
_BAR = 12  # what the score of a theme is says more than a longer bar


def _draw(finished: Finished) -> list[Block]:
    table = plain(finished.view.table)
    largest = max((share for share in table["share"].to_list() if share is not None), default=0)
    cells = [Cell(bar(share, largest, _BAR)) for share in table["share"].to_list()]
    grid = view_grid(finished, [(Column("bar", "share", right=False), cells)])
    # Most customers write one comment: their number goes before what they think.
    grid = replace(grid, reductions=(Reduction("customers"), *grid.reductions))
    titles = segment_titles(table["segments"].to_list())
    ends = table.select("period_start", "period_end").rows()
    periods = [period_name(start, end, finished.every) for start, end in ends]
    counts = [plural(count, "comment") for count in table["all_comments"].to_list()]
    named = [safe(" · ".join(parts)) for parts in zip(titles, periods, counts, strict=True)]
    if len(set(named)) == 1:
        return [Line(f"{periods[0]}, {counts[0]}", "dim"), by_section(grid, named, _DROPPED)]
    return [by_section(grid, named, _DROPPED)]


CHART = Chart(("theme", "share", "all_comments", "period_start", "period_end", "segments"), _draw)
