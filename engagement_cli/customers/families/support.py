"""Support tickets: how many, how many still open and past their limit, and how that compares."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

import polars as pl

from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import count_by_customer, history, nothing
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.native.tickets import ticket_counts
from engagement_cli.settings.model import Settings
from engagement_cli.settings.profile import Tickets
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import report_end

_RECENT = timedelta(days=90)
_OF_TICKETS = ("tickets_resolved", "tickets_open", "tickets_overdue")


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Tickets of the last 90 days, and those open at the report's end."""
    tickets = settings.profile.tickets
    lacks = None if _has_key(settings, known) else f"no column {tickets.key!r} in the events export"
    hours = f"{tickets.limit.total_seconds() / 3600:g} hours"
    return {
        "tickets": Column(COUNT, "count", f"tickets opened in the last {_RECENT.days} days"),
        "tickets_percentile": Column(NUMBER, "number", "share of all customers with fewer of them, ties half, × 100"),
        "tickets_resolved": Column(COUNT, "count", "tickets ever resolved", lacks),
        "tickets_open": Column(COUNT, "count", "tickets opened and not resolved by the report's end", lacks),
        "tickets_overdue": Column(COUNT, "count", f"of these, open for over {hours}", lacks),
    }


def _has_key(settings: Settings, known: Known) -> bool:
    return settings.profile.tickets.key in known.get("events", ())


def lacking(settings: Settings, known: Known) -> str | None:
    """Tickets are events."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _opened(tickets: Tickets) -> Selection:
    return Selection(events=tickets.opened)


def _resolved(tickets: Tickets) -> Selection:
    return Selection(events=tickets.resolved)


def needs(settings: Settings, known: Known) -> Needs:
    """Events that open and resolve tickets, with the ticket's id where there is one."""
    tickets = settings.profile.tickets
    return Needs(
        optional=(_opened(tickets), _resolved(tickets)),
        things=(tickets.key,) if _has_key(settings, known) else (),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Counts; null where no ticket is ever opened in the export."""
    tickets, end = bucket.settings.profile.tickets, report_end(bucket.clock)
    opened = bucket.select(bucket.rows, _opened(tickets)).within(end - bucket.clock.ticks(_RECENT), end)
    found: dict[str, Values] = {"tickets": count_by_customer(bucket, opened.customer)}
    if tickets.key in bucket.valued.things:
        found |= _by_ticket(bucket, tickets, end)
    if not bucket.mask(_opened(tickets)).any():
        return dict(nothing(bucket, found))
    return found


def _by_ticket(bucket: Bucket, tickets: Tickets, end: int) -> dict[str, Values]:
    """Each ticket of a customer from its first opening to the first resolution after it."""
    opens, resolves = (bucket.mask(selection) for selection in (_opened(tickets), _resolved(tickets)))
    either = Selection(events=tuple(dict.fromkeys((*tickets.opened, *tickets.resolved))))
    rows = history(bucket, either, valued=True).with_thing(tickets.key)
    late = end - bucket.clock.ticks(tickets.limit)
    columns = (rows.customer, rows.time, rows.kind, rows.things[tickets.key])
    return dict(zip(_OF_TICKETS, ticket_counts(columns, opens, resolves, late, bucket.customers), strict=True))


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """Numbers of recent tickets."""
    return {"tickets": distribution(table["tickets"].drop_nulls().to_numpy())}


def finish(table: Piece, scene: Scene) -> Makers:
    """The percentile among all customers."""
    return {"tickets_percentile": lambda: _percentile(table, scene)}


def _percentile(table: Piece, scene: Scene) -> pl.Series:
    if table["tickets"].null_count() == table.height:
        return table.nothing(pl.Float64())
    return pl.Series(scaled(table["tickets"].to_numpy(), scene.among["tickets"], "percentile"))
