"""Codes of 64-bit hashes: of known ones, and of those that are met, numbered as they are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Hashes = NDArray[np.uint64]
Codes = NDArray[np.uint32]
UNKNOWN = np.iinfo(np.uint32).max
_FEWEST_BITS = 10
_put = function("hashes_put", np.uint64, np.uint32, int, np.uint64, int)
_find = function("hashes_find", np.uint64, np.uint32, int, np.uint64, int, np.uint32)
_number = function("hashes_number", np.uint64, np.uint32, int, np.uint64, int, int, np.uint32, np.uint64, np.int64)


@dataclass(frozen=True)
class HashTable:
    """Distinct hashes, of which each one's position in `known` is its code; there are less than 2³¹."""

    known: Hashes
    _keys: Hashes
    _codes: Codes

    def find(self, hashes: Hashes) -> tuple[Codes, int]:
        """Each hash's code, `UNKNOWN` where it is not known, and how many are not."""
        whole, found = np.ascontiguousarray(hashes), np.empty(len(hashes), np.uint32)
        return found, _find(self._keys, self._codes, _bits(self._keys), whole, len(whole), found)


def hash_table(known: Hashes) -> HashTable:
    """A table of distinct hashes."""
    return _table(np.ascontiguousarray(known), max(len(known).bit_length() + 1, _FEWEST_BITS))


def numbered(hashes: Hashes) -> tuple[HashTable, Codes]:
    """A table of the distinct ones of some hashes in the order in which they are met first, and each hash's code."""
    whole, found, done = np.ascontiguousarray(hashes), np.empty(len(hashes), np.uint32), 0
    table, size = _table(np.empty(0, np.uint64), _FEWEST_BITS), np.zeros(1, np.int64)
    while True:
        distinct = np.empty(len(table._keys) // 2, np.uint64)
        distinct[: size[0]] = table.known
        done = _number(table._keys, table._codes, _bits(table._keys), whole, done, len(whole), found, distinct, size)
        known = distinct[: size[0]]
        if done == len(whole):
            return HashTable(known, table._keys, table._codes), found
        table = _table(known, _bits(table._keys) + 2)


def _table(known: Hashes, bits: int) -> HashTable:
    keys, codes = np.empty(1 << bits, np.uint64), np.full(1 << bits, UNKNOWN, np.uint32)
    _put(keys, codes, bits, known, len(known))
    return HashTable(known, keys, codes)


def _bits(keys: Hashes) -> int:
    return len(keys).bit_length() - 1
