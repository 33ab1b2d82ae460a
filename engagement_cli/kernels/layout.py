"""The whole numbers of a row packed into as few words of 64 bits as hold them, which sort as they do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Integers
from engagement_cli.native.packing import pack
from engagement_cli.records import Record

Packed = NDArray[np.uint64]  # rows × words, the first word the most significant
_WORD = 64
_ALL = 2**64 - 1
_SMALL = 1 << 16


class Layout(Record):
    """The least and largest number of each key, the first key the most significant; that says where it lies.

    Numbers are those of int64, or of uint64 where the largest is.
    """

    ranges: tuple[tuple[int, int], ...]

    @staticmethod
    def of(keys: Sequence[Integers]) -> Layout:
        """The layout of keys, of at least one row."""
        return laid_out(tuple(map(bounds, keys)))

    @staticmethod
    def over(layouts: Sequence[Layout]) -> Layout:
        """The layout that holds the keys of all."""
        if all(layout.ranges == layouts[0].ranges for layout in layouts):
            return layouts[0]
        keys = zip(*(layout.ranges for layout in layouts), strict=True)
        return laid_out(tuple((min(low for low, _ in key), max(high for _, high in key)) for key in keys))

    @cached_property
    def _places(self) -> list[tuple[int, int, int]]:
        """Of each key: its word, counted from the last one, and in it the bits below it and its own."""
        places, word, used = [], 0, 0
        for low, high in reversed(self.ranges):
            bits = (high - low).bit_length()
            word, used = (word, used) if used + bits <= _WORD else (word + 1, 0)
            places.append((word, used, bits))
            used += bits
        return places[::-1]

    @cached_property
    def words(self) -> int:
        """How many words a row has."""
        return max((word for word, _, _ in self._places), default=0) + 1

    @cached_property
    def room(self) -> int:
        """More than any number that the last word of a row can be."""
        each = zip(self.ranges, self._places, strict=True)
        lengths = (high - low + 1 << shift for (low, high), (word, shift, _) in each if not word)
        return max(lengths, default=1)

    def packed(self, keys: Sequence[Integers], rows: int) -> Packed:
        """So many rows of keys; one that is the same number on all rows is not looked at."""
        packed = (np.empty if len(self._firsts) == self.words else np.zeros)((rows, self.words), np.uint64)
        for which, word, low, shift in self._moves:
            pack(keys[which], low, shift, packed, word, first=which in self._firsts)
        return packed

    @cached_property
    def _moves(self) -> list[tuple[int, int, int, int]]:
        """Of each key that is not the same on all rows: which it is, its word, what it loses, the bits below it."""
        each = enumerate(zip(self.ranges, self._places, strict=True))
        return [(which, self.words - 1 - word, low, shift) for which, ((low, _), (word, shift, bits)) in each if bits]

    @cached_property
    def _firsts(self) -> set[int]:
        """The first of these keys in each word."""
        return set({word: which for which, word, _, _ in reversed(self._moves)}.values())

    def key(self, packed: Packed, which: int) -> Integers:
        """One of the keys of packed rows, as int64, or uint64 where it needs that."""
        (low, high), (word, shift, bits) = self.ranges[which], self._places[which]
        number = packed[:, -1 - word] >> np.uint64(shift % _WORD) & np.uint64((1 << bits) - 1)
        number += np.uint64(low & _ALL)
        return number if high > LARGEST else cast("Integers", number.view(np.int64))

    def leading(self, packed: Packed, keys: int) -> Packed:
        """Packed rows without what follows the first so many keys, to be compared with each other."""
        word, shift, _ = self._places[keys - 1] if keys else (self.words, 0, 0)
        if shift == _WORD:  # a key without bits above a full word
            word, shift = word + 1, 0
        if word >= self.words:
            return np.zeros((len(packed), 1), np.uint64)
        found = packed[:, : self.words - word]
        if shift:
            found = found.copy()
            found[:, -1] >>= np.uint64(shift)
        return found


@lru_cache(maxsize=1024)
def laid_out(ranges: tuple[tuple[int, int], ...]) -> Layout:
    """The layout of such ranges; most buckets have those of others."""
    return Layout(ranges)


def bounds(key: Integers) -> tuple[int, int]:
    """The least and the largest; small numbers from 0 on, so that more tables are laid out alike."""
    if key.strides == (0,):  # one number for all rows
        return int(key[0]), int(key[0])
    low, high = int(key.min()), int(key.max())
    return (0 if 0 < low < high < _SMALL else low), high
