"""Facts as they are read: a heading a part, a line a fact; lines wrap, nothing is cut."""

from __future__ import annotations

from engagement_cli.render.documents import Facts
from engagement_cli.render.numbers import quantity
from engagement_cli.render.page import Block, Code, Line, Page
from engagement_cli.render.pages.account import dates
from engagement_cli.render.text import safe


def _fact(item: str | None, number: float | None, unit: str | None, text: str | None) -> list[Block]:
    """A fact on a line of its own; a text of several lines stands below, as it is."""
    if text is not None and "\n" in text:
        lines = Code(tuple(safe(line) for line in text.splitlines()))
        return [Line(safe(f"{item}:")), lines] if item else [lines]
    said = [quantity(number, unit or "number", signed=False).text] if number is not None else []
    value = ", ".join([*said, *([text] if text else [])])
    return [Line(safe(f"{item}: {value}".strip() if item else value))]


def facts_page(document: Facts) -> Page:
    """The page of facts: the title, the dates where there is data, the parts."""
    answer = document.answer
    blocks: list[Block] = [Line(safe(document.title), heading=1), *([dates(answer)] if answer else [])]
    part = None
    for row in document.table.iter_rows(named=True):
        if row["part"] != part:
            part = row["part"]
            blocks.append(Line(safe(part), heading=2))
        blocks += _fact(row["item"], row["number"], row["unit"], row["text"])
    return tuple(blocks)
