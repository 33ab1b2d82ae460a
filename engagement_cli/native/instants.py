"""Instants in texts that are all written alike, read by position."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.arrow import texts_of
from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
NO_INSTANT = -(2**63)
_read = function("instants_read", int, int, int, np.uint8, int, np.int64, np.int64)


def instants(texts: pl.Series, separator: str | None, fraction: int, suffix: str) -> tuple[Int64s, Int64s]:
    """Microseconds since 1970 of each text, as its clock shows them, and the nanoseconds below.

    Those are `1999-12-31`, or with a separator of one character `1999-12-31T23:59:59`, then a full stop and digits of a
    fraction (up to 9), then the suffix. `NO_INSTANT` for null and for what is written otherwise.
    """
    micros, finer, before = np.empty(len(texts), np.int64), np.empty(len(texts), np.int64), 0
    behind = np.frombuffer(suffix.encode(), np.uint8)
    for piece in texts_of(texts):
        layout = (0 if separator is None else ord(separator), fraction, behind, len(behind))
        _read(piece.address, *layout, micros[before:], finer[before:])
        before += len(piece)
    return micros, finer
