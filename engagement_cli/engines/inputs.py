"""What an engine reads: batches of canonical event rows, and the other sources as tables with customer hashes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.engines.plan import Plan
from engagement_cli.records import Record, replace
from engagement_cli.results import Waterfall
from engagement_cli.sources.exports import (
    Exports,
    OtherParquetError,
    PagePlan,
    Wanted,
    cell_column,
    diagnose,
    float_column,
    hash_column,
    in_pieces,
    load_table,
    page_plan,
    read_batch,
    scan_events,
    sql_columns,
)
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.clock import Clock, Facts
from engagement_cli.timeline.frames import from_frame, ready
from engagement_cli.timeline.hashing import customer_hash
from engagement_cli.timeline.incoming import Incoming, Layout
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.packing import packed_texts
from engagement_cli.timeline.tally import Tally

BATCH_ROWS = 1 << 19
_TIME_COLUMN = {"surveys": "time", "subscriptions": "started", "audience": "time"}


class Inputs(Record):
    """One source other than events: its rows with a `HASH` column (but for `audience`), its waterfall, its dates.

    Its texts are packed; `schema` is that of the columns as they are read.
    """

    name: str
    frame: pl.DataFrame
    schema: pl.Schema
    waterfall: Waterfall
    facts: Facts | None

    def waterfall_within(self, clock: Clock) -> Waterfall:
        """The waterfall with the rows outside `[since, until)` told apart, for sources whose rows happen at a time."""
        column = _TIME_COLUMN.get(self.name)
        if column is None or self.name == "subscriptions" or column not in self.frame.columns:
            return self.waterfall
        inside = self.frame.filter((pl.col(column) >= clock.since) & (pl.col(column) < clock.until))
        lost = inside[HASH].null_count() if HASH in inside.columns else 0
        return replace(
            self.waterfall, outside=self.frame.height - inside.height, used=inside.height, without_customer=lost
        )


def read_tables(plan: Plan, ticks_per_second: int) -> dict[str, Inputs]:
    """The sources other than events, each whole in memory, in the order of buckets however many there are.

    Columns that nobody reads are left out, ids too once they are hashed. Several are read at a time: of each, much runs
    on one thread.
    """
    names = [name for name in ("surveys", "subscriptions", "customers", "audience") if name in plan.sources]
    with ThreadPoolExecutor(plan.limits.threads) as pool:
        return dict(zip(names, pool.map(lambda name: _read_table(plan, name, ticks_per_second), names), strict=True))


def _read_table(plan: Plan, name: str, ticks_per_second: int) -> Inputs:
    only = _columns_read(plan, name)
    table = load_table(plan.exports, name, ticks_per_second, only)
    schema, frame, waterfall = table.frame.schema, packed_texts(table.frame), table.waterfall
    del table
    if "customer" in schema:
        frame = frame.with_columns(pl.col("customer").cast(pl.String)).with_columns(customer_hash().alias(HASH))
        if only is not None and not plan.keep_ids and "customer" not in only:
            frame = frame.drop("customer")
        frame = frame.sort(HASH, maintain_order=True)
        schema = pl.Schema({column: schema.get(column, dtype) for column, dtype in frame.schema.items()})
    return Inputs(name, frame, schema, waterfall, _facts(name, frame, ticks_per_second))


def _columns_read(plan: Plan, source: str) -> set[str] | None:
    """What is read of a source besides the columns that all know by name; None for everything."""
    if plan.customer_rows is not None:
        return None
    if source == "customers" and plan.profiling is not None and "properties" in plan.profiling.families:
        return None
    pairs = [pair for need in plan.needs for pair in (*need.columns, *need.welcome_columns)]
    pairs += [(at, column) for need in plan.needs for at, sql in need.predicates for column in sql_columns(sql)]
    pairs += [(segment.source, segment.column) for segment in plan.segments.values()]
    return {column for at, column in pairs if at == source}


def _facts(name: str, frame: pl.DataFrame, ticks_per_second: int) -> Facts | None:
    column = _TIME_COLUMN.get(name)
    if column is None or column not in frame.columns:
        return None
    time = frame[column].drop_nulls()
    if name == "subscriptions" and "ended" in frame.columns:
        time = pl.concat([time, frame["ended"].drop_nulls()])
    tally = Tally(ticks_per_second)
    tally.add([(np.zeros(len(time), np.uint8), time.to_numpy())])
    return tally.facts()


def event_batches(
    plan: Plan, layout: Layout, ticks_per_second: int, rows: int = BATCH_ROWS, ahead: int = 3
) -> Iterator[Incoming]:
    """Event rows as `spread` reads them, batch by batch.

    A batch has at most `rows` rows, and `ahead` of them are read while others are worked on. Raises `UserError` with a
    diagnosis of the file where Polars cannot read on.
    """
    pieces = in_pieces(plan.exports, "events", rows)
    try:
        if pieces is None:
            whole = _canonical(plan.exports, layout, ticks_per_second)
            batches = whole.collect_batches(chunk_size=rows, maintain_order=False, engine="streaming")
            yield from _ahead((partial(from_frame, batch, layout) for batch in batches), ahead)
        else:
            pages = page_plan(plan.exports, layout.demand, wanted_of(layout.demand), ticks_per_second)
            yield from _ahead((partial(_read, piece, layout, ticks_per_second, pages) for piece in pieces), ahead)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise diagnose(plan.exports, error) from error


def _ahead(readings: Iterable[Callable[[], Incoming]], ahead: int) -> Iterator[Incoming]:
    """What each reads, several at a time."""
    waiting: deque[Future[Incoming]] = deque()
    with ThreadPoolExecutor(ahead) as pool:
        try:
            for read in readings:
                if len(waiting) == ahead:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(read))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _read(exports: Exports, layout: Layout, ticks_per_second: int, pages: PagePlan | None) -> Incoming:
    """All event rows of the exports as one batch; what is odd about their pages is left to Polars."""
    if pages is not None:
        with suppress(OtherParquetError):
            return read_batch(pages, exports.sources["events"].headers)
    return from_frame(_canonical(exports, layout, ticks_per_second).collect(engine="streaming"), layout)


def _canonical(exports: Exports, layout: Layout, ticks_per_second: int) -> pl.LazyFrame:
    demand = layout.demand
    wanted = wanted_of(demand)
    frame = scan_events(exports, wanted, ticks_per_second)
    columns = [pl.col("time", "fate"), *([pl.col("identity")] if layout.dedupe else [])]
    columns += [pl.col("customer").alias("id")] if demand.keep_ids else []
    columns += [pl.col(hash_column("customer")).alias("customer")]
    columns += [pl.col(cell_column("event")).alias("event"), pl.col(hash_column("event")).alias("e")]
    columns += [pl.col(name) for name in wanted.predicates]
    columns += [pl.col(cell_column(name)).alias(f"t{i}") for i, name in enumerate(demand.texts)]
    columns += [pl.col(float_column(name)).alias(f"n{i}") for i, name in enumerate(demand.numbers)]
    columns += [pl.col(cell_column(name)).alias(f"x{i}") for i, name in enumerate(demand.things)]
    return ready(frame.select(columns), layout)


def wanted_of(demand: Demand) -> Wanted:
    """The demand in the words of the events source."""
    return Wanted(
        predicates={f"p{i}": sql for i, sql in enumerate(demand.predicates)},
        floats=demand.numbers,
        cells=("event", *demand.texts, *demand.things),
        hashes=("customer", "event"),
    )
