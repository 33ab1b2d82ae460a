"""How the customers are divided by what the one-row-a-customer table says of them.

What: customers by the value that a column of the customer table has for them as of the report's end: rungs of the
    ladder, bands of the score, quadrants, signals. Customers of whom the column says nothing are in no share; how many
    they are stands in the totals.
Formula: share = customers with the value ÷ customers with any value.
Reads: the customer table (`profiles`), and through it whatever its column is made of.
Parameters: of (the column), only (the values shown; the shares are of all), where (SQL over the table: whom it is
    about), by (columns of customers, of the table, or of subscriptions, as of the report's end). It is always
    `every: total`.
Example:
    >>> from engagement_cli.metrics.distribution import Parameters
    >>> Parameters.model_validate({"type": "distribution", "of": "rung"}).of
    'rung'

Source: this program's definitions. One customer, one value: Wilson's 95 % interval of each share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.metrics.parts.grid import Grid, ViewColumn, grid_of, segments_of
from engagement_cli.metrics.parts.period_rows import flags, interval, quotient
from engagement_cli.metrics.parts.text_codes import text_codes
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.table_values import rule_of, values_in_order
from engagement_cli.settings.values import Every, Grain, Names
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.numbering import Numbered
from engagement_cli.timeline.segments import PROFILES
from engagement_cli.timeline.state import State, StateTable
from engagement_cli.timeline.weights import report_end

TOTAL = Grain("total")
STATE = {"customers": StateTable({"segments": pl.String, "value": pl.String}, {"customers": "sum"})}
YES, NO = "yes", "no"


class Parameters(MetricParameters):
    """The column, and which of its values are shown."""

    type: Literal["distribution"]
    every: Every = TOTAL
    of: str = Field(min_length=1, description="a column of the customer table")
    only: Names = Field((), description="the values that are shown; default: all")

    @model_validator(mode="after")
    def _as_of_the_end(self) -> Parameters:
        if self.every != TOTAL:
            raise ValueError("every: the customer table is as of the report's end; it takes total")
        return self


def needs(p: Parameters, settings: Settings) -> Needs:
    """The customer table."""
    return Needs(
        sources=frozenset({PROFILES}),
        by=p.by,
        columns=((PROFILES, p.of),),
        predicates=() if p.where is None else ((PROFILES, p.where),),
        of_customers=True,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers by segment and value; a missing value is null."""
    table = rows_of(bucket, PROFILES, p.where)
    value, texts = _coded(table[p.of])
    customer = table[CODE].to_numpy()
    at = np.full(len(customer), report_end(bucket.clock), np.int64)
    parts = []
    for grouping in groupings(bucket, p.by):
        counts = np.bincount(grouping.customers(customer, at) * len(texts) + value)
        found = np.flatnonzero(counts)
        group, which = np.divmod(found, max(len(texts), 1))
        labels, named = grouping.labels(group), Numbered(which, texts)
        parts.append(STATE["customers"].of({"segments": labels, "value": named, "customers": counts[found]}))
    return {"customers": STATE["customers"].merge(parts)}


def _coded(values: pl.Series) -> tuple[Int64s, tuple[str | None, ...]]:
    """Which of some texts each customer has: they are sorted, and a missing one is the first."""
    if values.dtype == pl.Boolean:
        return values.cast(pl.Int64).fill_null(-1).to_numpy() + 1, (None, NO, YES)
    codes, texts = text_codes(values if isinstance(values.dtype, pl.Enum) else values.cast(pl.String))
    rank = texts.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    return rank[codes], (None, *texts.drop_nulls().sort().to_list())


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and value, in the order of the configuration, else the most frequent first."""
    cells = state["customers"]
    grid = grid_of(segments_of(cells), context.clock, TOTAL)
    segment, text, counts = grid.segments_of(cells), cells.numbers("value"), cells.numbers("customers")
    texts = cells.texts[1] or ()
    known = np.array([each is not None for each in texts], np.bool_)[text]
    whole = segment == 0
    unknown = int(counts[whole & ~known].sum())
    of_value = zip(text[whole & known].tolist(), counts[whole & known].tolist(), strict=True)
    values = _values(p, {str(texts[number]): count for number, count in of_value}, context.settings)
    customers = _in_columns(grid, texts, (segment, text, counts), values)
    n = np.repeat(np.bincount(segment[known], counts[known], len(grid)).astype(np.int64), len(values))
    names = pl.Series("value", [*values] * len(grid), dtype=pl.String)
    grid = grid.take(np.repeat(np.arange(len(grid)), len(values)))
    numbers: dict[str, ViewColumn] = {
        "value": names,
        "customers": customers,
        "share": quotient(customers, n),
        **interval(wilson(customers.astype(np.float64), n.astype(np.float64))),
        "n": n,
    }
    about = "" if p.where is None else f" of whom {p.where}"
    rule = rule_of(p.of, context.settings)
    means = "" if rule is None else f"; {p.of}: {rule}"
    return View(
        table=grid.table({**numbers, "flags": flags(grid, n)}),
        measures=(
            Measure("share", "share", "customers", "n", "n", "ci_low", "ci_high"),
            Measure("customers", "count"),
        ),
        columns=("segments", *numbers),
        step_column="value",
        semantics=f"customers{about} by {p.of} as of the report's end ÷ those of whom {p.of} is known{means}",
        totals={f"customers without {p.of}": unknown} if unknown else {},
        leads="first",
    )


def _values(p: Parameters, counts: Mapping[str, int], settings: Settings) -> list[str]:
    """The values to show: all that the configuration names, then others by how many have them."""
    if p.only:
        return list(p.only)
    named = [*values_in_order(p.of, settings)]
    return [*named, *(value for value in sorted(counts, key=lambda v: (-counts[v], v)) if value not in named)]


def _in_columns(
    grid: Grid, texts: Sequence[str | None], cells: tuple[Int64s, Integers, Integers], values: Sequence[str]
) -> Int64s:
    """How many customers each segment has of each value, from the segment, the text's number and the count of some."""
    segment, text, counts = cells
    place = {value: i for i, value in enumerate(values)}
    at = np.array([-1 if each is None else place.get(each, -1) for each in texts], np.int64)[text]
    shown = np.flatnonzero(at >= 0)
    customers = np.zeros(len(grid) * len(values), np.int64)
    customers[segment[shown] * len(values) + at[shown]] = counts[shown]
    return customers
