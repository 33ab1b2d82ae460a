"""Spread event rows once over customer buckets, collecting facts, kinds and the waterfall's counts on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import BoundedSemaphore

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.decimals import fixed
from engagement_cli.native.arrow import filled_numbers
from engagement_cli.native.hashes import Hashes, without
from engagement_cli.native.partition import buckets_of
from engagement_cli.native.records import Columns
from engagement_cli.records import Record
from engagement_cli.timeline.block import Array, Batch, Cells, Values, in_turn, packed, unpacked
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.hashing import hashed, no_text, text_hash
from engagement_cli.timeline.kind_registry import KindRegistry
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.rows import NO_NUMBER
from engagement_cli.timeline.store import BlockStore
from engagement_cli.timeline.tally import Tally

NO_IDENTITY = 0  # a row with nothing to compare: never a duplicate
_ODD = -0x61C8864680B583EB
_NO_NUMBERS = np.full(3, NO_NUMBER)
_FEWEST = 10_000  # rows of a piece that is worth its own arrays


class Layout(Record):
    """What rows have: customer hash, time, kind, identity where duplicates are sought, and some a number or thing."""

    demand: Demand
    dedupe: bool

    @property
    def has_values(self) -> bool:
        """Whether any metric needs numbers or things."""
        return bool(self.demand.numbers or self.demand.things)


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


def ready(rows: pl.LazyFrame, layout: Layout) -> pl.LazyFrame:
    """Canonical rows as `spread` reads them.

    Rows have `customer` (hash), `event` (a cell as stored), its hash `e`, `time` (ticks, Int64), `fate` (UInt8),
    `identity` (UInt64) if duplicates are sought, `id` (text) if ids are kept, and the demand's columns as `p0…`
    (Boolean), `t0…` (cells as stored), `n0…` (Float64), `x0…` (cells as stored). Hashes are those of `text_hash`.
    """
    demand = layout.demand
    return rows.select(
        pl.col("customer", "event", "e", "fate", *(["id"] if demand.keep_ids else [])),
        pl.col("time").fill_null(NO_NUMBER),
        *([pl.col("identity").fill_null(NO_IDENTITY)] if layout.dedupe else []),
        pl.col([f"t{i}" for i in range(len(demand.texts))]),
        pl.col([f"p{i}" for i in range(len(demand.predicates))]),
        pl.col([f"n{i}" for i in range(len(demand.numbers))]),
        pl.col([f"x{i}" for i in range(len(demand.things))]),
    )


def bucket_of(hashes: NDArray[np.uint64], buckets: int) -> NDArray[np.uint16]:
    """The bucket of each customer: the hash's upper half, scaled. `buckets` is at most 65,536."""
    return (((hashes >> np.uint64(32)) * np.uint64(buckets)) >> np.uint64(32)).astype(np.uint16)


def spread(
    batches: Iterable[pl.DataFrame],
    layout: Layout,
    buckets: int,
    store: BlockStore,
    *,
    ticks_per_second: int,
    threads: int = 2,
    progress: Callable[[int], None] = lambda rows: None,
) -> Spread:
    """Spread batches of event rows that are `ready`, into a store of so many buckets."""
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
    batch: pl.DataFrame, layout: Layout, buckets: int, store: BlockStore, registry: KindRegistry, tally: Tally
) -> None:
    if not batch.height:
        return
    frames, demand = _in_pieces(batch), layout.demand
    fates, bucket = batch["fate"].to_numpy(), np.empty(batch.height, np.uint16)
    span = tally.add([(fates[which], frame["time"].to_numpy()) for frame, which in in_turn(frames)])
    things = {name: hashed(batch[f"x{i}"]) for i, name in enumerate(demand.things)}
    whole = {f"t{i}": things[name].whole for i, name in enumerate(demand.texts) if name in things}
    counts = np.zeros(buckets, np.int64)
    pieces = []
    for frame, which in in_turn(frames):
        known = {name: hashes[which] for name, hashes in whole.items()}
        piece = _columns(frame, _texts(frame, demand, known), fates[which], layout, registry, tally)
        # Rows without a customer are spread by their identity, or else by their time: their bucket only bounds memory.
        instead, factor = (piece.time, _ODD) if piece.identity is None else (piece.identity, 1)
        buckets_of(piece.customer, instead, factor, fates[which], counts, bucket[which])
        pieces.append(piece)
    values = [*_numbers(batch, demand), *(Values(thing.hashes, thing.rows, no_text()) for thing in things.values())]
    store.append(packed(Batch(pieces, fates, bucket, span, values), counts))


def _in_pieces(batch: pl.DataFrame) -> list[pl.DataFrame]:
    """A batch as the pieces in which it lies in memory, so that nothing has to be copied to read it, unless tiny."""
    lengths = [column.chunk_lengths() for column in batch.iter_columns()]
    if len(lengths[0]) * _FEWEST > batch.height or any(other != lengths[0] for other in lengths[1:]):
        return [batch.rechunk()]
    ends = np.cumsum(lengths[0]).tolist()
    return [batch.slice(end - length, length) for end, length in zip(ends, lengths[0], strict=True)]


def _texts(frame: pl.DataFrame, demand: Demand, known: Mapping[str, Hashes]) -> list[Hashes]:
    """The hashes of the event and of the demand's texts, of which some are known."""
    names = [f"t{i}" for i in range(len(demand.texts))]
    others = {name: text_hash(frame[name].cast(pl.String)).to_numpy() for name in names if name not in known}
    return [frame["e"].to_numpy(), *(known[name] if name in known else others[name] for name in names)]


def _columns(
    frame: pl.DataFrame,
    texts: list[Hashes],
    fates: NDArray[np.uint8],
    layout: Layout,
    registry: KindRegistry,
    tally: Tally,
) -> Columns:
    """The columns of rows that lie in one piece."""
    customer = without(frame["customer"].to_numpy(), no_text())
    if layout.demand.keep_ids:
        ids = pl.DataFrame({"hash": customer, "fate": fates, "id": frame["id"]})
        tally.add_ids(ids.filter((pl.col("fate") == 0) & (pl.col("hash") != 0)).select("hash", "id").unique())
    identity = frame["identity"].to_numpy() if layout.dedupe else None
    return Columns(customer, frame["time"].to_numpy(), registry.encode(frame, texts, customer, fates), identity)


def _numbers(batch: pl.DataFrame, demand: Demand) -> Iterator[Values]:
    """The numbers of the rows that have any: most rows have few of them."""
    for i in range(len(demand.numbers)):
        rows, numbers = filled_numbers(batch[f"n{i}"])
        yield Values(fixed(numbers), rows, _NO_NUMBERS)
