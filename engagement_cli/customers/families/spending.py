"""What customers bought: orders, days of purchase, revenue net of refunds."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np

from engagement_cli.customers.family import COUNT, DATE, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import (
    count_by_customer,
    history,
    local_date,
    moments_of,
    nothing,
    spread,
)
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals, over
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.amounts import ORDER
from engagement_cli.native.distinct import distinct_in_runs
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.activity import DAY
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.rows import NO_NUMBER, Rows
from engagement_cli.timeline.weights import report_end


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Orders and money of the whole history."""
    money = settings.currency or "number"
    return {
        "orders": Column(COUNT, "count", "different order ids of purchases to date; without order ids, purchases"),
        "purchase_days": Column(COUNT, "count", "days with a purchase to date"),
        "first_purchase": Column(DATE, None, "day of the first purchase"),
        "last_purchase": Column(DATE, None, "day of the last purchase"),
        "days_since_purchase": Column(NUMBER, "days", "days from the last purchase to the report's end"),
        "revenue": Column(NUMBER, money, "purchases less refunds, to date"),
        "average_order_value": Column(NUMBER, money, "purchases ÷ orders, before refunds"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Purchases have a value."""
    if "events" not in known:
        return no_export("events")
    return None if "value" in known["events"] else "no column 'value' in the events export"


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _purchases(settings: Settings) -> Selection:
    return Selection(events=settings.profile.purchases)


def _refunds(settings: Settings) -> Selection:
    return Selection(events=settings.profile.refunds)


def needs(settings: Settings, known: Known) -> Needs:
    """Purchases and refunds with their values and order ids."""
    return Needs(
        optional=(_purchases(settings), _refunds(settings)),
        numbers=("value",),
        things=(ORDER,),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Money in millionths, instants in ticks; all null where nobody in the export buys."""
    bought = history(bucket, _purchases(bucket.settings))
    paid, back = (_valued(bucket, s) for s in (_purchases(bucket.settings), _refunds(bucket.settings)))
    spent, given_back = _money(paid), np.abs(_money(back))
    at = starts(bought.customer)
    who = bought.customer[at]
    day = starts(bought.customer, bucket.period(bought, DAY))
    found: dict[str, Values] = {
        "orders": _orders(bucket, bought, paid),
        "purchase_days": count_by_customer(bucket, bought.customer[day]),
        "_first_bought": spread(bucket, who, bought.time[at]),
        "_last_bought": spread(bucket, who, bought.time[at + lengths(at, len(bought)) - 1]),
        "_spent": count_by_customer(bucket, paid.customer, spent),
    }
    for ending, window in moments_of(bucket).items():
        then, refunded = paid.time < window.ends, back.time < window.ends
        gross = count_by_customer(bucket, paid.customer[then], spent[then])
        found[f"_paid{ending}"] = gross - count_by_customer(bucket, back.customer[refunded], given_back[refunded])
    if not bucket.mask(_purchases(bucket.settings)).any():
        return dict(nothing(bucket, found))
    return found


def _orders(bucket: Bucket, bought: Rows, valued: Rows) -> Int64s:
    """As the metric counts them: distinct order ids where the export has them, else every purchase is one."""
    if ORDER not in valued.things:
        return count_by_customer(bucket, bought.customer)
    rows = valued.with_thing(ORDER)
    at, found = starts(rows.customer), np.zeros(bucket.customers, np.int64)
    found[rows.customer[at]] = distinct_in_runs(rows.things[ORDER], at)
    return found


def _valued(bucket: Bucket, selection: Selection) -> Rows:
    """Rows with a value or an order id; others that are here hold neither."""
    return history(bucket, selection, valued=True)


def _money(rows: Rows) -> Int64s:
    value = rows.numbers["value"]
    return np.where(value == NO_NUMBER, 0, value)


def finish(table: Piece, scene: Scene) -> Makers:
    """Ticks as days, millionths as money."""
    clock = scene.clock
    return {
        "first_purchase": lambda: local_date(table["_first_bought"], clock),
        "last_purchase": lambda: local_date(table["_last_bought"], clock),
        "days_since_purchase": lambda: over(report_end(clock) - table["_last_bought"], clock.day),
        "revenue": lambda: decimals(table["_paid"]),
        "revenue_before": lambda: decimals(table["_paid_before"]),
        "average_order_value": lambda: decimals(table["_spent"]) / table["orders"].set(table["orders"] <= 0, None),
    }
