"""The bucket of each event row, and how many rows and values each bucket gets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Column = NDArray[np.generic]
Buckets = NDArray[np.uint16]
Fates = NDArray[np.uint8]
Counts = NDArray[np.int64]
Listed = NDArray[np.uint32]
_buckets = function("partition_buckets", np.uint64, np.uint64, int, np.uint8, int, int, np.uint16, np.int64)
_filled = function("partition_filled", np.uint64, np.uint64, np.uint8, np.uint16, int, np.uint32, np.int64)


def buckets_of(customer: NDArray[np.uint64], instead: Column, factor: int, fate: Fates, counts: Counts) -> Buckets:
    """The bucket of each row's customer hash; where that is 0, that of `instead` (8 bytes a value) times `factor`.

    Rows whose fate is 0 are added to `counts`, of which there is one a bucket, at most 65,536.
    """
    found = np.empty(len(customer), np.uint16)
    spare = np.ascontiguousarray(instead).view(np.uint64)
    _buckets(customer, spare, factor, fate, len(customer), len(counts), found, counts)
    return found


def filled(column: Column, nothing: Column, fate: Fates, bucket: Buckets, counts: Counts) -> Listed:
    """Places of the rows whose fate is 0 and whose value (8 bytes) is none of the three that mean nothing.

    They are added to `counts`, of which there is one a bucket.
    """
    listed = np.empty(len(column) + 1, np.uint32)
    whole = np.ascontiguousarray(column).view(np.uint64)
    count = _filled(whole, nothing.view(np.uint64), fate, bucket, len(column), listed, counts)
    return listed[:count]
