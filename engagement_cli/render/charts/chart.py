"""What a chart is: the columns that it cannot do without, and the blocks it draws in place of the plain table."""

from __future__ import annotations

from collections.abc import Callable

from engagement_cli.records import Record
from engagement_cli.render.page import Block, Line
from engagement_cli.results import Finished


class Chart(Record):
    """Drawn from a finished metric where the view's table has all columns in `needs`."""

    needs: tuple[str, ...]
    draw: Callable[[Finished], list[Block]]


def open_line(finished: Finished) -> list[Block]:
    """What the column `open` counts, where it counts anything."""
    table = finished.view.table
    there = "open" in table.columns and any(table["open"].to_list())
    return [Line("open: entered less than the window ago, whether there yet or not", "dim")] if there else []
