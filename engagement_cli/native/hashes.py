"""Codes of 64-bit hashes: of known ones, and of those that are met, numbered as they are met."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Hashes = NDArray[np.uint64]
Codes = NDArray[np.uint32]
UNKNOWN = np.iinfo(np.uint32).max
_FEWEST_BITS = 10
_put = function("hashes_put", np.uint64, np.uint32, int, np.uint64, np.uint32, int)
_find = function("hashes_find", np.uint64, np.uint32, int, np.uint64, int, np.uint32)
_without = function("hashes_without", np.uint64, int, np.uint64, np.uint64)
_number = function("hashes_number", np.uint64, np.uint32, int, np.uint64, int, int, np.uint32, np.uint64, np.int64)


class HashTable(Record):
    """Codes by hash; there are less than 2³¹ hashes."""

    _keys: Hashes
    _codes: Codes

    def find(self, hashes: Hashes) -> tuple[Codes, int]:
        """Each hash's code, `UNKNOWN` where it is not known, and how many are not."""
        whole, found = np.ascontiguousarray(hashes), np.empty(len(hashes), np.uint32)
        return found, _find(*self.parts, whole, len(whole), found)

    @property
    def parts(self) -> tuple[Hashes, Codes, int]:
        """The table as loops take it."""
        return self._keys, self._codes, _bits(self._keys)


def hash_table(known: Hashes, codes: Codes) -> HashTable:
    """A table of distinct hashes with the code of each."""
    return _table(
        np.ascontiguousarray(known), np.ascontiguousarray(codes), max(len(known).bit_length() + 1, _FEWEST_BITS)
    )


def numbered(hashes: Hashes) -> tuple[Hashes, Codes]:
    """The distinct ones of some hashes as they are met first, and the place of each hash among them."""
    whole, found, done = np.ascontiguousarray(hashes), np.empty(len(hashes), np.uint32), 0
    known, size, bits = np.empty(0, np.uint64), np.zeros(1, np.int64), _FEWEST_BITS
    while True:
        table = _table(known, np.arange(len(known), dtype=np.uint32), bits)
        distinct = np.empty(1 << bits - 1, np.uint64)
        distinct[: len(known)] = known
        done = _number(*table.parts, whole, done, len(whole), found, distinct, size)
        known = distinct[: size[0]]
        if done == len(whole):
            return known, found
        bits += 2


def without(hashes: Hashes, nothing: Hashes) -> Hashes:
    """The hashes, with 0 in place of those three that mean nothing."""
    found = np.empty(len(hashes), np.uint64)
    _without(np.ascontiguousarray(hashes), len(hashes), nothing, found)
    return found


def _table(known: Hashes, codes: Codes, bits: int) -> HashTable:
    table = HashTable(np.empty(1 << bits, np.uint64), np.full(1 << bits, UNKNOWN, np.uint32))
    _put(table._keys, table._codes, bits, known, codes, len(known))
    return table


def _bits(keys: Hashes) -> int:
    return len(keys).bit_length() - 1
