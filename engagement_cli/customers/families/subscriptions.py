"""Subscriptions at the report's end: plan, money a month, trial or paying; renewals, and what was paid to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, FLAG, NUMBER, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.windows import count_by_customer, moments, spread
from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.kernels.decimals import decimals, over
from engagement_cli.metrics.parts.subscription_spans import active_then, paid_from, spans
from engagement_cli.metrics.parts.subscription_terms import terms_between
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import report_end

_MONTHS_A_YEAR, _DAYS_A_YEAR = 12, 365.2425


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """State at the report's end; renewals in the window."""
    money, days = settings.currency or "number", settings.score.window.days
    return {
        "plan": Column(TEXT, None, "plan of the subscription that runs, of several the one begun last"),
        "mrr": Column(NUMBER, money, "recurring revenue a month of the subscriptions that run and are paid"),
        "paying": Column(FLAG, None, "has a subscription that runs and is past its trial"),
        "in_trial": Column(FLAG, None, "has a subscription that runs, and only in its trial"),
        "subscribed_days": Column(NUMBER, "days", "days from the first start of a subscription to the report's end"),
        "former_subscriber": Column(FLAG, None, "paid once, and has no subscription that runs"),
        "renewals": Column(COUNT, "count", f"terms that ended in the last {days} days and were renewed"),
        "recurring_revenue": Column(NUMBER, money, "recurring revenue to date: for each paid stretch its MRR × months"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """The subscriptions export."""
    return None if "subscriptions" in known else no_export("subscriptions")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """The subscriptions export."""
    return Needs(sources=frozenset({"subscriptions"}), of_customers=True, population=True)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Money in millionths, instants in ticks."""
    end = report_end(bucket.clock)
    table = bucket.tables["subscriptions"].filter(pl.col(CODE).is_not_null() & (pl.col("started") <= end))
    table = table.with_columns(pl.col("ended").fill_null(LARGEST))
    paid = spans(table)
    running = table.filter(pl.col("ended") > end).sort(CODE, "started", "ended", "plan", nulls_last=False)
    last = running.group_by(CODE, maintain_order=True).agg(pl.col("plan").last())
    first = table.group_by(CODE, maintain_order=True).agg(pl.col("started").min())
    now = paid.at(end)
    runs = np.zeros(bucket.customers, np.bool_)
    runs[running[CODE].to_numpy()] = True
    paying, once = np.zeros(bucket.customers, np.bool_), np.zeros(bucket.customers, np.bool_)
    paying[paid.customer[now.active]] = True
    once[paid.customer] = True
    found: dict[str, Values] = {
        "plan": spread(bucket, last[CODE].to_numpy(), last["plan"]),
        "_monthly": count_by_customer(bucket, paid.customer, now.mrr),
        "paying": paying,
        "in_trial": runs & ~paying,
        "former_subscriber": once & ~runs,
        "_subscribed_from": spread(bucket, first[CODE].to_numpy(), first["started"]),
    }
    for ending, window in moments(bucket.clock, bucket.settings).items():
        due = terms_between(table, bucket.clock, window.begins, window.ends, None)
        renewed = active_then(paid, due.customer, due.ends)
        found[f"renewals{ending}"] = count_by_customer(bucket, due.customer[renewed])
        found[f"_paid_by_mrr{ending}"] = _to_date(bucket, table, window.ends)
    return found


def _to_date(bucket: Bucket, table: pl.DataFrame, end: int) -> Values:
    """MRR × months of each paid stretch up to an instant, in millionths, rounded stretch by stretch."""
    stretches = table.select(CODE, "mrr", begins=paid_from(), ends=pl.min_horizontal("ended", pl.lit(end))).filter(
        (pl.col("ends") > pl.col("begins")) & pl.col("mrr").is_not_null()
    )
    months = (stretches["ends"] - stretches["begins"]).to_numpy() / (bucket.clock.day * _DAYS_A_YEAR / _MONTHS_A_YEAR)
    amount = np.rint(stretches["mrr"].to_numpy() * months).astype(np.int64)
    return count_by_customer(bucket, stretches[CODE].to_numpy(), amount)


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """Ticks as days, millionths as money."""
    return [
        decimals(table["_monthly"]).alias("mrr"),
        decimals(table["_paid_by_mrr"]).alias("recurring_revenue"),
        over(report_end(scene.clock) - table["_subscribed_from"], scene.clock.day).alias("subscribed_days"),
    ]
