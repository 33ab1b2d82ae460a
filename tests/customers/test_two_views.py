"""Two views of one thing never disagree: what the customer table adds up to is what the metrics say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from support.catalogue import sample_session

from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import Outcome, Question, ask
from engagement_cli.timeline.clock import Range

AS_OF = date(2025, 6, 17)
WINDOW = timedelta(days=28)
OF_SOMEBODY = {"where": "customer IS NOT NULL"}


def asked(entries: Mapping[str, Mapping[str, Any]], since: date | None, **more: Any) -> Outcome:
    """Entries at `every: total`, up to the date of the table."""
    session = sample_session()
    metrics = {n: PARAMETERS[e["type"]].model_validate({"every": "total", **e}) for n, e in entries.items()}
    return ask(
        Question(
            settings=session.settings,
            exports=session.exports,
            metrics=metrics,
            range=Range(since=since, as_of=AS_OF),
            loaded=session.loaded,
            **more,
        )
    )


@cache
def table() -> pl.DataFrame:
    """The customer table of the sample as of the date."""
    found = asked({}, None, table=lambda profiling: profiling.columns).merged.profiles
    assert found is not None
    return found


def row(entry: Mapping[str, Any], *, window: bool = False, segments: str = "") -> dict[str, Any]:
    """The row of a metric's view: over the score's window, or over the whole history."""
    (metric,) = asked({"it": entry}, AS_OF - WINDOW if window else None).answer.metrics
    return next(r for r in metric.view.table.to_dicts() if r["segments"] == segments)


def catalogue(name: str) -> dict[str, Any]:
    """The packaged entry, as written."""
    entry = sample_session().settings.metrics[name]
    return {**entry.model_dump(mode="json", by_alias=True, exclude_unset=True), "every": "total"}


def test_the_sample_has_something_of_everything() -> None:
    silent = [name for name in table().columns if table()[name].null_count() == table().height]
    assert silent in (["customer"], ["customer", "acquisition_cost"])


def test_sessions_of_the_window() -> None:
    assert table()["sessions"].sum() == row(catalogue("sessions"), window=True)["sessions"]


def test_active_days_and_active_customers_of_the_window() -> None:
    days = {"type": "frequency", "every": "day", "active": "active"}
    (metric,) = asked({"it": days}, AS_OF - WINDOW).answer.metrics
    shown = metric.view.table.filter(pl.col("segments") == "")
    counted = dict(zip(shown["intervals"].to_list(), shown["customers_exactly"].to_list(), strict=True))
    told = table().filter(pl.col("active_days") > 0)["active_days"].value_counts().rows()
    assert {days: many for days, many in counted.items() if many} == dict(told)
    assert table()["active"].sum() == row({"type": "active", "active": "active"}, window=True)["customers"]


def test_mean_score_and_bands() -> None:
    shown = row(catalogue("engagement_score"))
    assert table()["raw"].mean() == pytest.approx(shown["mean_raw"])
    assert table()["raw"].median() == pytest.approx(shown["median_raw"])
    assert table().height == shown["customers"]
    bands = dict(table()["band"].value_counts().rows())
    assert {band: shown[f"customers_{band}"] for band in bands} == bands


def test_bands_before_are_those_of_the_report_then() -> None:
    before = ask(
        Question(
            settings=sample_session().settings,
            exports=sample_session().exports,
            metrics={"it": PARAMETERS["score"].model_validate(catalogue("engagement_score"))},
            range=Range(as_of=AS_OF - WINDOW),
        )
    ).answer.metrics[0]
    shown = before.view.table.to_dicts()[0]
    bands = dict(table()["band_before"].drop_nulls().value_counts().rows())
    assert {band: shown[f"customers_{band}"] for band in bands} == bands
    assert table()["previous"].mean() == pytest.approx(shown["mean_raw"])


def test_nps_groups_and_satisfaction() -> None:
    shown = row(catalogue("nps"))
    groups = dict(table()["nps_group"].drop_nulls().value_counts().rows())
    assert {f"{group}s": many for group, many in groups.items()} == {f"{g}s": shown[f"{g}s"] for g in groups}
    assert table()["csat"].drop_nulls().len() == row({"type": "survey", "measure": "csat"})["n"]
    mean = row({"type": "survey", "measure": "csat"})["mean"]
    assert table()["csat"].mean() == pytest.approx(mean)


def test_recurring_revenue_and_subscribers_at_the_end() -> None:
    assert table()["mrr"].sum() == pytest.approx(row(catalogue("mrr"))["mrr"])
    assert table()["paying"].sum() == row({"type": "subscription", "measure": "net_growth_rate"})["end"]


def test_renewals_of_the_window() -> None:
    assert table()["renewals"].sum() == row(catalogue("renewal_rate"), window=True)["renewed"]


def test_money_and_orders_to_date() -> None:
    gross, refunds, orders = ({**catalogue(n), **OF_SOMEBODY} for n in ("revenue_gross", "refunds", "orders"))
    assert table()["revenue"].sum() == pytest.approx(row(gross)["value"] - row(refunds)["value"])
    assert table()["orders"].sum() == row(orders)["value"]
    each = table()["average_order_value"] * table()["orders"]
    assert each.sum() == pytest.approx(row(gross)["value"])


def test_tickets() -> None:
    opened = {"type": "aggregate", "count": "events", "events": ["ticket_opened"], **OF_SOMEBODY}
    (metric,) = asked({"it": opened}, AS_OF - timedelta(days=90)).answer.metrics
    assert table()["tickets"].sum() == metric.view.table["value"].to_list()[0]
    assert table()["tickets_open"].sum() == row(catalogue("open_tickets"))["open_at_end"]
    assert table()["tickets_overdue"].sum() == row(catalogue("overdue_tickets"))["overdue_at_end"]


def test_users_of_features() -> None:
    entry = {"type": "aggregate", "count": "customers", "events": ["feature_used"]}
    assert (table()["features_used"] > 0).sum() == row(entry)["value"]
    assert table()["features_used"].sum() == row(catalogue("features_per_user"))["numerator"]


@pytest.mark.parametrize("name", ["trial_ready", "at_risk", "upsell_ready", "needs_training", "fan"])
def test_signals(name: str) -> None:
    shown = row(catalogue(name))
    assert table()[name].sum() == shown["customers"]
    assert table().height == shown["n"]


def test_numbers_of_a_segment_of_the_table_add_up_to_the_whole() -> None:
    (metric,) = asked({"it": {**catalogue("sessions"), "by": ["band"]}}, AS_OF - WINDOW).answer.metrics
    shown = {r["segments"]: r["sessions"] for r in metric.view.table.to_dicts() if r["segments"]}
    told = table().group_by("band").agg(pl.col("sessions").sum())
    assert {segment: many for segment, many in shown.items() if many} == {
        f"band={band}": many for band, many in told.rows() if many
    }
