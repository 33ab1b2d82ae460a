"""The customers behind a metric's numbers, and what each brings to them.

Any metric that can be broken down can be broken down by the customer himself: his rows then are what he brings, and
for counts, sums and their quotients they add up to the whole. So no metric type needs anything for this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from engagement_cli.catalogue.rows import finished
from engagement_cli.metrics import active, derived
from engagement_cli.metrics.parts.formula import Operand, operands, parse_formula
from engagement_cli.metrics.parts.grid import period_table
from engagement_cli.metrics.parts.trailing import DAY, window_days
from engagement_cli.metrics.protocol import Context
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.records import replace
from engagement_cli.results import ROW_SCHEMA
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import MISSING, Coded
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import narrowed
from engagement_cli.timeline.segments import SegmentColumn
from engagement_cli.timeline.state import merge_states

KEYS = ("period_start", "cohort_start", "index", "step")
BEHIND: Mapping[str, Any] = {
    "segments": pl.String,
    "customer": pl.String,
    "role": pl.String,
    "amount": pl.Float64,
    "complete": pl.Boolean,
    **{key: ROW_SCHEMA[key] for key in KEYS},
}
COUNTED = "counted"
_CUSTOMER = "\x1f"  # no segment of a configuration has this name


def customers_behind(
    name: str, metrics: Mapping[str, MetricParameters], measure: str | None = None
) -> Callable[[Bucket], pl.DataFrame]:
    """What the customers of a bucket bring to a metric, as a function from bucket to `BEHIND`, one row a role.

    The roles are `numerator` and `denominator` of the measure (default: the primary one) where it has both, else
    `counted`; of a derived metric, those of the metrics that it computes with, under their names. `amount` is what the
    customer's own rows give: summed, it is the whole for counts, sums and quotients; for medians, maxima and means it
    is the customer's own. Rows of nobody stand behind no customer. The bucket must have ids.
    """
    p = metrics[name]
    if not isinstance(p, derived.Parameters):
        return partial(_of_metric, name, p, measure)
    read = dict.fromkeys(operands(parse_formula(p.formula)))
    return partial(_joined, {o: customers_behind(o.metric, metrics, o.measure) for o in read})


def _joined(parts: Mapping[Operand, Callable[[Bucket], pl.DataFrame]], bucket: Bucket) -> pl.DataFrame:
    return pl.concat([_at_step(part(bucket), o).with_columns(role=_under(str(o))) for o, part in parts.items()])


def _at_step(rows: pl.DataFrame, operand: Operand) -> pl.DataFrame:
    """What customers bring to the step that a formula reads, as the formula has it: without one."""
    if operand.step is None:
        return rows
    found = rows.filter(pl.col("index" if isinstance(operand.step, int) else "step") == operand.step)
    return found.with_columns(pl.lit(None, BEHIND[key]).alias(key) for key in ("index", "step"))


def _under(operand: str) -> pl.Expr:
    """The role under the name of the operand that it belongs to."""
    role = pl.col("role")
    return pl.when(role == COUNTED).then(pl.lit(operand)).otherwise(pl.lit(f"{operand} ") + role)


def _of_metric(name: str, p: MetricParameters, measure: str | None, bucket: Bucket) -> pl.DataFrame:
    if isinstance(p, active.Parameters) and p.trailing is not None:
        return _trailing(p, bucket)
    by_customer = _with_customers(bucket)
    asked = p.model_copy(update={"by": (*p.by, _CUSTOMER), "target": None, **p.unabridged()})
    type_ = METRIC_TYPES[p.type]
    context = Context(bucket.clock, bucket.settings, {})
    state = merge_states(type_.STATE, [type_.measure(asked, by_customer)])
    view = type_.finish(asked, state, context)
    rows = finished(name, asked, view, context).rows
    rows = rows.filter(pl.col("measure") == (measure or view.measures[0].column), pl.col("segments") != "")
    labels = pl.col("segments").str.split_exact(f"{_CUSTOMER}=", 1)
    rows = rows.with_columns(
        segments=labels.struct.field("field_0").str.strip_suffix(";"), customer=labels.struct.field("field_1")
    ).filter(pl.col("customer") != MISSING)
    # Some types have both sides, some only a value.
    two = rows["denominator"].is_not_null().any()
    roles = {"numerator": "numerator", "denominator": "denominator"} if two else {COUNTED: "value"}
    return pl.concat(
        [
            rows.filter(pl.col(column) != 0).select(
                role=pl.lit(role), amount=column, **{c: pl.col(c) for c in BEHIND if c not in ("role", "amount")}
            )
            for role, column in roles.items()
        ]
    ).select(pl.col(c).cast(dtype) for c, dtype in BEHIND.items())


def _with_customers(bucket: Bucket) -> Bucket:
    """The bucket with a segment more: each customer is one."""
    column = SegmentColumn(_CUSTOMER, "customers", "customer")
    if bucket.ids is None:
        raise ValueError("the bucket was built without ids")
    ids = bucket.ids
    codes = np.arange(1, len(ids) + 1, dtype=np.int64)
    bucket.shared(("segment", _CUSTOMER), lambda: Coded(column, (MISSING, *ids.to_list()), by_customer=codes))
    return replace(bucket, segments={**bucket.segments, _CUSTOMER: column})


def _trailing(p: active.Parameters, bucket: Bucket) -> pl.DataFrame:
    """The customers of each window: that metric goes without segments."""
    if p.trailing is None or bucket.ids is None:
        raise ValueError("a trailing window and a bucket with ids are needed")
    found = pairs(bucket, DAY, narrowed(p.active, p.where), history=True)
    last = window_days(bucket.clock, p.every)
    order = np.argsort(found.period, kind="stable")
    customer, day = found.customer[order], found.period[order]
    low, high = np.searchsorted(day, last - p.trailing.days, "right"), np.searchsorted(day, last, "right")
    holders = [np.unique(customer[a:b]) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    periods = period_table(bucket.clock, p.every)
    rows = periods[np.repeat(np.arange(periods.height), [len(h) for h in holders])]
    who = np.concatenate(holders).astype(np.int64) if holders else np.empty(0, np.int64)
    return rows.select(
        segments=pl.lit(""),
        customer=bucket.ids.gather(who),
        role=pl.lit(COUNTED),
        amount=pl.lit(1.0),
        complete="complete",
        period_start="period_start",
        cohort_start=pl.lit(None, pl.String),
        index=pl.lit(None, pl.Int64),
        step=pl.lit(None, pl.String),
    ).select(pl.col(c).cast(dtype) for c, dtype in BEHIND.items())


def of_number(rows: pl.DataFrame, row: Mapping[str, Any]) -> pl.DataFrame:
    """Of all that customers bring, what stands behind one metric row: `segments`, `customer`, `role`, `amount`.

    A row without a cohort is pooled: where customers' rows have cohorts, those complete at its index count. Sorted by
    segments, role (the numerator first) and customer.
    """
    keys = [key for key in KEYS if key != "cohort_start"]
    if row.get("cohort_start") is None and rows["cohort_start"].is_not_null().any():
        pooled = rows.filter(pl.col("cohort_start").is_null())
        rows = pooled if pooled.height else rows.filter("complete")
        keys = ["index", "step"]
    else:
        keys.append("cohort_start")
    wanted = [pl.col(key).eq_missing(pl.lit(row.get(key), BEHIND[key])) for key in keys]
    shown = rows.filter(wanted).group_by("segments", "customer", "role").agg(pl.col("amount").sum())
    return shown.sort("segments", pl.col("role").str.ends_with("denominator"), "role", "customer")
