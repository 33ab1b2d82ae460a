"""Breakdowns: which segment a row, or a customer at an instant, belongs to.

Event columns hold as of the event, subscription columns as of the period's start, columns of customers and of the
one-row-a-customer table as of the report's end, columns of the audience as of its row. Inside a bucket a segment is a
small code into a list of labels; across buckets it is the label's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.records import Record
from engagement_cli.settings.model import Settings

PROFILES = "profiles"  # the one-row-a-customer table, as a source
AUDIENCE = "audience"  # rows of nobody: their columns divide what is measured of them alone
_ORDER = ("customers", "subscriptions", "events", PROFILES, AUDIENCE)


class SegmentColumn(Record):
    """Where a segment's value comes from; `cut` gives rising bounds that turn numbers into ranges."""

    name: str
    source: str
    column: str
    cut: tuple[float, ...] | None = None


Segments = Mapping[str, SegmentColumn]


def find_segment(name: str, settings: Settings, columns: Mapping[str, AbstractSet[str]]) -> SegmentColumn:
    """The source and column behind a segment: a configured one, or directly a column of an export.

    `columns` are the usable names by source; a column that several have is the customers', else the subscriptions',
    else the events', else the customer table's, else the audience's. Raises `UserError` for a name that is neither.
    """
    entry = settings.segments.get(name)
    if entry is not None and entry.column is None:  # a rule is a column of the customer table under its own name
        return SegmentColumn(name, PROFILES, name)
    wanted = entry.column if entry is not None and entry.column is not None else name
    prefix, _, rest = wanted.partition(".")
    pairs = [*((source, wanted) for source in _ORDER), (prefix, rest)]  # a column's own name may hold a dot
    candidates = [(s, column) for s, column in pairs if s in _ORDER and column in columns.get(s, set())]
    if not candidates:
        known = set(settings.segments) | {c for s in _ORDER for c in columns.get(s, set())}
        raise UserError(
            f"no segment or column {wanted!r} in the exports", where=f"by: {name}", hint=did_you_mean(name, known)
        )
    return SegmentColumn(name, *candidates[0], entry.cut if entry is not None else None)
