"""Event rows as a query gives them, on their way to their buckets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from engagement_cli.native.arrow import filled_numbers
from engagement_cli.native.hashes import Hashes, without
from engagement_cli.native.kinds import Marked
from engagement_cli.timeline.block import in_turn
from engagement_cli.timeline.hashing import hashed, no_text, text_hash
from engagement_cli.timeline.incoming import NO_IDENTITY, Incoming, Layout, Piece
from engagement_cli.timeline.kind_registry import Places, Texts
from engagement_cli.timeline.rows import NO_NUMBER

_FEWEST = 10_000  # rows of a piece that is worth its own arrays


def ready(rows: pl.LazyFrame, layout: Layout) -> pl.LazyFrame:
    """Canonical rows as `from_frame` reads them.

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


def from_frame(batch: pl.DataFrame, layout: Layout) -> Incoming:
    """Rows that are `ready`."""
    demand, frames = layout.demand, _in_pieces(batch)
    things = {name: hashed(batch[f"x{i}"]) for i, name in enumerate(demand.things)}
    known = {name: things[name].whole for name in demand.texts if name in things}
    fates = batch["fate"].to_numpy()
    pieces = [
        _piece(frame, {name: hashes[which] for name, hashes in known.items()}, layout)
        for frame, which in in_turn(frames)
    ]
    return Incoming(
        pieces=pieces,
        fates=fates,
        numbers=[filled_numbers(batch[f"n{i}"]) for i in range(len(demand.numbers))],
        things=list(things.values()),
        ids=_ids(pieces, batch) if demand.keep_ids else None,
    )


def _piece(frame: pl.DataFrame, known: Mapping[str, Hashes], layout: Layout) -> Piece:
    """Rows that lie in one piece; the hashes of some texts are known."""
    demand = layout.demand
    others = {
        name: text_hash(frame[f"t{i}"].cast(pl.String)).to_numpy()
        for i, name in enumerate(demand.texts)
        if name not in known
    }
    hashes = [frame["e"].to_numpy(), *((known if name in known else others)[name] for name in demand.texts)]
    flags = [frame[f"p{i}"] for i in range(len(demand.predicates))]
    customer = without(frame["customer"].to_numpy(), no_text())
    names = ("event", *(f"t{i}" for i in range(len(demand.texts))))

    def told(rows: Places) -> list[Texts]:
        return [frame[name].gather(rows).cast(pl.String).to_list() for name in names]

    identity = frame["identity"].to_numpy() if layout.dedupe else None
    return Piece(Marked(hashes, customer, flags), frame["time"].to_numpy(), told, identity)


def _ids(pieces: Sequence[Piece], batch: pl.DataFrame) -> pl.DataFrame:
    customer = np.concatenate([piece.marked.customer for piece in pieces])
    ids = pl.DataFrame({"hash": customer, "fate": batch["fate"], "id": batch["id"]})
    return ids.filter((pl.col("fate") == 0) & (pl.col("hash") != 0)).select("hash", "id").unique()


def _in_pieces(batch: pl.DataFrame) -> list[pl.DataFrame]:
    """A batch as the pieces in which it lies in memory, so that nothing has to be copied to read it, unless tiny."""
    lengths = [column.chunk_lengths() for column in batch.iter_columns()]
    if len(lengths[0]) * _FEWEST > batch.height or any(other != lengths[0] for other in lengths[1:]):
        return [batch.rechunk()]
    ends = np.cumsum(lengths[0]).tolist()
    return [batch.slice(end - length, length) for end, length in zip(ends, lengths[0], strict=True)]
