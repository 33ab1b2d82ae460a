"""The kind of each event row: one hash of its texts, of whether it has a customer and of the flags that it has, and its
code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.arrow import Cells, pieces_of
from engagement_cli.native.hashes import Codes, Hashes, HashTable
from engagement_cli.native.library import function
from engagement_cli.records import Record

_NONE = np.empty(0, np.uint64)
_find = function(
    *("kinds_find", np.int64, int, np.int64, int, np.int64, np.uint64),
    *(int, np.uint64, np.uint32, int, np.uint32, int, np.uint64),
)


class Marked(Record):
    """What a row's kind depends on, in columns of one piece: the hashes of at least one text, customers' hashes (0:
    nobody), and flags (Boolean), of which null is false."""

    texts: Sequence[Hashes]
    customer: Hashes
    flags: Sequence[pl.Series]

    def codes(self, table: HashTable, numbers: NDArray[np.int64]) -> tuple[Codes, int]:
        """Each kind's code in the table, `UNKNOWN` where it is not known, and how many are not.

        `numbers` tell apart rows of nobody, and then each flag.
        """
        found = np.empty(len(self.customer), np.uint32)
        return found, self._look_up(table, numbers, found, _NONE)

    def hashes(self, table: HashTable, numbers: NDArray[np.int64]) -> Hashes:
        """The hashes by which kinds are looked up."""
        hashes = np.empty(len(self.customer), np.uint64)
        self._look_up(table, numbers, np.empty(len(hashes), np.uint32), hashes)
        return hashes

    def _look_up(self, table: HashTable, numbers: NDArray[np.int64], found: Codes, hashes: Hashes) -> int:
        texts = [np.ascontiguousarray(text) for text in self.texts]
        flags = [_whole(flag) for flag in self.flags]
        return _find(
            *(np.array([text.ctypes.data for text in texts]), len(texts)),
            *(np.array([flag.address for flag in flags], np.int64), len(flags)),
            *(numbers, self.customer, len(found), *table.parts, found, int(len(hashes) > 0), hashes),
        )


def _whole(flag: pl.Series) -> Cells:
    (cells,) = pieces_of(flag)
    return cells
