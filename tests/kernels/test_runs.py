from __future__ import annotations

import random
from itertools import groupby

import numpy as np

from engagement_cli.kernels.arrays import elapsed_at_most, saturating_add
from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.runs import expand, first_at_maximum, lengths, run_of_row, starts
from engagement_cli.native.periods import period_index


def test_runs_agree_with_groupby() -> None:
    dice = random.Random(2)
    for _ in range(500):
        keys = sorted((dice.randrange(4), dice.randrange(3)) for _ in range(dice.randint(0, 20)))
        values = [dice.randrange(3) for _ in keys]
        columns = np.array(keys, np.int64).reshape(-1, 2)
        begins = starts(columns[:, 0], columns[:, 1])
        groups = [list(group) for _, group in groupby(range(len(keys)), keys.__getitem__)]
        array = np.array(values, np.int64)
        assert begins.tolist() == [group[0] for group in groups]
        assert lengths(begins, len(keys)).tolist() == [len(group) for group in groups]
        assert run_of_row(begins, len(keys)).tolist() == [n for n, group in enumerate(groups) for _ in group]
        best = [max(group, key=lambda row: values[row]) for group in groups]
        assert first_at_maximum(array, begins).tolist() == best


def test_expand_joins_ranges_also_empty_ones() -> None:
    assert expand(np.array([5, 1, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert expand(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def test_renumber_gives_dense_numbers_and_an_example_of_each() -> None:
    dice = np.random.default_rng(4)
    for largest in (10, 1 << 40):
        values = dice.integers(0, largest, 50)
        distinct, number, example = renumber(values)
        assert distinct.tolist() == sorted(set(values.tolist()))
        assert distinct[number].tolist() == values.tolist()
        assert values[example].tolist() == distinct.tolist()


def test_the_period_of_an_instant_is_that_of_a_binary_search() -> None:
    dice = np.random.default_rng(6)
    for widest in (1, 2, 30, 5000):
        for _ in range(100):
            bounds = np.cumsum(dice.integers(1, widest + 1, dice.integers(1, 30))) - 17
            time = dice.integers(bounds[0] - 5, bounds[-1] + 5, dice.integers(0, 200))
            time = np.concatenate([time, bounds, bounds - 1])
            assert (period_index(time, bounds) == np.searchsorted(bounds, time, side="right") - 1).all()


def test_time_arithmetic_does_not_wrap_round() -> None:
    ends = np.array([-(2**63), 0, 2**63 - 1])
    assert saturating_add(ends, 5).tolist() == [-(2**63) + 5, 5, 2**63 - 1]
    assert saturating_add(ends, 2**70).tolist() == [-1, 2**63 - 1, 2**63 - 1]
    assert elapsed_at_most(ends[2:], ends[:1], 2**63).tolist() == [False]
    assert elapsed_at_most(ends[2:], ends[:1], 2**64).tolist() == [True]
