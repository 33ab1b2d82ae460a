"""Spread event rows once over customer buckets, collecting facts, kinds and the waterfall's counts on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import BoundedSemaphore

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.kind_registry import KindRegistry
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.store import Array, Store
from engagement_cli.timeline.tally import Tally

HASH_SEED = 1
NO_NUMBER = np.iinfo(np.int64).min  # a null among fixed-point numbers
NO_IDENTITY = 0  # a row with nothing to compare: never a duplicate
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Layout:
    """Which columns the two stores hold. Rows: customer hash, time, kind, and the identity where duplicates are
    sought. Valued rows (those with a number or a thing) besides: every number and every thing."""

    demand: Demand
    dedupe: bool

    @property
    def row_dtypes(self) -> list[np.dtype[np.generic]]:
        """Dtypes of the columns of the rows' store."""
        base: list[np.dtype[np.generic]] = [np.dtype(np.uint64), np.dtype(np.int64), np.dtype(np.uint32)]
        return base + ([np.dtype(np.uint64)] if self.dedupe else [])

    @property
    def valued_dtypes(self) -> list[np.dtype[np.generic]]:
        """Dtypes of the columns of the valued rows' store."""
        numbers: list[np.dtype[np.generic]] = [np.dtype(np.int64)] * len(self.demand.numbers)
        return self.row_dtypes + numbers + [np.dtype(np.uint64)] * len(self.demand.things)

    @property
    def has_values(self) -> bool:
        """Whether any metric needs numbers or things."""
        return bool(self.demand.numbers or self.demand.things)


@dataclass(frozen=True)
class Read:
    """What was learned from reading every event row.

    `fates[i]` counts the rows that met fate i (0 kept, 1 unparseable, 2 + i excluded); `final_kind` turns provisional
    kind codes into final ones; `facts` is None where no row was kept; `ids` has columns `hash` and `id`, one row a
    customer, if ids were kept.
    """

    kinds: Kinds
    final_kind: NDArray[np.uint32]
    facts: Facts | None
    fates: NDArray[np.int64]
    ids: pl.DataFrame | None


@dataclass(frozen=True)
class Spread:
    """Event rows in their buckets, with provisional kind codes, and what was learned from them."""

    buckets: int
    rows: Store
    valued: Store | None
    layout: Layout
    read: Read

    def close(self) -> None:
        """Give back the stores' memory and files."""
        self.rows.close()
        if self.valued is not None:
            self.valued.close()


def customer_hash(column: str = "customer") -> pl.Expr:
    """The one function that says which customer a row belongs to, and thereby its bucket; null stays null."""
    return pl.when(pl.col(column).is_not_null()).then(pl.col(column).hash(HASH_SEED))


def bucket_of(hashes: NDArray[np.uint64], buckets: int) -> NDArray[np.uint16]:
    """The bucket of each customer: the hash's upper half, scaled. `buckets` is at most 65,536."""
    return (((hashes >> np.uint64(32)) * np.uint64(buckets)) >> np.uint64(32)).astype(np.uint16)


def spread(
    batches: Iterable[pl.DataFrame],
    layout: Layout,
    buckets: int,
    new_store: Callable[[list[np.dtype[np.generic]]], Store],
    *,
    ticks_per_second: int,
    threads: int = 2,
    progress: Callable[[int], None] = lambda rows: None,
) -> Spread:
    """Spread batches of canonical event rows.

    A batch has `customer`, `event`, `time` (ticks, Int64), `fate`, `identity` if duplicates are sought, and the
    demand's columns as `p0…` (Boolean), `t0…` (text), `n0…` (fixed point Int64), `x0…` (hash of a thing, UInt64).
    """
    registry = KindRegistry(layout.demand.predicates, layout.demand.texts)
    rows = new_store(layout.row_dtypes)
    valued = new_store(layout.valued_dtypes) if layout.has_values else None
    with ExitStack() as undo:  # whatever stops the reading, no temporary file stays
        undo.callback(rows.close)
        if valued is not None:
            undo.callback(valued.close)
        tally = Tally(ticks_per_second)
        _spread_all(batches, threads, lambda b: _one_batch(b, layout, buckets, rows, valued, registry, tally), progress)
        kinds, final = registry.finish()
        undo.pop_all()
    read = Read(kinds, final, tally.facts(), tally.fates(), tally.ids())
    return Spread(buckets, rows, valued, layout, read)


def _spread_all(
    batches: Iterable[pl.DataFrame],
    threads: int,
    work: Callable[[pl.DataFrame], None],
    progress: Callable[[int], None],
) -> None:
    """Work on every batch, several at a time; the first that fails ends it."""
    gate = BoundedSemaphore(threads + 1)  # bounds how many batches wait in memory

    def one(batch: pl.DataFrame) -> None:
        try:
            work(batch)
            progress(batch.height)
        finally:
            gate.release()

    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[None]] = deque()
        for batch in batches:
            gate.acquire()
            while pending and pending[0].done():
                pending.popleft().result()
            pending.append(pool.submit(one, batch))
        for future in pending:
            future.result()


def _one_batch(
    batch: pl.DataFrame,
    layout: Layout,
    buckets: int,
    rows: Store,
    valued: Store | None,
    registry: KindRegistry,
    tally: Tally,
) -> None:
    fate = batch["fate"].to_numpy()
    fates = np.bincount(fate, minlength=1)
    kept = fate == 0
    rows_kept = np.flatnonzero(kept) if fates[0] < batch.height else None
    time = batch["time"].fill_null(0).to_numpy()
    ids = None
    if layout.demand.keep_ids:
        ids = batch.filter(pl.col("fate") == 0).select(customer_hash().alias("hash"), id="customer")
        ids = ids.drop_nulls().unique()
    tally.add(fates, time if rows_kept is None else time[rows_kept], ids)
    if not fates[0]:
        return
    customer, lost = batch["customer"].hash(HASH_SEED).to_numpy(), None
    if batch["customer"].has_nulls():
        lost = batch["customer"].is_null().to_numpy()
        customer = np.where(lost, np.uint64(0), customer)
    columns: list[Array] = [customer, time, registry.encode(batch, kept)]
    if layout.dedupe:
        columns.append(batch["identity"].fill_null(NO_IDENTITY).to_numpy())
    # Rows without a customer are spread by their identity, or else by their time: their bucket only bounds memory.
    spot = customer
    if lost is not None:
        spot = np.where(lost, columns[3] if layout.dedupe else time.astype(np.uint64) * _GOLDEN, customer)
    bucket = bucket_of(np.asarray(spot, dtype=np.uint64), buckets)
    _scatter(rows, bucket, columns, buckets, rows_kept)
    if valued is not None:
        numbers = [batch[f"n{i}"] for i in range(len(layout.demand.numbers))]
        things = [batch[f"x{i}"] for i in range(len(layout.demand.things))]
        has_value = np.zeros(batch.height, dtype=bool)
        for column in (*numbers, *things):
            has_value |= column.is_not_null().to_numpy()
        which = np.flatnonzero(has_value & kept)
        chosen = [column[which] for column in columns]
        chosen += [n.gather(which).fill_null(NO_NUMBER).to_numpy() for n in numbers]
        chosen += [x.gather(which).fill_null(0).to_numpy() for x in things]
        _scatter(valued, bucket[which], chosen, buckets, None)


def _scatter(
    store: Store, bucket: NDArray[np.uint16], columns: list[Array], buckets: int, which: NDArray[np.int64] | None
) -> None:
    """Append the rows at `which` (None: all) to their buckets."""
    mine = bucket if which is None else bucket[which]
    order = np.argsort(mine, kind="stable")
    if which is not None:
        order = which[order]
    ends = np.cumsum(np.bincount(mine, minlength=buckets))
    columns = [column[order] for column in columns]
    start = 0
    for index, end in enumerate(ends.tolist()):
        if end > start:
            store.append(index, [column[start:end] for column in columns])
        start = end
