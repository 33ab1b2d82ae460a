"""Records of rows beside the columns that they were packed of."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.records import Columns, Form, no_rows

RANDOM = np.random.default_rng(11)


@pytest.mark.parametrize("identified", [False, True])
@pytest.mark.parametrize(("first", "unit"), [(0, 1), (-(2**63), 1), (-(10**15), 86_400 * 10**6), (5, 1000)])
@pytest.mark.parametrize("time_width", [1, 3, 5, 8])
@pytest.mark.parametrize("kind_width", [1, 2, 3, 4])
def test_what_is_packed_comes_back_bucket_by_bucket(
    identified: bool, first: int, unit: int, time_width: int, kind_width: int
) -> None:
    form = Form(first, unit, time_width, kind_width, identified)
    rows, buckets = 300, 4
    most = min(2 ** (8 * time_width), (2**63 - 1 - first) // unit)
    units = [int(n * most) for n in RANDOM.random(rows - 1) * 0.999] + [most - 1]
    given = Columns(
        RANDOM.integers(0, 2**64, rows, dtype=np.uint64),
        np.array([first + unit * n for n in units], dtype=np.int64),
        RANDOM.integers(0, 2 ** (8 * kind_width), rows, dtype=np.uint32),
        RANDOM.integers(0, 2**64, rows, dtype=np.uint64) if identified else None,
    )
    fate, bucket = RANDOM.integers(0, 2, rows).astype(np.uint8), RANDOM.integers(0, buckets, rows).astype(np.uint16)
    counts = np.bincount(bucket[fate == 0], minlength=buckets)
    ends = np.cumsum(counts) * form.width
    starts, seen = ends - counts * form.width, np.zeros(buckets, np.int64)
    records = np.empty(ends[-1], np.uint8)
    place = np.empty(rows, np.uint32)
    for half in (slice(0, 100), slice(100, None)):
        form.put(given[half], fate[half], bucket[half], starts, seen, place[half], records)
    assert seen.tolist() == counts.tolist()
    for b in range(buckets):
        mine = np.flatnonzero((bucket == b) & (fate == 0))
        assert place[mine].tolist() == list(range(len(mine)))
        found = no_rows(len(mine), identified=identified)
        form.get(records[starts[b] : ends[b]], found)
        for one, other in zip(found.arrays(), given.arrays(), strict=True):
            assert one.dtype == other.dtype
            assert one.tolist() == other[mine].tolist()
