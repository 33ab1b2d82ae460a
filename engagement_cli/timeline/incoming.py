"""Event rows on their way from a source to their buckets: hashes of texts, ticks, fates, and the values that some have.

However a source was read, its rows come so: from a query's frame (`frames.py`), or from pages of Parquet files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.hashes import Hashes
from engagement_cli.native.kinds import Marked
from engagement_cli.native.partition import Fates, Rows
from engagement_cli.native.reading import Ticks
from engagement_cli.records import Record
from engagement_cli.timeline.block import in_turn
from engagement_cli.timeline.hashing import Hashed
from engagement_cli.timeline.kind_registry import Told
from engagement_cli.timeline.needs import Demand

NO_IDENTITY = 0  # a row with nothing to compare: never a duplicate


class Layout(Record):
    """What rows have: customer hash, time, kind, identity where duplicates are sought, and some a number or thing."""

    demand: Demand
    dedupe: bool

    @property
    def has_values(self) -> bool:
        """Whether any metric needs numbers or things."""
        return bool(self.demand.numbers or self.demand.things)


class Piece(Record):
    """Rows whose columns lie in one piece.

    `marked`: hashes of the event and of the demand's texts, of customers (0: nobody), and the demand's predicates.
    `told` gives the texts behind these hashes, a list for each column, at some places. `identity` is there where
    duplicates are sought.
    """

    marked: Marked
    time: Ticks
    told: Told
    identity: Hashes | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)


class Incoming(Record):
    """A batch of event rows.

    `fates` has those of all rows, whose pieces are in turn; `numbers` are, for each of the demand's, the rows that have
    one and these, `things` the hashes of texts. `ids` has columns `hash` and `id` of all customers of kept rows, if
    these are asked for.
    """

    pieces: Sequence[Piece]
    fates: Fates
    numbers: Sequence[tuple[Rows, NDArray[np.float64]]]
    things: Sequence[Hashed]
    ids: pl.DataFrame | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.fates)

    def in_turn(self) -> Iterator[tuple[Piece, slice]]:
        """The pieces, each with its rows among those of the batch."""
        return in_turn(self.pieces)
