"""Rows packed as records that lie bucket by bucket: time in units since a first, kind, customer, identity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.division import exact_division
from engagement_cli.native.library import function
from engagement_cli.native.partition import Buckets, Counts, Fates
from engagement_cli.records import Record

Records = NDArray[np.uint8]
Places = NDArray[np.uint32]
_NONE = np.empty(0, np.uint64)
_put = function(
    "records_put",
    *(np.int64, int, int, int, np.uint32, np.uint64, np.uint64, int),
    *(np.uint8, np.uint16, int, int, int, np.int64, np.int64, np.uint32, np.uint8),
)
_get = function("records_get", np.uint8, int, int, int, int, int, int, np.int64, np.uint32, np.uint64, np.uint64)


class Columns(Record):
    """Rows as columns: customers' hashes (0: nobody), ticks, kinds' codes, and identities if there are any."""

    customer: NDArray[np.uint64]
    time: NDArray[np.int64]
    kind: NDArray[np.uint32]
    identity: NDArray[np.uint64] | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)

    def arrays(self) -> list[NDArray[np.generic]]:
        """The columns, one after another."""
        return [self.customer, self.time, self.kind, *([] if self.identity is None else [self.identity])]

    def __getitem__(self, which: slice) -> Columns:
        """Some of the rows."""
        identity = None if self.identity is None else self.identity[which]
        return Columns(self.customer[which], self.time[which], self.kind[which], identity)


class Form(Record):
    """How a row is packed: ticks since `first` in units, in `time_width` (1 to 8) bytes, the kind in `kind_width` (1 to
    4), the customer in 8, and the identity, if records have one, in 8."""

    first: int
    unit: int
    time_width: int
    kind_width: int
    identified: bool

    @property
    def width(self) -> int:
        """Bytes of a record."""
        return self.time_width + self.kind_width + (16 if self.identified else 8)

    def put(
        self,
        rows: Columns,
        fate: Fates,
        bucket: Buckets,
        starts: Counts,
        seen: Counts,
        place: Places,
        records: Records,
    ) -> None:
        """Pack the rows whose fate is 0: each behind the `seen` ones of its bucket, whose first byte is at `starts`.

        Fills in each one's `place` in its bucket; of other rows that means nothing.
        """
        identity = _NONE if rows.identity is None else rows.identity
        inverse, twos = exact_division(self.unit)
        _put(
            *(rows.time, self.first, inverse, twos, rows.kind, rows.customer, identity, int(self.identified)),
            *(fate, bucket, len(rows), self.time_width, self.kind_width, starts, seen, place, records),
        )

    def get(self, records: Records, rows: Columns) -> None:
        """Unpack records into rows, of which there are as many."""
        identity = _NONE if rows.identity is None else rows.identity
        where = (self.first, self.unit, self.time_width, self.kind_width, int(self.identified))
        _get(records, len(rows), *where, rows.time, rows.kind, rows.customer, identity)


def no_rows(rows: int, *, identified: bool) -> Columns:
    """So many rows of whatever the memory holds."""
    identity = np.empty(rows, np.uint64) if identified else None
    return Columns(np.empty(rows, np.uint64), np.empty(rows, np.int64), np.empty(rows, np.uint32), identity)
