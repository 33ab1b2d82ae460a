"""Kinds are collected while rows are read: one hash a row for all that its kind depends on, looked up among those met.

The hash has 64 bits: that any two of a million kinds share one is rarer than one in ten million.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Lock
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.hashes import UNKNOWN, hash_table
from engagement_cli.native.kinds import Marked
from engagement_cli.timeline.kind_keys import in_order
from engagement_cli.timeline.kinds import Key, Kinds

EMPTY = (None, "", " ")  # texts that say nothing
_SEED = 2
Codes = NDArray[np.uint32]
Places = NDArray[np.int64]
Texts = list[str | None]
Told = Callable[[Places], list[Texts]]  # a list for each column of texts, at some places


class KindRegistry:
    """Gives each distinct combination a provisional code while rows are read, from several threads."""

    def __init__(self, predicates: tuple[str, ...], texts: tuple[str, ...]) -> None:
        self._predicates, self._texts = predicates, texts
        random = Random(_SEED)  # of the standard library: NumPy's takes 6 ms to import
        self._numbers = np.array([random.getrandbits(64) - 2**63 for _ in range(len(predicates) + 1)])
        self._of_key: dict[Key, int] = {}  # in the order of codes
        self._of_hash: dict[int, int] = {}
        self._table = hash_table(np.empty(0, np.uint64), np.empty(0, np.uint32))
        self._lock = Lock()

    def encode(self, rows: Marked, fates: NDArray[np.uint8], told: Told) -> Codes:
        """Provisional codes of rows, which are marked with hashes of their event and of each text.

        `told` gives the texts behind these at some places, a list for each. Rows whose fate is not 0 get a code that
        means nothing; their kinds are not registered.
        """
        codes, unknown = rows.codes(self._table, self._numbers)
        if not unknown:
            return codes
        missed = np.flatnonzero((codes == UNKNOWN) & (fates == 0))
        if len(missed):
            self._learn(rows, missed, told)
            codes, unknown = rows.codes(self._table, self._numbers)
        if unknown:
            codes[codes == UNKNOWN] = 0
        return codes

    def _learn(self, rows: Marked, missed: Places, told: Told) -> None:
        """Register the kinds of the missed rows, each by the first that has it; of an empty text there are several."""
        distinct, first = np.unique(rows.hashes(self._table, self._numbers)[missed], return_index=True)
        examples = missed[first]
        columns: list[list[Any]] = [[None if text in EMPTY else text for text in column] for column in told(examples)]
        columns.append((rows.customer[examples] == 0).astype(int).tolist())
        columns += [flag.gather(examples).fill_null(value=False).cast(pl.Int64).to_list() for flag in rows.flags]
        with self._lock:
            for mark, key in zip(distinct.tolist(), zip(*columns, strict=True), strict=True):
                self._of_hash[mark] = self._of_key.setdefault(key, len(self._of_key))
            codes = np.array(list(self._of_hash.values()), dtype=np.uint32)
            self._table = hash_table(np.array(list(self._of_hash), dtype=np.uint64), codes)

    def finish(self) -> tuple[Kinds, Codes]:
        """The kinds in sorted order, and the table from provisional to final codes."""
        return in_order(list(self._of_key), self._predicates, self._texts)
