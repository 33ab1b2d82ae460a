"""Partitioning beside a stable sort by bucket."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.partition import Partition, buckets_of, gathered, other_than, partition

ROWS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0, 0, 0, 1, 2]), st.booleans()))


@settings(deadline=None)
@given(ROWS)
def test_rows_of_a_bucket_lie_together_in_their_order(rows: list[tuple[int, int, bool]]) -> None:
    bucket, fate, mark = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    times = np.arange(len(bucket), dtype=np.int64) - 3
    codes = np.arange(len(bucket), dtype=np.uint32) * 7
    found = partition(bucket.astype(np.uint16), fate.astype(np.uint8), 7)
    for chosen, mine in ((found, fate == 0), (found.marked(mark.astype(np.uint8)), (fate == 0) & (mark == 1))):
        order = np.flatnonzero(mine)[np.argsort(bucket[mine], kind="stable")]
        assert chosen.order.tolist() == order.tolist()
        assert chosen.ends.tolist() == np.cumsum(np.bincount(bucket[mine], minlength=7)).tolist()
        ends, (moved_times, moved_codes) = gathered([chosen], [[times], [codes]])
        assert ends.tolist() == chosen.ends.tolist()
        assert moved_times.tolist() == times[order].tolist()
        assert moved_codes.tolist() == codes[order].tolist()
        assert (moved_times.dtype, moved_codes.dtype) == (np.int64, np.uint32)


@settings(deadline=None)
@given(ROWS, st.integers(0, 30))
def test_parts_are_gathered_as_the_whole_is(rows: list[tuple[int, int, bool]], cut: int) -> None:
    bucket, fate = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(2))
    times = np.arange(len(bucket), dtype=np.int64)

    def part(which: slice) -> Partition:
        return partition(bucket[which].astype(np.uint16), fate[which].astype(np.uint8), 7)

    whole = gathered([part(slice(None))], [[times]])
    halves = gathered([part(slice(0, cut)), part(slice(cut, None))], [[times[:cut], times[cut:]]])
    assert halves[0].tolist() == whole[0].tolist()
    assert halves[1][0].tolist() == whole[1][0].tolist()


@pytest.mark.parametrize("buckets", [1, 7, 65_536])
def test_the_bucket_is_the_scaled_upper_half_of_the_hash_or_of_what_stands_instead(buckets: int) -> None:
    customer = np.array([1, 2**32, 0, 2**64 - 1, 0, 2**63], dtype=np.uint64)
    instead = np.array([5, 5, -7, 5, 2**40, 5], dtype=np.int64)
    spot = [1, 2**32, -7 * -3 % 2**64, 2**64 - 1, 2**40 * -3 % 2**64, 2**63]
    expected = [((hash_ >> 32) * buckets) >> 32 for hash_ in spot]
    assert buckets_of(customer, buckets, instead, -3).tolist() == expected


def test_rows_with_another_value_in_any_column_are_marked() -> None:
    numbers = np.array([-(2**63), 0, -(2**63), -(2**63)], dtype=np.int64)
    things = np.array([4, 0, 8, 9], dtype=np.uint64)
    no_things = np.array([0, 4, 9], dtype=np.uint64)
    assert other_than([(numbers, np.full(3, -(2**63))), (things, no_things)], 4).tolist() == [0, 1, 1, 0]
