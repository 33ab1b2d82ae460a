"""Subscriptions at the report's end: plan, money a month, trial or paying; renewals, and what was paid to date."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, FLAG, NUMBER, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import count_by_customer, known_values, moments_of
from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.kernels.decimals import decimals, over
from engagement_cli.metrics.parts.subscription_rows import Subscriptions, subscriptions
from engagement_cli.metrics.parts.subscription_spans import spans_of
from engagement_cli.metrics.parts.subscription_terms import terms_between, terms_of
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
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
    everything, paid = subscriptions(bucket, None), spans_of(bucket, None)
    begun = everything.take(everything.started <= end)
    running = begun.take(begun.ended > end)
    now = (paid.begins <= end) & (end < paid.ends)
    runs, paying, once = (np.zeros(bucket.customers, np.bool_) for _ in range(3))
    runs[running.customer] = True
    paying[paid.customer[now]] = True
    once[begun.customer[begun.paid_from < begun.ended]] = True
    first = np.full(bucket.customers, LARGEST, np.int64)
    np.minimum.at(first, begun.customer, begun.started)
    found: dict[str, Values] = {
        "plan": _plan(bucket, running),
        "_monthly": count_by_customer(bucket, paid.customer[now], paid.mrr[now]),
        "paying": paying,
        "in_trial": runs & ~paying,
        "former_subscriber": once & ~runs,
        "_subscribed_from": known_values(first, first < LARGEST),
    }
    terms = terms_of(bucket, None, None)
    for ending, window in moments_of(bucket).items():
        due = terms_between(terms, bucket.clock, window.begins, window.ends)
        renewed = paid.active_then(due.customer, due.ends)
        found[f"renewals{ending}"] = count_by_customer(bucket, due.customer[renewed])
        found[f"_paid_by_mrr{ending}"] = _to_date(bucket, begun, window.ends)
    return found


def _plan(bucket: Bucket, running: Subscriptions) -> pl.Series:
    """The plan of the subscription that runs, of several the one begun last, then of the longest, then the last by
    name."""
    row = np.full(bucket.customers, -1, np.int64)
    row[running.customer] = running.row
    several = np.bincount(running.customer, minlength=bucket.customers)[running.customer] > 1
    if several.any():
        others = running.take(several)
        name = others.texts("plan").cast(pl.String).rank("dense").fill_null(0).to_numpy()
        order = np.lexsort((name, others.ended, others.started, others.customer))
        row[others.customer[order]] = others.row[order]  # of several the last one stays
    return running.table["plan"].gather(pl.Series(row).set(pl.Series(row < 0), None))


def _to_date(bucket: Bucket, rows: Subscriptions, end: int) -> Values:
    """MRR × months of each paid stretch up to an instant, in millionths, rounded stretch by stretch."""
    begins, ends = rows.paid_from, np.minimum(rows.ended, end)
    there = (ends > begins) & rows.known
    months = (ends - begins)[there] / (bucket.clock.day * _DAYS_A_YEAR / _MONTHS_A_YEAR)
    amount = np.rint(rows.mrr[there] * months).astype(np.int64)
    return count_by_customer(bucket, rows.customer[there], amount)


def finish(table: Piece, scene: Scene) -> Makers:
    """Ticks as days, millionths as money."""
    return {
        "mrr": lambda: decimals(table["_monthly"]),
        "recurring_revenue": lambda: decimals(table["_paid_by_mrr"]),
        "subscribed_days": lambda: over(report_end(scene.clock) - table["_subscribed_from"], scene.clock.day),
    }
