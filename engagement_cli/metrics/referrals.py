"""Referrals: what customers buy who were referred by others, beside what those buy who referred them.

What: the purchase value of the period by customers referred by another (referred value), and by customers who referred
    another (own value). Who did both is in both, so that the two are shown side by side and never added.
Formula: referred_value = Σ value of purchases by customers with a `referred_by` other than themselves; own_value = Σ
    value of purchases by customers whom any other names as `referred_by`; referred_share = referred_value ÷ Σ value of
    all customers' purchases; referred_buyers, referring_buyers = distinct customers of either kind who bought.
Reads: events and their value; the customers export and its `referred_by`.
Parameters: purchase (a selection), every, by (columns of customers and subscriptions: of who buys).
Example:
    >>> from engagement_cli.metrics.referrals import Parameters
    >>> str(Parameters.model_validate({"type": "referrals", "purchase": ["purchase", "order"]}).purchase)
    'purchase or order'

Source: this program's definitions. Purchases of nobody are left out. The share has a customer-clustered 95 % interval
    (delta method); sums have none. Deng, Knoblich and Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.metrics.parts.amounts import SCALE, amounts
from engagement_cli.metrics.parts.per_customer import MOMENTS
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.native.moments import NOBODY
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.hashing import customer_hash
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "bought": StateTable({**SEGMENT_AND_PERIOD, "person": pl.UInt64, "referred": pl.Boolean}, {"value": "sum"}),
    "referrers": StateTable({"person": pl.UInt64}),
}
_COUNTED = ("own", "referred_buyers", "referring_buyers")
_SUMS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys((*MOMENTS.values, *_COUNTED), "sum"))


class Parameters(MetricParameters):
    """What counts as a purchase."""

    type: Literal["referrals"]
    purchase: Select


def _selection(p: Parameters) -> Selection:
    return narrowed(p.purchase, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The purchases, their value, and who referred whom."""
    return Needs(
        sources=frozenset({"events", "customers"}),
        selections=(_selection(p),),
        numbers=("value",),
        columns=(("customers", "referred_by"),),
        by=p.by,
        across=True,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """What each customer bought, whether referred, and whom the bucket's customers name as their referrers."""
    table = bucket.tables["customers"].filter(pl.col(CODE).is_not_null(), pl.col("referred_by").is_not_null())
    table = table.select(CODE, HASH, person=customer_hash("referred_by")).filter(pl.col(HASH) != pl.col("person"))
    referred = np.zeros(bucket.customers, dtype=bool)
    referred[table[CODE].to_numpy()] = True
    parts = [_bought(p, bucket, grouping, referred) for grouping in groupings(bucket, p.by)]
    return {"bought": STATE["bought"].merge(parts), "referrers": STATE["referrers"].of(table)}


def _bought(p: Parameters, bucket: Bucket, grouping: Grouping, referred: NDArray[np.bool_]) -> Cells:
    selection = _selection(p)
    bought = Aggregate(sum="value", events=selection.events, where=selection.where)
    found = amounts(bucket, bought, None, p.every, grouping)
    known = found.customer != NOBODY
    customer = found.customer[known]
    columns: dict[str, Column] = {
        "segments": grouping.labels(found.group[known]),
        "period": found.period[known],
        "person": bucket.hashes[customer],
        "referred": referred[customer],
        "value": found.amounts[known],
    }
    return STATE["bought"].of(columns)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: referred and own value side by side, the share, the customers behind them."""
    referrers = state["referrers"].frame()["person"]
    rows = by_period(_sums(state["bought"], referrers), context.clock, p.every)
    x, y, *_ = sums = rows.floats(*MOMENTS.values)
    low, high = (np.clip(end, 0, 1) for end in clustered_ratio(*sums))
    share, buyers = quotient(x, y), rows.whole("n")
    numbers = {
        "referred_value": x / SCALE,
        "own_value": rows.floats("own")[0] / SCALE,
        "referred_share": share,
        **interval((low, high)),
        "value": y / SCALE,
        "referred_buyers": rows.whole("referred_buyers"),
        "referring_buyers": rows.whole("referring_buyers"),
        "buyers": buyers,
    }
    beyond = (share < 0) | (share > 1)  # refunds among them
    return View(
        table=rows.grid.table({**numbers, "flags": flags(rows.grid, buyers, {"above_one": beyond})}),
        measures=(
            Measure("referred_value", context.money, n="referred_buyers"),
            Measure("own_value", context.money, n="referring_buyers"),
            Measure("referred_share", "share", "referred_value", "value", "buyers", "ci_low", "ci_high"),
            Measure("referred_buyers", "count"),
            Measure("referring_buyers", "count"),
        ),
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *numbers, "complete"),
        semantics=f"value of {_selection(p)} by customers referred by another, and by those who referred another, side "
        f"by side, {p.every.words}",
        totals={"referrers": len(referrers)},
    )


def _sums(bought: Cells, referrers: pl.Series) -> Cells:
    """By segment and period: value of the referred (x) and of all (y) with squares and products, and who they are."""
    value, referred = pl.col("value"), pl.col("referred")
    refers = pl.col("person").is_in(referrers.implode())
    above = value * referred
    sums = (
        bought.frame()
        .group_by(*SEGMENT_AND_PERIOD)
        .agg(
            x=above.sum(),
            y=value.sum(),
            xx=(above * above).sum(),
            yy=(value * value).sum(),
            xy=(above * value).sum(),
            n=pl.len(),
            own=value.filter(refers).sum(),
            referred_buyers=referred.sum(),
            referring_buyers=refers.sum(),
        )
    )
    return _SUMS.of(sums)
