"""Groups of rows and customers inside a bucket: everybody, and each segment of a breakdown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Integers, same
from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.dense import renumber
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.periods import Periods
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.segments import AUDIENCE, PROFILES, SegmentColumn
from engagement_cli.timeline.series import whole

Codes = NDArray[np.int64]
MISSING = "(none)"


class Coded(Record):
    """One segment column in a bucket: the labels, and for each source what codes are looked up in."""

    column: SegmentColumn
    labels: tuple[str, ...]
    by_kind: Codes | None = None  # events: code of each kind
    by_customer: Codes | None = None  # customers: code of each customer
    by_row: Codes | None = None  # audience: code of each row of the table
    spans: tuple[Codes, Codes, Codes, Codes] | None = None  # subscriptions: customer, started, ended, code; sorted

    def rows(self, rows: Rows, at: NDArray[np.int64]) -> Codes:
        """Each event row's code; `at` are the starts of the rows' periods."""
        if self.by_kind is not None:
            return self.by_kind[rows.kind]
        return self.customers(rows.customer, at)

    def customers(self, customer: NDArray[np.uint32], at: NDArray[np.int64]) -> Codes:
        """Each customer's code at an instant."""
        if self.by_customer is not None:
            return self.by_customer[customer]
        if self.spans is None:
            raise ValueError(f"segment {self.column.name} belongs to events, not to customers")
        owner, started, ended, code = self.spans
        if not len(owner):
            return np.zeros(len(customer), dtype=np.int64)
        return _as_of(owner, started, ended, code, customer.astype(np.int64), at)


class Grouping(Record):
    """A way to divide: no columns is everybody in one group. Codes are mixed radix over the columns' labels."""

    columns: tuple[Coded, ...] = ()

    @property
    def size(self) -> int:
        """How many groups there can be."""
        return int(np.prod([len(c.labels) for c in self.columns], dtype=np.int64)) if self.columns else 1

    @property
    def of_events(self) -> bool:
        """Whether a group depends on the event rather than only on the customer."""
        return any(c.by_kind is not None for c in self.columns)

    def rows(self, rows: Rows, at: NDArray[np.int64]) -> Codes:
        """The group of each event row; `at` are the starts of the rows' periods."""
        return self._combine([c.rows(rows, at) for c in self.columns], len(rows))

    def rows_in(self, rows: Rows, table: Periods, period: Integers) -> Codes:
        """The group of each event row at the start of its period, or of the nearest that there is."""
        return self.rows(rows, self._begins(table, period))

    def rows_of_nobody(self, rows: Rows) -> Codes:
        """The group of event rows without a customer: of customers' properties they have the missing value."""
        nothing = same(0, len(rows))
        codes = [nothing if c.by_kind is None else c.by_kind[rows.kind] for c in self.columns]
        return self._combine(codes, len(rows))

    def customers(self, customer: NDArray[np.uint32], at: NDArray[np.int64]) -> Codes:
        """The group of customers at instants."""
        return self._combine([c.customers(customer, at) for c in self.columns], len(customer))

    def customers_in(self, customer: NDArray[np.uint32], table: Periods, period: Integers) -> Codes:
        """The group of customers at the starts of periods, or of the nearest that there are."""
        return self.customers(customer, self._begins(table, period))

    def _begins(self, table: Periods, period: Integers) -> NDArray[np.int64]:
        """Nothing where no column asks for it."""
        if all(column.spans is None for column in self.columns):
            return table.bounds[:0]
        return table.bounds[np.clip(period, 0, len(table) - 1)]

    def rows_of_audience(self, row: NDArray[np.int64]) -> Codes:
        """The group of rows of the audience, by their places in the table: of customers' properties the missing one."""
        nothing = same(0, len(row))
        return self._combine([nothing if c.by_row is None else c.by_row[row] for c in self.columns], len(row))

    def _combine(self, codes: Sequence[Codes], length: int) -> Codes:
        if not self.columns:
            return same(0, length)
        combined = codes[0]
        for column, mine in zip(self.columns[1:], codes[1:], strict=True):
            combined = combined * len(column.labels) + mine
        return combined

    def labels(self, codes: Codes) -> Labels:
        """`plan=pro;country=FR` for each group code, empty for everybody."""
        if not self.columns:
            return Labels(codes, ("",))
        distinct, positions, _ = renumber(codes)
        return Labels.of(positions, [self._label(code) for code in distinct.tolist()])

    def _label(self, code: int) -> str:
        parts = []
        for column in reversed(self.columns):
            code, digit = divmod(code, len(column.labels))
            parts.append(f"{column.column.name}={column.labels[digit]}")
        return ";".join(reversed(parts))


EVERYBODY = Grouping()


def groupings(bucket: Bucket, by: Sequence[str]) -> list[Grouping]:
    """Everybody, then the cross of the named segments if there are any."""
    if not by:
        return [EVERYBODY]
    columns = tuple(bucket.shared(("segment", name), partial(_code, bucket, name)) for name in by)
    return [EVERYBODY, Grouping(columns)]


def _code(bucket: Bucket, name: str) -> Coded:
    segment = bucket.segments[name]
    if segment.source == "events":
        codes, labels = _labelled(pl.Series(bucket.kinds.texts[segment.column], dtype=pl.String), segment)
        return Coded(segment, labels, by_kind=codes)
    if segment.source == AUDIENCE:
        codes, labels = _labelled(bucket.tables[AUDIENCE][segment.column], segment)
        return Coded(segment, labels, by_row=codes)
    table = bucket.tables.get(segment.source, pl.DataFrame(schema={CODE: pl.UInt32})).filter(pl.col(CODE).is_not_null())
    if (segment.source, segment.column) == ("subscriptions", "mrr"):
        table = table.with_columns(decimals(table["mrr"]))
    if segment.source in ("customers", PROFILES):
        codes, labels = _labelled(_least(table[CODE], table[segment.column], bucket.customers), segment)
        return Coded(segment, labels, by_customer=codes)
    spans = table.with_columns(ended=pl.col("ended").fill_null(np.iinfo(np.int64).max)).sort(
        CODE, "started", "ended", segment.column
    )
    codes, labels = _labelled(spans[segment.column], segment)
    owner = spans[CODE].cast(pl.Int64).to_numpy()
    return Coded(segment, labels, spans=(owner, spans["started"].to_numpy(), spans["ended"].to_numpy(), codes))


def _least(owner: pl.Series, values: pl.Series, customers: int) -> pl.Series:
    """The least value of each customer; null for those of whom there is none."""
    place = np.full(customers, -1, np.int64)
    place[owner.to_numpy()] = np.arange(len(owner))
    if np.count_nonzero(place >= 0) < len(owner):  # some have several
        each = pl.DataFrame({"owner": owner, "value": values}).group_by("owner").agg(pl.col("value").min())
        return _least(each["owner"], each["value"], customers)
    return values.gather(pl.Series(place).set(pl.Series(place < 0), None))


def cut_labels(cut: tuple[float, ...]) -> tuple[str, ...]:
    """The ranges between rising bounds, from the lowest."""
    return (f"<{cut[0]:g}", *(f"{a:g}-{b:g}" for a, b in pairwise(cut)), f">={cut[-1]:g}")


def _labelled(values: pl.Series, segment: SegmentColumn) -> tuple[Codes, tuple[str, ...]]:
    """Codes and labels of a column, the missing value first."""
    if segment.cut is not None:
        cut = np.array(segment.cut)
        labels = (MISSING, *cut_labels(segment.cut))
        numbers = values.cast(pl.Float64, strict=False)
        codes = np.searchsorted(cut, numbers.fill_null(0).to_numpy(), side="right") + 1
        return np.where(numbers.is_null().to_numpy(), 0, codes).astype(np.int64), labels
    coded = values if isinstance(values.dtype, pl.Enum) else _as_enum(values)
    texts = cast("pl.Enum", coded.dtype).categories.to_list()
    places = whole(coded.to_physical(), len(texts))
    there = np.flatnonzero(np.bincount(places, minlength=len(texts) + 1)[: len(texts)]).tolist()
    # `MISSING` is an export's own word for nothing.
    named = sorted((texts[place], place) for place in there if texts[place] != MISSING)
    codes = np.zeros(len(texts) + 1, np.int64)
    codes[[place for _, place in named]] = np.arange(1, len(named) + 1)
    return codes[places], (MISSING, *(text for text, _ in named))


def _as_enum(values: pl.Series) -> pl.Series:
    texts = values.cast(pl.String)
    if values.dtype.is_float():
        texts = texts.str.strip_suffix(".0")
    return texts.cast(pl.Enum(texts.drop_nulls().unique()))


def _as_of(owner: Codes, started: Codes, ended: Codes, code: Codes, customer: Codes, at: NDArray[np.int64]) -> Codes:
    """The code of the span that runs at each (customer, instant), of several the one begun last; 0 without any."""
    spans = pl.DataFrame({"customer": owner, "at": started, "ended": ended, "code": code})
    reach = spans.with_columns(reach=pl.col("ended").cum_max().over("customer"))
    asked = pl.DataFrame({"customer": customer, "at": at}).with_row_index("row").sort("customer", "at")
    met = asked.join_asof(reach, on="at", by="customer", strategy="backward", check_sortedness=False)
    runs = pl.col("ended") > pl.col("at")
    found = met.sort("row").select(pl.when(runs).then("code").otherwise(0).fill_null(0)).to_series().to_numpy()
    # Where the span begun last has ended, one begun before it may still run.
    hidden = met.filter(~runs & (pl.col("reach") > pl.col("at"))).select("row", "customer", "at")
    if not hidden.height:
        return found
    others = hidden.join(spans.rename({"at": "started"}), on="customer", maintain_order="left_right")
    others = others.filter((pl.col("started") <= pl.col("at")) & (pl.col("ended") > pl.col("at")))
    last = others.group_by("row", maintain_order=True).agg(pl.col("code").last())
    found = found.copy()
    found[last["row"].to_numpy()] = last["code"].to_numpy()
    return found
