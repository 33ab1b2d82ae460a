"""Kinds are collected while rows are read: one hash a row for all that its kind depends on, looked up among those met.

The hash has 64 bits: that any two of a million kinds share one is rarer than one in ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.timeline.hash_index import Hashes, HashIndex, hash_index
from engagement_cli.timeline.kind_keys import in_order
from engagement_cli.timeline.kinds import Key, Kinds, Mask

_SEED = 2
_ODD = np.uint64(0x9E3779B97F4A7C15)
_FLAGS_A_WORD = 64


class KindRegistry:
    """Gives each distinct combination a provisional code while rows are read, from several threads."""

    def __init__(self, predicates: tuple[str, ...], texts: tuple[str, ...]) -> None:
        self._predicates, self._texts = predicates, texts
        self._keys: list[Key] = []
        self._codes: dict[int, int] = {}  # by hash
        self._index: tuple[HashIndex, NDArray[np.uint32]] | None = None  # with the codes in the index's order
        self._lock = Lock()

    def encode(self, batch: pl.DataFrame, kept: Mask) -> NDArray[np.uint32]:
        """Provisional codes of a batch with columns `customer`, `event`, `p0…` (Boolean) and `t0…` (text).

        Rows that are not kept get a code that means nothing; their kinds are not registered.
        """
        hashes = self._hashes(batch)
        index = self._index
        if index is None:
            self._learn(batch, hashes, np.flatnonzero(kept))
        else:
            position, unknown = index[0].find(hashes)
            unknown = unknown[kept[unknown]]
            if not len(unknown):
                return np.asarray(index[1][position], dtype=np.uint32)
            self._learn(batch, hashes, unknown)
        index = self._index
        if index is None:  # no row was kept
            return np.zeros(batch.height, dtype=np.uint32)
        return np.asarray(index[1][index[0].find(hashes)[0]], dtype=np.uint32)

    def _columns(self) -> list[str]:
        return ["event", *(f"t{i}" for i in range(len(self._texts)))]

    def _hashes(self, batch: pl.DataFrame) -> Hashes:
        """One hash a row of its texts, of whether it has a customer, and of the predicates that it matches."""
        columns = [batch[name] for name in self._columns()]
        flags = [batch["customer"].is_null(), *(batch[f"p{i}"] for i in range(len(self._predicates)))]
        columns += [_word(flags[first : first + _FLAGS_A_WORD]) for first in range(0, len(flags), _FLAGS_A_WORD)]
        hashes = np.zeros(batch.height, dtype=np.uint64)
        for column in columns:  # hashed one by one: flags are few bits, which sums and products alone let coincide
            hashes = hashes * _ODD
            hashes ^= column.hash(_SEED).to_numpy()
        return hashes

    def _learn(self, batch: pl.DataFrame, hashes: Hashes, rows: NDArray[np.int64]) -> None:
        """Register the kinds of these rows, each by the first row that has it."""
        distinct, first = np.unique(hashes[rows], return_index=True)
        examples = batch[rows[first]]
        columns = [examples[name].to_list() for name in self._columns()]
        columns.append(examples["customer"].is_null().cast(pl.Int64).to_list())
        columns += [
            examples[f"p{i}"].fill_null(value=False).cast(pl.Int64).to_list() for i in range(len(self._predicates))
        ]
        with self._lock:
            for mark, key in zip(distinct.tolist(), zip(*columns, strict=True), strict=True):
                if mark not in self._codes:
                    self._codes[mark] = len(self._keys)
                    self._keys.append(key)
            if self._codes:
                known = np.array(sorted(self._codes), dtype=np.uint64)
                codes = np.array([self._codes[mark] for mark in known.tolist()], dtype=np.uint32)
                self._index = hash_index(known), np.append(codes, codes[:1])

    def finish(self) -> tuple[Kinds, NDArray[np.uint32]]:
        """The kinds in sorted order, and the table from provisional to final codes."""
        return in_order(self._keys, self._predicates, self._texts)


def _word(flags: Sequence[pl.Series]) -> pl.Series:
    """Flags as the bits of one number a row; of one row, which stands for all, where none is set."""
    word = np.zeros(1, dtype=np.uint64)
    for bit, flag in enumerate(flags):
        if flag.any():
            word = word | flag.fill_null(value=False).to_numpy().astype(np.uint64) << np.uint64(bit)
    return pl.Series(word)
