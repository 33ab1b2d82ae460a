"""Buckets of rows beside arithmetic on Python's integers, and rows with values beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.partition import buckets_of, filled

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("buckets", [1, 7, 65_536])
def test_the_bucket_is_the_scaled_upper_half_of_the_hash_or_of_what_stands_instead(buckets: int) -> None:
    customer = np.array([1, 2**32, 0, 2**64 - 1, 0, 2**63], dtype=np.uint64)
    instead = np.array([5, 5, -7, 5, 2**40, 5], dtype=np.int64)
    fate = np.array([0, 1, 0, 0, 2, 0], dtype=np.uint8)
    counts = np.ones(buckets, np.int64)
    spot = [1, 2**32, -7 * -3 % 2**64, 2**64 - 1, 2**40 * -3 % 2**64, 2**63]
    expected = [((hash_ >> 32) * buckets) >> 32 for hash_ in spot]
    found = np.empty(len(customer), np.uint16)
    buckets_of(customer, instead, -3, fate, counts, found)
    assert found.tolist() == expected
    kept = [bucket for bucket, lost in zip(expected, fate.tolist(), strict=True) if not lost]
    assert counts.tolist() == (1 + np.bincount(kept, minlength=buckets)).tolist()


@pytest.mark.parametrize("rows", [0, 1, 500])
def test_filled_are_values_of_rows_kept_that_mean_something(rows: int) -> None:
    fate, bucket = RANDOM.integers(0, 2, rows).astype(np.uint8), RANDOM.integers(0, 5, rows).astype(np.uint16)
    listed = np.flatnonzero(RANDOM.random(rows) < 0.5).astype(np.uint32)
    values, nothing = RANDOM.integers(-3, 3, len(listed)), np.array([-1, 0, 2], dtype=np.int64)
    counts = np.ones(5, np.int64)
    kept, kept_rows = filled(values, listed, nothing, fate, bucket, counts)
    expected = (fate[listed] == 0) & ~np.isin(values, nothing)
    assert kept.view(np.int64).tolist() == values[expected].tolist()
    assert kept_rows.tolist() == listed[expected].tolist()
    assert counts.tolist() == (1 + np.bincount(bucket[listed[expected]], minlength=5)).tolist()
