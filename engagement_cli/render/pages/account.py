"""What every page says about its data: the dates above, the waterfall and the warnings below."""

from __future__ import annotations

from engagement_cli.render.numbers import MINUS
from engagement_cli.render.page import Line
from engagement_cli.render.periods import moment
from engagement_cli.render.text import plural, safe
from engagement_cli.results import Answer, Waterfall


def dates(answer: Answer, customers: int | None = None) -> Line:
    """Up to when the data goes, and how much of it there is, on one line."""
    parts = [f"Data through {moment(answer.through)}"] if answer.through else ["Data without dates"]
    parts += [f"as of {moment(answer.as_of)}"] if answer.as_of else []
    parts += [plural(customers, "customer")] if customers is not None else []
    parts += [f"{plural(answer.waterfalls[0].used, 'row')} used"] if answer.waterfalls else []
    return Line(" · ".join(parts))


def _waterfall(waterfall: Waterfall) -> str:
    """`events: 1,204 rows read − 12 unparseable − 180 internal = 1,012 used`, without the terms that are 0."""
    lost = {
        "unparseable": waterfall.unparseable,
        **{f"excluded as {name}": count for name, count in waterfall.excluded.items()},
        "duplicate": waterfall.duplicate,
        "outside the range": waterfall.outside,
    }
    terms = [f"{plural(waterfall.read, 'row')} read", *(f"{count:,} {name}" for name, count in lost.items() if count)]
    unknown = f" ({waterfall.without_customer:,} without a customer)" if waterfall.without_customer else ""
    return safe(f"{waterfall.source}: {f' {MINUS} '.join(terms)} = {waterfall.used:,} used{unknown}")


def below(answer: Answer) -> list[Line]:
    """The waterfall of each source on a line, then the warnings."""
    rows = [Line(_waterfall(waterfall), "dim") for waterfall in answer.waterfalls]
    return [*rows, *(Line(f"Warning: {safe(warning)}", "yellow", talk=True) for warning in answer.warnings)]
