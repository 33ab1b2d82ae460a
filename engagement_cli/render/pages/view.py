"""One view in full: what it means, its table or its chart, the totals."""

from __future__ import annotations

from engagement_cli.render.charts import CHARTS
from engagement_cli.render.documents import ViewPage
from engagement_cli.render.marks import legend
from engagement_cli.render.page import Block, Line, Page, marked_in, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.totals import total_blocks
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.text import safe
from engagement_cli.results import Finished


def _blocks(name: str, finished: Finished) -> list[Block]:
    chart = CHARTS.get(name)
    table = finished.view.table
    if table.is_empty():
        return [Line("No rows.")]
    if chart and set(chart.needs) <= set(table.columns):
        return chart.draw(finished)
    return [view_grid(finished)]


def view_page(page: ViewPage) -> Page:
    """The page of a view."""
    finished, answer = page.finished, page.answer
    # A view of options alone is called as on the command line.
    title = page.name.capitalize() if finished.label == page.name else finished.label
    top: list[Block] = [Line(safe(title), heading=1), *notes([safe(finished.view.semantics)]), dates(answer)]
    blocks = [*_blocks(page.name, finished), *total_blocks(finished.view)]
    return (*top, *blocks, *notes([legend(marked_in(blocks))]), *below(answer))
