"""Runs of equal keys in sorted arrays: where they begin, how long they are, what they hold."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers


def starts(*sorted_keys: Integers) -> Int64s:
    """Positions at which a new run begins: where any of the keys changes. Rows are sorted by the keys."""
    rows = len(sorted_keys[0])
    if rows == 0:
        return np.zeros(0, np.int64)
    new = np.empty(rows, np.bool_)
    new[0] = True
    np.not_equal(sorted_keys[0][1:], sorted_keys[0][:-1], out=new[1:])
    for key in sorted_keys[1:]:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)


def lengths(run_starts: Int64s, rows: int) -> Int64s:
    """Rows in each run, of `rows` rows in all; the first run begins at row 0."""
    found = np.empty(len(run_starts), np.int64)
    np.subtract(run_starts[1:], run_starts[:-1], out=found[:-1])
    found[-1:] = rows - run_starts[-1:]
    return found


def run_of_row(run_starts: Int64s, rows: int) -> Int64s:
    """The number of the run that each row lies in, from 0."""
    return np.repeat(np.arange(len(run_starts)), lengths(run_starts, rows))


def expand(first: Int64s, count: Int64s) -> Int64s:
    """The ranges `first .. first + count - 1`, one after another."""
    total = int(count.sum())
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(total)


def first_at_maximum(values: Integers, run_starts: Int64s) -> Int64s:
    """The position of the first largest value of each run."""
    if len(run_starts) == 0:
        return np.zeros(0, np.int64)
    rows = len(values)
    largest = np.maximum.reduceat(values, run_starts)
    hits = np.flatnonzero(values == np.repeat(largest, lengths(run_starts, rows)))
    return hits[np.searchsorted(hits, run_starts)]
