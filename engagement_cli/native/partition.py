"""The bucket of each event row, and how many rows and values each bucket gets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Column = NDArray[np.generic]
Buckets = NDArray[np.uint16]
Fates = NDArray[np.uint8]
Counts = NDArray[np.int64]
Rows = NDArray[np.uint32]
_buckets = function("partition_buckets", np.uint64, np.uint64, int, np.uint8, int, int, np.uint16, np.int64)
_filled = function(
    *("partition_filled", np.uint64, np.uint32, int, np.uint64),
    *(np.uint8, np.uint16, np.uint64, np.uint32, np.int64),
)


def buckets_of(
    customer: NDArray[np.uint64], instead: Column, factor: int, fate: Fates, counts: Counts, bucket: Buckets
) -> None:
    """Fill in the `bucket` of each row's customer hash; where that is 0, of `instead` (8 bytes a value) times `factor`.

    Rows whose fate is 0 are added to `counts`, of which there is one a bucket, at most 65,536.
    """
    spare = np.ascontiguousarray(instead).view(np.uint64)
    _buckets(customer, spare, factor, fate, len(customer), len(counts), bucket, counts)


def filled(
    value: Column, row: Rows, nothing: Column, fate: Fates, bucket: Buckets, counts: Counts
) -> tuple[NDArray[np.uint64], Rows]:
    """The values (8 bytes) of rows whose fate is 0 that are none of the three which mean nothing, and their rows.

    They are added to `counts`, of which there is one a bucket.
    """
    kept, kept_row = np.empty(len(value) + 1, np.uint64), np.empty(len(value) + 1, np.uint32)
    whole = np.ascontiguousarray(value).view(np.uint64)
    count = _filled(whole, row, len(whole), nothing.view(np.uint64), fate, bucket, kept, kept_row, counts)
    return kept[:count], kept_row[:count]
