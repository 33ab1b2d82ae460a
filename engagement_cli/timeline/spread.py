"""Spread event rows once over customer buckets, collecting facts, kinds and the waterfall's counts on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import BoundedSemaphore

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.decimals import fixed
from engagement_cli.native.partition import buckets_of
from engagement_cli.native.records import Columns
from engagement_cli.records import Record
from engagement_cli.timeline.block import Array, Batch, Cells, Values, packed, unpacked
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.hashing import no_text
from engagement_cli.timeline.incoming import Incoming, Layout
from engagement_cli.timeline.kind_registry import KindRegistry
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.rows import NO_NUMBER
from engagement_cli.timeline.store import BlockStore
from engagement_cli.timeline.tally import Tally

_ODD = -0x61C8864680B583EB
_NO_NUMBERS = np.full(3, NO_NUMBER)


class Read(Record):
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


class Spread(Record):
    """Event rows in their buckets, with provisional kind codes, and what was learned from them."""

    buckets: int
    store: BlockStore
    layout: Layout
    read: Read

    def take(self, bucket: int, *, keep: bool = False) -> tuple[list[Array], Cells]:
        """The columns of a bucket's rows, and the values that some have.

        A bucket is taken once, unless its rows are to be kept.
        """
        return unpacked(self.store.take(bucket, keep=keep), identified=self.layout.dedupe)

    def close(self) -> None:
        """Give back the store's memory and file."""
        self.store.close()


def bucket_of(hashes: NDArray[np.uint64], buckets: int) -> NDArray[np.uint16]:
    """The bucket of each customer: the hash's upper half, scaled. `buckets` is at most 65,536."""
    return (((hashes >> np.uint64(32)) * np.uint64(buckets)) >> np.uint64(32)).astype(np.uint16)


def spread(
    batches: Iterable[Incoming],
    layout: Layout,
    buckets: int,
    store: BlockStore,
    *,
    ticks_per_second: int,
    threads: int = 2,
    progress: Callable[[int], None] = lambda rows: None,
) -> Spread:
    """Spread batches of event rows into a store of so many buckets."""
    registry = KindRegistry(layout.demand.predicates, layout.demand.texts)
    tally = Tally(ticks_per_second)
    with ExitStack() as undo:  # whatever stops the reading, no temporary file stays
        undo.callback(store.close)
        _spread_all(batches, threads, lambda b: _one_batch(b, layout, buckets, store, registry, tally), progress)
        kinds, final = registry.finish()
        undo.pop_all()
    read = Read(kinds, final, tally.facts(), tally.fates(), tally.ids())
    return Spread(buckets, store, layout, read)


def _spread_all(
    batches: Iterable[Incoming],
    threads: int,
    work: Callable[[Incoming], None],
    progress: Callable[[int], None],
) -> None:
    """Work on every batch, several at a time; the first that fails ends it."""
    gate = BoundedSemaphore(threads + 1)  # bounds how many batches wait in memory

    def one(batch: Incoming) -> None:
        try:
            work(batch)
            progress(len(batch))
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
    batch: Incoming, layout: Layout, buckets: int, store: BlockStore, registry: KindRegistry, tally: Tally
) -> None:
    if not len(batch):
        return
    fates, bucket = batch.fates, np.empty(len(batch), np.uint16)
    span = tally.add([(fates[which], piece.time) for piece, which in batch.in_turn()])
    if batch.ids is not None:
        tally.add_ids(batch.ids)
    counts = np.zeros(buckets, np.int64)
    columns = []
    for piece, which in batch.in_turn():
        customer, time, identity = piece.marked.customer, piece.time, piece.identity
        columns.append(Columns(customer, time, registry.encode(piece.marked, fates[which], piece.told), identity))
        # Rows without a customer are spread by their identity, or else by their time: their bucket only bounds memory.
        instead, factor = (time, _ODD) if identity is None else (identity, 1)
        buckets_of(customer, instead, factor, fates[which], counts, bucket[which])
    values = [Values(fixed(numbers), rows, _NO_NUMBERS) for rows, numbers in batch.numbers]
    values += [Values(thing.hashes, thing.rows, no_text()) for thing in batch.things]
    store.append(packed(Batch(columns, fates, bucket, span, values), counts))
