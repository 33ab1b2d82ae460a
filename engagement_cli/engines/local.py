"""The local engine: scan, bucket, build, measure, merge, on this machine's cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import polars as pl

from engagement_cli.engines.inputs import Inputs, event_batches, read_tables, wanted_of
from engagement_cli.engines.passes import Part, Pass, Totals, in_turn
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.errors import ExitCode, UserError
from engagement_cli.results import Waterfall
from engagement_cli.sources.exports import first_bad_cells, ticks_per_second, too_many_bad_cells
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.build import Frame, build
from engagement_cli.timeline.clock import Clock, Facts, undated
from engagement_cli.timeline.needs import collect
from engagement_cli.timeline.resolve import resolve_clock
from engagement_cli.timeline.segments import PROFILES
from engagement_cli.timeline.spread import Layout, Spread, bucket_of, spread
from engagement_cli.timeline.store import Array, DiskStore, MemoryStore, Store

ROWS_A_BUCKET = 1_000_000
BYTES_A_ROW = 24
MOST_VALUES = 10_000  # of a segment
_SPOT = "\x1fbucket"


def run(plan: Plan) -> Merged:
    """Measure every metric of the plan.

    Raises `UserError` for exports that cannot be read, are empty, or have too many bad cells.
    """
    needs = plan.needs
    texts = [s.column for s in plan.segments.values() if s.source == "events"]
    demand = collect(needs, texts, plan.settings, keep_ids=plan.keep_ids)
    if "order" not in plan.exports.names().get("events", set()):  # then every purchase is an order of its own
        demand = replace(demand, things=tuple(thing for thing in demand.things if thing != "order"))
    tables = read_tables(plan, ticks := ticks_per_second(plan.exports))
    events = plan.exports.sources.get("events")
    dedupe = plan.settings.sources.events is not None and plan.settings.sources.events.dedupe != "none"
    layout = Layout(demand, dedupe and events is not None)
    hint = events.rows_hint if events is not None else None
    largest = max([hint or 0, *(t.frame.height for t in tables.values())])
    buckets = plan.limits.buckets or min(max(largest // ROWS_A_BUCKET, 1), 4096)
    if plan.keep_ids and plan.customer_rows is not None and any(need.across for need in needs):
        buckets = 1  # rows of customers are made bucket by bucket, and here they rest on those of others
    on_disk = plan.limits.memory is not None and largest * BYTES_A_ROW * 2 > plan.limits.memory

    def new_store(dtypes: list[np.dtype[np.generic]]) -> Store:
        return DiskStore(buckets, dtypes) if on_disk else MemoryStore(buckets, dtypes)

    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        plan.progress("reading", done, hint)

    batches: Iterable[pl.DataFrame] = event_batches(plan, demand, ticks) if events is not None else ()
    rows = spread(
        batches, layout, buckets, new_store, ticks_per_second=ticks, threads=plan.limits.threads, progress=progress
    )
    try:
        if events is not None and rows.facts is None:
            raise _nothing_used(plan, rows, ticks)
        _refuse_endless(plan, rows, tables)
        clock = _clock(plan, rows.facts, tables)
        selections = tuple(sorted({s for need in needs for s in need.selections}, key=lambda s: (str(s), repr(s))))
        frame = Frame(
            clock, plan.settings, rows.kinds, rows.final_kind, plan.segments, layout, selections, plan.uncounted
        )
        return _measure(plan, frame, rows, tables, buckets)
    finally:
        rows.close()


def _nothing_used(plan: Plan, rows: Spread, ticks: int) -> UserError:
    """The error about an events export of which no row could be used: cells that cannot be read, or nothing to read."""
    seen = Waterfall("events", read=int(rows.fates.sum()), unparseable=int(rows.fates[1]))
    if seen.unparseable:
        cells = first_bad_cells(plan.exports, "events", wanted_of(rows.layout.demand), ticks)
        if (error := too_many_bad_cells(seen, strict=False, cells=cells)) is not None:
            return error
    lost = [(int(rows.fates[2 + i]), name) for i, name in enumerate(plan.exports.exclusions.get("events", ()))]
    left_out = ", ".join(f"{count:,} left out by {name}" for count, name in lost if count)
    return UserError(
        "no usable row in the events export" + (f": {left_out} of {seen.read:,}" if left_out else ""),
        where=", ".join(str(f) for f in plan.exports.sources["events"].files),
        hint="see what became of the rows with `engagement check`",
        code=ExitCode.EMPTY,
    )


def _refuse_endless(plan: Plan, rows: Spread, tables: Mapping[str, Inputs]) -> None:
    """Raise UserError for a segment of so many values that nobody could read, nor memory hold, what it divides."""
    for name, segment in plan.segments.items():
        if segment.cut is not None or segment.source == PROFILES:
            continue
        if segment.source == "events":
            _refuse_many(name, len(set(rows.kinds.texts[segment.column])))
        else:
            _refuse_many(name, tables[segment.source].frame[segment.column].n_unique())


def _refuse_endless_profiles(plan: Plan, profiles: pl.DataFrame) -> None:
    for name, segment in plan.segments.items():
        if segment.cut is None and segment.source == PROFILES:
            _refuse_many(name, profiles[segment.column].n_unique())


def _refuse_many(name: str, values: int) -> None:
    if values > MOST_VALUES:
        raise UserError(
            f"{name} has {values:,} values; a breakdown takes at most {MOST_VALUES:,}",
            where=f"by: {name}",
            hint="leave some out with --where, or configure a segment that cuts its numbers into ranges",
        )


def _clock(plan: Plan, facts: Facts | None, tables: Mapping[str, Inputs]) -> Clock:
    if facts is None:
        facts = next(
            (t.facts for name in ("surveys", "subscriptions", "audience") if (t := tables.get(name)) and t.facts), None
        )
    return undated(plan.settings.timezone) if facts is None else resolve_clock(facts, plan.settings, plan.range)


def _measure(plan: Plan, frame: Frame, rows: Spread, tables: Mapping[str, Inputs], buckets: int) -> Merged:
    shares = {name: _shares(table.frame, buckets) for name, table in tables.items()}
    ids = None if rows.ids is None and not plan.keep_ids else _shares(_ids(rows, tables), buckets)
    of_table = {name: ask for name, ask in plan.asks.items() if plan.reads_table(ask)}
    others = {name: ask for name, ask in plan.asks.items() if name not in of_table}
    first = Pass(others, plan.profiling, None if of_table else plan.customer_rows)
    second = Pass(of_table, None, plan.customer_rows)
    stage, again = "measuring", bool(of_table) and second.of_rows

    def run_pass(work: Pass, *, with_rows: bool, keep: bool) -> None:
        def one(index: int) -> Part:
            taken = rows.rows.take(index, keep=keep) if with_rows else _nothing(rows.layout.row_dtypes)
            valued = None
            if rows.valued is not None:
                valued = rows.valued.take(index, keep=keep) if with_rows else _nothing(rows.layout.valued_dtypes)
            parts = {name: share(index) for name, share in shares.items()}
            return work.measure(build(frame, taken, valued, parts, None if ids is None else ids(index)))

        with ThreadPoolExecutor(plan.limits.threads) as pool:
            for index, found in enumerate(in_turn(pool, one, buckets, plan.limits.threads)):
                work.add(*found)
                plan.progress(stage, index + 1, buckets)

    run_pass(first, with_rows=True, keep=again)
    profiles = None
    if plan.profiling is not None:
        profiles = plan.profiling.finish(pl.concat(first.profiles), frame.clock)
        _refuse_endless_profiles(plan, profiles)
    if of_table and profiles is not None:
        shares[PROFILES], stage = _shares(profiles, buckets), "measuring by customer"
        run_pass(second, with_rows=again, keep=False)
    kept = first.kept + second.kept
    return Merged(
        clock=frame.clock,
        kinds=frame.kinds,
        states={**first.states(), **second.states()},
        waterfalls=_waterfalls(plan, frame.clock, rows, tables, first.totals),
        demand=frame.layout.demand,
        customers=first.totals.customers,
        customer_rows=pl.concat(kept) if kept else None,
        profiles=profiles,
    )


def _nothing(dtypes: list[np.dtype[np.generic]]) -> list[Array]:
    return [np.empty(0, dtype) for dtype in dtypes]


def _shares(table: pl.DataFrame, buckets: int) -> Callable[[int], pl.DataFrame]:
    """A function from bucket to that bucket's rows; rows of nobody, and tables without customers, are in bucket 0."""
    if HASH not in table.columns:
        return lambda index: table if index == 0 else table.clear()
    spot = np.where(
        table[HASH].is_null().to_numpy(), 0, bucket_of(table[HASH].fill_null(0).to_numpy(), buckets)
    ).astype(np.uint32)
    ordered = table.with_columns(pl.Series(_SPOT, spot)).sort(_SPOT, maintain_order=True)
    ends = np.searchsorted(ordered[_SPOT].to_numpy(), np.arange(buckets + 1))
    ordered = ordered.drop(_SPOT)
    return lambda index: ordered.slice(int(ends[index]), int(ends[index + 1] - ends[index]))


def _ids(rows: Spread, tables: Mapping[str, Inputs]) -> pl.DataFrame:
    parts = [t.frame.select(HASH, id="customer").drop_nulls() for t in tables.values() if HASH in t.frame.columns]
    if rows.ids is not None:
        parts.append(rows.ids.rename({"hash": HASH}))
    if not parts:  # sources of nobody alone
        return pl.DataFrame(schema={HASH: pl.UInt64, "id": pl.String})
    whole = pl.concat(parts).unique()
    if whole[HASH].n_unique() != whole.height:
        raise RuntimeError("two customer ids share one hash")
    return whole


def _waterfalls(
    plan: Plan, clock: Clock, rows: Spread, tables: Mapping[str, Inputs], totals: Totals
) -> tuple[Waterfall, ...]:
    found = []
    if "events" in plan.exports.sources:
        names = plan.exports.exclusions.get("events", ())
        found.append(
            Waterfall(
                source="events",
                read=int(rows.fates.sum()),
                unparseable=int(rows.fates[1]),
                excluded={name: int(rows.fates[2 + i]) for i, name in enumerate(names)},
                duplicate=totals.duplicates,
                outside=totals.outside,
                used=totals.inside,
                without_customer=totals.anonymous,
            )
        )
    found += [table.waterfall_within(clock) for table in tables.values()]
    return tuple(found)
