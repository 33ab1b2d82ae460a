"""Batches of event rows from the pages of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import LIMIT
from engagement_cli.native.kinds import Marked
from engagement_cli.native.parquet import OtherParquetError, Words, mark_missing
from engagement_cli.sources.fates import FIRST_EXCLUSION, UNPARSEABLE, USED
from engagement_cli.sources.headers import Header
from engagement_cli.sources.parquet.columns import Column, Part, read_parts, to_micros
from engagement_cli.sources.parquet.groups import Group, groups_of
from engagement_cli.sources.parquet.pages import pages_of
from engagement_cli.sources.parquet.plan import PagePlan
from engagement_cli.sources.parquet.texts import Asked, Hashing, asking
from engagement_cli.timeline.hashing import Hashed, no_text
from engagement_cli.timeline.incoming import Incoming, Piece
from engagement_cli.timeline.kind_registry import Places, Texts

_MOST_ROWS = 1 << 32  # whose numbers are listed


def read_batch(plan: PagePlan, headers: Sequence[Header]) -> Incoming:
    """All rows that the headers mean. Raises `OtherParquetError` and `OSError`."""
    try:
        return _read(plan, headers)
    except MemoryError:  # damaged files may say that they have any number of rows
        raise OtherParquetError from None


def _read(plan: PagePlan, headers: Sequence[Header]) -> Incoming:
    groups = [(header, [*_within(groups_of(header, plan.names), *header.meant)]) for header in headers]
    largest = max((group.rows for _, some in groups for group, *_ in some), default=0)
    rows = sum(header.meant[1] for header in headers)
    if rows + largest > _MOST_ROWS:
        raise OtherParquetError
    batch = _Batch(plan, rows, largest)
    parts, before = [], 0
    for header, some in groups:
        with header.file.open("rb", buffering=0) as stream:
            for group, start, end in some:
                parts.append(Part(pages_of(stream, group, start, end), start, end, before))
                before += end - start
    return batch.incoming(parts)


def _within(groups: Sequence[Group], first: int, count: int) -> Iterator[tuple[Group, int, int]]:
    """The row groups that have some of so many rows, and which of theirs."""
    before = 0
    for group in groups:
        start, end = max(first - before, 0), min(first + count - before, group.rows)
        if start < end:
            yield group, start, end
        before += group.rows


class _Batch:
    """The columns of so many rows, from row groups of which the largest has so many."""

    def __init__(self, plan: PagePlan, rows: int, largest: int) -> None:
        self._plan, demand = plan, plan.demand
        self._fates = np.empty(rows, np.uint8)

        def column(raw: str, ask: Asked | None = None, *, listed: bool = False) -> Column:
            return Column(raw, rows, largest, ask, listed=listed)

        self._hashing = {name: Hashing() for name in (*demand.texts, *demand.things)}
        self._customers, self._events = Hashing(customers=True), Hashing()
        self._time = column(plan.time)
        self._customer, self._event = column(plan.customer, self._customers), column(plan.event, self._events)
        own = [name for name in demand.texts if name not in demand.things]
        self._texts = {name: column(plan.raw[name], self._hashing[name]) for name in own}
        self._numbers = [column(plan.raw[name], listed=True) for name in demand.numbers]
        self._things = {name: column(plan.raw[name], self._hashing[name], listed=True) for name in demand.things}
        self._flags, self._excluded = (
            [column(each.column, asking(each.sql, each.name)) for each in predicates]
            for predicates in (plan.predicates, plan.exclusions)
        )

    def incoming(self, parts: Sequence[Part]) -> Incoming:
        """The rows of parts. Raises `OtherParquetError`."""
        demand, fates = self._plan.demand, self._fates
        asked = (*self._texts.values(), *self._numbers, *self._things.values(), *self._flags, *self._excluded)
        read_parts([self._time, self._customer, self._event, *asked], parts)
        for part in parts:
            which = slice(part.before, part.before + part.end - part.start)
            unit = part.pages[self._plan.time].chunk.unit
            to_micros(self._time.words.view(np.int64)[which], unit, fates[which])
        mark_missing(self._event.words, no_text(), fates)
        numbers = [(column.rows, column.words.view(np.float64)) for column in self._numbers]
        for rows, each in numbers:
            fates[rows[~(np.abs(each) < LIMIT)]] = UNPARSEABLE
        for place, column in enumerate(self._excluded):  # a row's fate is the first that holds
            fates[(column.words == 1) & (fates == USED)] = FIRST_EXCLUSION + place
        things = {name: Hashed(each.words, each.rows, len(fates)) for name, each in self._things.items()}
        others = (self._texts[name].words if name in self._texts else things[name].whole for name in demand.texts)
        texts = [self._event.words, *others]
        ends = [*(part.before for part in parts), len(fates)]
        pieces = [self._piece(texts, slice(*span)) for span in pairwise(ends)]
        return Incoming(pieces, fates, numbers, list(things.values()), self._ids() if demand.keep_ids else None)

    def _piece(self, texts: Sequence[Words], which: slice) -> Piece:
        hashes = [text[which] for text in texts]
        flags = [pl.Series(flag.words[which] == 1) for flag in self._flags]
        hashing = [self._events, *(self._hashing[name] for name in self._plan.demand.texts)]

        def told(rows: Places) -> list[Texts]:
            return [each.behind(text[rows])["text"].to_list() for each, text in zip(hashing, hashes, strict=True)]

        return Piece(Marked(hashes, self._customer.words[which], flags), self._time.words.view(np.int64)[which], told)

    def _ids(self) -> pl.DataFrame:
        kept = np.unique(self._customer.words[self._fates == USED])
        return self._customers.behind(kept[kept != 0]).rename({"text": "id"})
