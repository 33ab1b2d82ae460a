"""The course that every engine takes: prepare, learn what was read, measure once or twice, merge.

Engines differ in where rows are read, kept and measured; all that decides a number is here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from engagement_cli.customers.finishing import finish
from engagement_cli.customers.pieces import Pieces
from engagement_cli.engines.inputs import Inputs, read_tables, wanted_of
from engagement_cli.engines.passes import Part, Pass, Totals
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.engines.sizing import pieces_of
from engagement_cli.errors import ExitCode, UserError
from engagement_cli.records import Record, field, replace
from engagement_cli.results import Waterfall
from engagement_cli.sources.exports import first_bad_cells, ticks_per_second, too_many_bad_cells
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.build import Frame
from engagement_cli.timeline.clock import Clock, Facts, undated
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.needs import collect
from engagement_cli.timeline.packing import unpacked
from engagement_cli.timeline.resolve import resolve_clock
from engagement_cli.timeline.segments import PROFILES
from engagement_cli.timeline.selected import selected
from engagement_cli.timeline.spread import Read

MOST_VALUES = 10_000  # of a segment
Tables = Mapping[str, pl.DataFrame]


class Prepared(Record):
    """What is known before any event is read: what to read of them, and the other sources, whole."""

    layout: Layout
    ticks_per_second: int
    tables: Mapping[str, Inputs]
    has_events: bool

    @property
    def largest_table(self) -> int:
        """The rows of the largest source other than the events."""
        return max((table.frame.height for table in self.tables.values()), default=0)


_CODED = {"surveys": ("survey",), "subscriptions": ("plan", "billing")}  # columns


class Run(Record):
    """One pass for an engine to run over all customers.

    `rows` says whether event rows are read, `keep` whether they are needed once more; `tables` are the other sources
    with a `HASH` column, of which some are `packed` and of another schema; `stage` names the pass to who waits for it.
    """

    work: Pass
    tables: Tables
    rows: bool
    keep: bool
    stage: str
    packed: Mapping[str, pl.Schema] = field(default_factory=dict)

    def read(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of a table as they are measured: texts whose readers take codes as well stay codes."""
        if name not in self.packed:
            return rows
        coded = rows.columns if name == PROFILES else _CODED.get(name, ())
        return unpacked(rows, self.packed[name], coded)


def prepare(plan: Plan) -> Prepared:
    """Decide what is read of the events, and read the other sources.

    Raises `UserError` for exports that cannot be read.
    """
    texts = [s.column for s in plan.segments.values() if s.source == "events"]
    demand = collect(plan.needs, texts, plan.settings, keep_ids=plan.keep_ids)
    if "order" not in plan.exports.names().get("events", set()):  # then every purchase is an order of its own
        demand = replace(demand, things=tuple(thing for thing in demand.things if thing != "order"))
    tables = read_tables(plan, ticks := ticks_per_second(plan.exports))
    has_events = "events" in plan.exports.sources
    dedupe = plan.settings.sources.events is not None and plan.settings.sources.events.dedupe != "none"
    return Prepared(Layout(demand, dedupe and has_events), ticks, tables, has_events)


def frame_of(plan: Plan, prepared: Prepared, read: Read) -> Frame:
    """What all customers' timelines share, once every event was read.

    Raises `UserError` for an events export without a usable row, and for segments of endlessly many values.
    """
    if prepared.has_events and read.facts is None:
        raise _nothing_used(plan, prepared, read)
    _refuse_endless(plan, prepared, read)
    selections = selected({s for need in plan.needs for s in need.selections}, read.kinds, plan.settings)
    clock = _clock(plan, read.facts, prepared.tables)
    return Frame(
        clock, plan.settings, read.kinds, read.final_kind, plan.segments, prepared.layout, selections, plan.uncounted
    )


def measure(
    plan: Plan, prepared: Prepared, frame: Frame, read: Read, run_pass: Callable[[Run], Iterable[Part]]
) -> Merged:
    """Run the first pass and, where metrics read the customer table, the second; merge what they give."""
    of_table = {name: ask for name, ask in plan.asks.items() if plan.reads_table(ask)}
    others = {name: ask for name, ask in plan.asks.items() if name not in of_table}
    pieces = Pieces(*pieces_of(plan.limits))
    first = Pass(others, plan.profiling, None if of_table else plan.customer_rows, profiles=pieces)
    second = Pass(of_table, None, plan.customer_rows)
    again = bool(of_table) and second.of_rows
    tables = {name: table.frame for name, table in prepared.tables.items()}
    packed = {name: table.schema for name, table in prepared.tables.items()}
    for part in run_pass(Run(first, tables, rows=True, keep=again, stage="measuring", packed=packed)):
        first.add(part)
    finished = None
    if plan.profiling is not None:
        finished = finish(plan.profiling, first.profiles, frame.clock, _columns_to_divide_by(plan), plan.limits.threads)
        first.profiles.close()
        _refuse_endless_profiles(plan, finished.distinct)
    if of_table and finished is not None:
        tables[PROFILES] = finished.counted
        stage, packed = "measuring by customer", {**packed, PROFILES: finished.schema}
        for part in run_pass(Run(second, tables, rows=again, keep=False, stage=stage, packed=packed)):
            second.add(part)
    kept = first.kept + second.kept
    return Merged(
        clock=frame.clock,
        kinds=frame.kinds,
        states={**first.states(), **second.states()},
        waterfalls=_waterfalls(plan, prepared, frame.clock, read, first.totals),
        demand=frame.layout.demand,
        customers=first.totals.customers,
        customer_rows=pl.concat(kept) if kept else None,
        silent={} if finished is None else finished.silent,
        profiles=None if finished is None else finished.table,
    )


def ids_of(read: Read, tables: Mapping[str, Inputs]) -> pl.DataFrame:
    """Every customer's hash (`HASH`) and id, from all sources."""
    there = [table.frame for table in tables.values() if HASH in table.frame.columns]
    parts = [frame.select(HASH, id=pl.col("customer")).drop_nulls() for frame in there]
    if read.ids is not None:
        parts.append(read.ids.rename({"hash": HASH}))
    if not parts:  # sources of nobody alone
        return pl.DataFrame(schema={HASH: pl.UInt64, "id": pl.String})
    whole = pl.concat(parts).unique()
    if whole[HASH].n_unique() != whole.height:
        raise RuntimeError("two customer ids share one hash")
    return whole


def _nothing_used(plan: Plan, prepared: Prepared, read: Read) -> UserError:
    """The error about an events export of which no row could be used: cells that cannot be read, or nothing to read."""
    seen = Waterfall("events", read=int(read.fates.sum()), unparseable=int(read.fates[1]))
    if seen.unparseable:
        cells = first_bad_cells(plan.exports, "events", wanted_of(prepared.layout.demand), prepared.ticks_per_second)
        if (error := too_many_bad_cells(seen, strict=False, cells=cells)) is not None:
            return error
    lost = [(int(read.fates[2 + i]), name) for i, name in enumerate(plan.exports.exclusions.get("events", ()))]
    left_out = ", ".join(f"{count:,} left out by {name}" for count, name in lost if count)
    return UserError(
        "no usable row in the events export" + (f": {left_out} of {seen.read:,}" if left_out else ""),
        where=", ".join(str(f) for f in plan.exports.sources["events"].files),
        hint="see what became of the rows with `engagement check`",
        code=ExitCode.EMPTY,
    )


def _refuse_endless(plan: Plan, prepared: Prepared, read: Read) -> None:
    """Raise UserError for a segment of so many values that nobody could read, nor memory hold, what it divides."""
    for name, segment in plan.segments.items():
        if segment.cut is not None or segment.source == PROFILES:
            continue
        if segment.source == "events":
            _refuse_many(name, len(set(read.kinds.texts[segment.column])))
        else:
            _refuse_many(name, prepared.tables[segment.source].frame[segment.column].n_unique())


def _columns_to_divide_by(plan: Plan) -> set[str]:
    """The columns of the customer table whose values are segments as they are."""
    return {segment.column for segment in plan.segments.values() if segment.cut is None and segment.source == PROFILES}


def _refuse_endless_profiles(plan: Plan, distinct: Mapping[str, int]) -> None:
    for name, segment in plan.segments.items():
        if segment.cut is None and segment.source == PROFILES:
            _refuse_many(name, distinct[segment.column])


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


def _waterfalls(plan: Plan, prepared: Prepared, clock: Clock, read: Read, totals: Totals) -> tuple[Waterfall, ...]:
    found = []
    if prepared.has_events:
        names = plan.exports.exclusions.get("events", ())
        found.append(
            Waterfall(
                source="events",
                read=int(read.fates.sum()),
                unparseable=int(read.fates[1]),
                excluded={name: int(read.fates[2 + i]) for i, name in enumerate(names)},
                duplicate=totals.duplicates,
                outside=totals.outside,
                used=totals.inside,
                without_customer=totals.anonymous,
            )
        )
    found += [table.waterfall_within(clock) for table in prepared.tables.values()]
    return tuple(found)
