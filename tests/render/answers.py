"""Made-up but realistic answers: what a report and each charted view look like for a small subscription product."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from engagement_cli.results import ROW_SCHEMA, Answer, Finished, Measure, View, Waterfall

AS_OF, THROUGH = "2025-07-01T00:00:00+02:00", "2025-06-30"


def month(n: int) -> str:
    """The start of the n-th month of 2025; 0 is December 2024."""
    year, index = divmod(2025 * 12 + n - 1, 12)
    return f"{year}-{index + 1:02}-01T00:00:00+0{2 if 4 <= index + 1 <= 10 else 1}:00"


def finished(name: str, view: View, rows: Sequence[Mapping[str, Any]], **fields: Any) -> Finished:
    """A finished metric whose metric rows share the entry's fields."""
    known: dict[str, Any] = {
        "label": name.replace("_", " ").capitalize(),
        "type": "aggregate",
        "every": "month",
        "dimension": None,
        "stage": None,
        "better": "higher",
        "description": None,
        "definition": "0123456789ab",
    } | fields
    same = {key: known[key] for key in ("label", "type", "every", "dimension", "stage", "definition")}
    base = dict.fromkeys(ROW_SCHEMA) | {"schema_version": 1, "as_of": AS_OF, "through": THROUGH, "metric": name}
    base |= same | {"segments": "", "complete": True}
    table = pl.DataFrame([base | row for row in rows], schema=ROW_SCHEMA)
    return Finished(name=name, view=view, rows=table, **known)


def simple(
    name: str, unit: str, values: Sequence[float | None], *, half: float | None = None, **fields: Any
) -> Finished:
    """A monthly metric: the last value is of July 2025, which is not complete."""
    extra = {k: fields.pop(k) for k in ("target_value", "status", "flags", "n") if k in fields}
    rows = []
    for place, value in enumerate(values):
        number = 7 - len(values) + 1 + place
        before = values[place - 1] if place else None
        moved = before and value is not None
        rows.append(
            {
                "measure": "value",
                "unit": unit,
                "period_start": month(number),
                "period_end": month(number + 1),
                "value": value,
                "n": extra.get("n", 1200 + place),
                "ci_low": value - half if half is not None and value is not None else None,
                "ci_high": value + half if half is not None and value is not None else None,
                "complete": number < 7,
                "previous": before,
                "change": (value - before) / abs(before) if moved and value is not None and before else None,
                "target": extra.get("target_value"),
                "status": extra.get("status"),
                "flags": extra.get("flags"),
            }
        )
    table = pl.DataFrame(rows, infer_schema_length=None).select(
        "period_start", "period_end", "value", "n", "ci_low", "ci_high", "complete", pl.lit("").alias("segments")
    )
    view = View(
        table,
        (Measure("value", unit, n="n", ci_low="ci_low", ci_high="ci_high"),),
        ("period_start", "period_end", "value", "n", "ci_low", "ci_high", "complete"),
        semantics="by calendar month, Europe/Paris; incomplete months are shown and left out of comparisons",
    )
    return finished(name, view, rows, **fields)


def by_plan() -> Finished:
    """A metric with a breakdown; the free plan is small."""
    total = simple(
        "active_customers", "count", [8100, 8420, 8391, 9004, 412], dimension="involvement", label="Active customers"
    )
    parts = [
        total.rows.with_columns(
            segments=pl.lit(f"plan={plan}"),
            value=(pl.col("value") * share).round(0),
            previous=(pl.col("previous") * share).round(0),
            n=pl.lit(n, pl.Int64),
            flags=pl.lit(flags),
        )
        for plan, share, n, flags in (("pro", 0.75, 900, None), ("free", 0.25, 21, "small_n"))
    ]
    return Finished(**{**vars(total), "rows": pl.concat([total.rows, *parts])})


def retention_rows() -> list[dict[str, Any]]:
    """Six weekly cohorts, five periods; a cell is complete where it ends by the end of June."""
    sizes, kept = (412, 388, 405, 431, 377, 29), (1.0, 0.61, 0.47, 0.40, 0.36)
    rows = []
    for cohort, size in enumerate(sizes):
        start = date(2025, 5, 19) + timedelta(weeks=cohort)
        for period in range(min(5, 7 - cohort)):
            retained = round(size * kept[period] * (1 - 0.02 * cohort)) if period else size
            rate = retained / size
            complete = start + timedelta(weeks=period + 1) <= date(2025, 7, 1)
            half = 1.96 * math.sqrt(rate * (1 - rate) / size)
            rows.append(
                {
                    "cohort_start": f"{start}T00:00:00+02:00",
                    "cohort_size": size,
                    "period": period,
                    "eligible": size,
                    "retained": retained,
                    "rate": rate,
                    "ci_low": max(rate - half, 0.0),
                    "ci_high": min(rate + half * 1.1, 1.0),
                    "complete": complete,
                    "segments": "",
                }
            )
    return rows


def retention(**fields: Any) -> Finished:
    """A weekly retention."""
    natural = retention_rows()
    columns = ("cohort_start", "cohort_size", "period", "eligible", "retained", "rate", "ci_low", "ci_high", "complete")
    measure = Measure("rate", "share", "retained", "eligible", "eligible", "ci_low", "ci_high")
    view = View(
        pl.DataFrame(natural),
        (measure,),
        columns,
        index="period",
        semantics="sign-up, then any active event in exactly that calendar week; a customer is in every cohort entered",
        totals={"simple_mean_rate": 0.4012},
    )
    rows = [
        {
            "measure": "rate",
            "unit": "share",
            "cohort_start": r["cohort_start"],
            "index": r["period"],
            "value": r["rate"],
            "numerator": r["retained"],
            "denominator": r["eligible"],
            "n": r["eligible"],
            "ci_low": r["ci_low"],
            "ci_high": r["ci_high"],
            "complete": r["complete"],
            "flags": "small_n" if r["eligible"] < 30 else None,
        }
        for r in natural
    ]
    return finished("week_4", view, rows, **({"label": "Retention", "type": "retention", "every": "week"} | fields))


def funnel(**fields: Any) -> Finished:
    """A funnel of three steps; the last ones may still convert."""
    steps = (
        ("visit", 12031, 0, None, None),
        ("cart", 3120, 210, 305.0, 1900.4),
        ("purchase", 1204, 388, 4210.0, 90211.7),
    )
    natural, before = [], 12031
    for number, (event, customers, still_open, median, mean) in enumerate(steps, 1):
        rate = customers / 12031
        half = 1.96 * math.sqrt(rate * (1 - rate) / 12031)
        natural.append(
            {
                "step": number,
                "event": event,
                "customers": customers,
                "open": still_open,
                "conversion_from_start": rate,
                "conversion_from_previous": customers / before,
                "ci_low": rate - half,
                "ci_high": rate + half,
                "median_seconds": median,
                "mean_seconds": mean,
                "segments": "",
                "complete": True,
                "flags": "provisional" if still_open else None,
            }
        )
        before = customers
    columns = tuple(natural[0])[:10]
    first = Measure("conversion_from_start", "share", "customers", None, None, "ci_low", "ci_high")
    view = View(
        pl.DataFrame(natural, infer_schema_length=None),
        (first, Measure("conversion_from_previous", "share"), Measure("customers", "count")),
        columns,
        step_column="event",
        semantics="steps in order, others may lie between; within 14 d of the visit; deepest attempt counts",
    )
    rows = [
        {
            "measure": "conversion_from_start",
            "unit": "share",
            "period_start": "2025-01-01T00:00:00+01:00",
            "period_end": "2025-07-01T00:00:00+02:00",
            "step": r["event"],
            "value": r["conversion_from_start"],
            "n": 12031,
            "ci_low": r["ci_low"],
            "ci_high": r["ci_high"],
            "flags": r["flags"],
        }
        for r in natural
    ]
    return finished("checkout", view, rows, **({"label": "Checkout", "type": "funnel", "every": "total"} | fields))


def lifecycle() -> Finished:
    """Five days of a lifecycle; the first is the start of history."""
    natural = {
        "period_start": [f"2025-06-{d:02}T00:00:00+02:00" for d in range(26, 31)],
        "new": [120, 44, 31, 60, 52],
        "returning": [0, 80, 77, 70, 91],
        "resurrected": [0, 0, 12, 9, 15],
        "dormant": [0, 40, 47, 50, 48],
        "segments": [""] * 5,
        "complete": [True] * 5,
        "flags": ["history_start", None, None, None, None],
    }
    columns = ("period_start", "new", "returning", "resurrected", "dormant")
    view = View(pl.DataFrame(natural), tuple(Measure(c, "count") for c in columns[1:]), columns)
    return finished("lifecycle", view, [], type="lifecycle", every="day")


def stickiness() -> Finished:
    """Customers by the days on which they were active."""
    natural = {
        "intervals": [1, 2, 3, 4],
        "customers_exactly": [512, 200, 61, 9],
        "customers_at_least": [782, 270, 70, 9],
        "segments": [""] * 4,
        "complete": [True] * 4,
    }
    columns = ("intervals", "customers_exactly", "customers_at_least")
    measures = (Measure("customers_exactly", "count"), Measure("customers_at_least", "count"))
    view = View(
        pl.DataFrame(natural), measures, columns, index="intervals", totals={"ratio": 0.2149, "window_days": 28}
    )
    return finished("stickiness", view, [], type="frequency", every="day")


def answer(metrics: Sequence[Finished]) -> Answer:
    """An answer with two sources, a warning and metrics that could not be computed."""
    events = Waterfall("events", 1204551, 12, {"internal": 3120, "bots": 0}, 0, 11419, 1190000, 4000)
    surveys = Waterfall("surveys", 500, used=500)
    warnings = ["1 row without a time was left out (exports/events.csv:1032)"]
    missing = {"mrr": "subscriptions.mrr", "followers": "audience"}
    return Answer(AS_OF, THROUGH, metrics, (events, surveys), warnings, "EUR", missing)


def report() -> Answer:
    """About a dozen metrics, every unit, every mark, every kind of headline."""
    return answer(
        [
            by_plan(),
            simple("session_time", "seconds", [281.0, 290.2, 310.0, 300.0, 120.0], half=12.4, dimension="involvement"),
            simple("time_a_month", "seconds", [4100.0, 4520.0, 4322.0], dimension="involvement", better=None),
            retention(dimension="involvement"),
            simple(
                "reviewers",
                "share",
                [0.101, 0.118, 0.109, 0.123, 0.02],
                half=0.0091,
                dimension="interaction",
                n=4312,
                target_value=0.15,
                status="behind",
                target="at least 15 %",
            ),
            simple("reviews_per_customer", "number", [1.204, 1.31, 1.294, 0.4], dimension="interaction"),
            simple("sentiment", "score", [61.2, 60.4, 4.0], dimension="intimacy", n=24, flags="small_n"),
            simple(
                "nps",
                "points",
                [33.1, 31.0, 40.0, 12.0],
                half=7.02,
                dimension="influence",
                label="NPS",
                n=500,
                benchmark="36 (SaaS median, Example Survey 2024)",
            ),
            simple(
                "detractor_gap",
                "points",
                [2.0, -3.5, -12.25, 1.0],
                half=9.0,
                dimension="influence",
                label="Fans less critics",
            ),
            simple(
                "revenue", "EUR", [81200.0, 90411.5, 88012.25, 91230.75, 1200.0], dimension="value", flags="unreliable"
            ),
            simple("average_order", "EUR", [41.2, 42.9, 41.75, 40.1, 39.0], half=2.31, dimension="value"),
            simple(
                "churn",
                "share",
                [0.031, 0.028, 0.041, 0.052],
                dimension="value",
                better="lower",
                label="Monthly churn",
                target_value=0.03,
                status="missed",
                benchmark="3.0 % (our board, 2025)",
            ),
            simple(
                "net_revenue_retention", "ratio", [1.04, 1.05, 0.2], dimension="value", target_value=1.0, status="met"
            ),
            simple("first_month", "share", [0.5], dimension="value", label="Only an incomplete month"),
            simple("no_value", "share", [None, math.nan, 0.1], dimension="value", label="Nothing to divide by"),
            funnel(),
            finished("empty", View(pl.DataFrame({"segments": [], "complete": []}), (), ()), [], label="No rows at all"),
        ]
    )
