"""The contract between measuring and showing: metric rows, views, measures and the row waterfall.

A metric type finishes into a *view table*: one natural row a period, cohort cell or funnel step, with the columns that
people read. Its `Measure`s say which of these columns are numbers, in what unit, and what stands behind them; from them
the same table becomes *metric rows* (one number a row), the versioned schema of json, csv, parquet and nightly files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import polars as pl

from engagement_cli.records import Record, field

SCHEMA_VERSION = 1

# Columns are never reordered and never removed within a schema version. Instants are ISO 8601 text, local.
ROW_SCHEMA: dict[str, Any] = {
    "schema_version": pl.Int32,
    "as_of": pl.String,  # exclusive end of what is complete; null where the data has no dates
    "through": pl.String,  # last day included, YYYY-MM-DD
    "metric": pl.String,
    "measure": pl.String,
    "label": pl.String,
    "dimension": pl.String,  # involvement, interaction, intimacy, influence, value
    "stage": pl.String,
    "type": pl.String,
    "every": pl.String,
    "period_start": pl.String,
    "period_end": pl.String,  # exclusive
    "cohort_start": pl.String,
    "index": pl.Int64,  # retention period, number of intervals
    "step": pl.String,  # funnel step, band, survey answer …
    "segments": pl.String,  # plan=pro;country=FR, empty for all
    "value": pl.Float64,
    "unit": pl.String,  # share, ratio, count, seconds, days, points, score, number, or an ISO 4217 code for money
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "n": pl.Int64,
    "ci_low": pl.Float64,  # 95 %
    "ci_high": pl.Float64,
    "complete": pl.Boolean,
    "previous": pl.Float64,  # the complete period before
    "change": pl.Float64,  # (value − previous) ÷ |previous|, null where previous is 0 or missing
    "target": pl.Float64,
    "status": pl.String,  # met, on_track, behind, missed
    "flags": pl.String,  # small_n;provisional;unreliable
    "definition": pl.String,  # hash of the resolved entry
}

SMALL_N = 30


class Measure(Record):
    """One number of a view table and the columns that stand behind it.

    `column`, `numerator`, `denominator`, `n`, `ci_low`, `ci_high` name columns of the view table.
    """

    column: str
    unit: str
    numerator: str | None = None
    denominator: str | None = None
    n: str | None = None
    ci_low: str | None = None
    ci_high: str | None = None


class View(Record):
    """A metric finished: its table of natural rows and the measures in it, the primary one first.

    `table` has `segments` (text, empty for all) and `complete` (bool), and any of `period_start`, `period_end`,
    `cohort_start` (ISO text), `step` (text); `index` names the column that becomes the metric row's `index`,
    `step_column` the one that becomes its `step`. `columns` are those shown to people and in a view's JSON, in order;
    `flags` (text, `;`-joined) is optional. `semantics` says in words which choices were made (printed as the heading).
    `totals` are the rows beside the table (a pooled mean, a ratio) by name. `headline`, where there is one, holds rows
    that stand for the whole metric (cohorts pooled), with the measures' columns: metric rows have them after the
    table's own, without a cohort. Of several rows of a period the one that `leads`, the first or the last, stands for
    them all.
    """

    table: pl.DataFrame
    measures: tuple[Measure, ...]
    columns: tuple[str, ...]
    index: str | None = None
    step_column: str | None = None
    semantics: str = ""
    totals: Mapping[str, Any] = field(default_factory=dict)
    headline: pl.DataFrame | None = None
    leads: Literal["first", "last"] = "last"


class Waterfall(Record):
    """What became of every row of a source; `read` is the sum of all the others but `without_customer`."""

    source: str
    read: int
    unparseable: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    duplicate: int = 0
    outside: int = 0
    used: int = 0
    without_customer: int = 0  # of those used

    def as_dict(self) -> dict[str, Any]:
        """The waterfall as JSON shows it."""
        return {
            "read": self.read,
            "unparseable": self.unparseable,
            "excluded": dict(self.excluded),
            "duplicate": self.duplicate,
            "outside": self.outside,
            "used": self.used,
            "without_customer": self.without_customer,
        }


class Note(Record):
    """A dated note beside a metric: ISO date or instant, text, and the mean of so many periods before it and after."""

    date: str
    text: str
    periods: int = 0
    before: float | None = None
    after: float | None = None


class Finished(Record):
    """One metric of an answer: its name, its entry's common fields as metric rows need them, and its view."""

    name: str
    label: str
    type: str
    every: str
    dimension: str | None
    stage: str | None
    better: str | None
    description: str | None
    definition: str
    view: View
    rows: pl.DataFrame  # ROW_SCHEMA
    target: str | None = None  # in words
    benchmark: str | None = None
    action: str | None = None
    notes: Sequence[Note] = ()


class Answer(Record):
    """All that a command shows: finished metrics, the dates, the waterfalls and the warnings."""

    as_of: str | None
    through: str | None
    metrics: Sequence[Finished]
    waterfalls: Sequence[Waterfall]
    warnings: Sequence[str]
    currency: str | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)  # metric → what is missing
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # segment → its values in order

    def rows(self) -> pl.DataFrame:
        """All metric rows in catalogue order, `ROW_SCHEMA`."""
        return pl.concat([m.rows for m in self.metrics]) if self.metrics else pl.DataFrame(schema=ROW_SCHEMA)

    def waterfall(self) -> dict[str, Any]:
        """The main source's waterfall, with those of the other sources beside it under `sources`."""
        if not self.waterfalls:
            return {}
        first, *others = self.waterfalls
        return {"source": first.source, **first.as_dict(), "sources": {w.source: w.as_dict() for w in others}}
