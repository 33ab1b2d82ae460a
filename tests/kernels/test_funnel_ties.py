from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest

from engagement_cli.kernels.funnel_ties import longest_run, moments


def by_trying(events: list[int], first: int, steps: int) -> int:
    best = 0
    for order in permutations(events):
        run = 0
        while run < len(order) and first + run < steps and order[run] >> (first + run) & 1:
            run += 1
        best = max(best, run)
    return best


def test_longest_run_equals_the_best_of_all_orders() -> None:
    dice = random.Random(1)
    for _ in range(1500):
        steps = dice.randint(1, 5)
        events = [dice.randrange(1 << steps) for _ in range(dice.randint(0, 5))]
        for first in range(steps):
            assert longest_run(events, first, steps) == by_trying(events, first, steps)


@pytest.mark.parametrize(("steps", "kinds"), [(3, 8), (5, 6), (9, 300), (20, 60)])
def test_every_moment_leads_as_far_as_its_own_rows(steps: int, kinds: int) -> None:
    """300 kinds of masks are more digits than one number holds."""
    dice = np.random.default_rng(steps)
    rows = 1200
    mask = dice.integers(0, 1 << steps, kinds)[dice.integers(0, kinds, rows)]
    time = np.sort(dice.integers(0, 400, rows))
    entity = np.repeat(np.arange(3), rows // 3)
    order = np.lexsort((time, entity))
    time, mask = time[order], mask[order]
    found = moments(entity, time, mask, steps)
    assert found.tied
    for number in range(len(found)):
        own = mask[found.first_row[number] : found.first_row[number] + found.size[number]].tolist()
        assert found.steps_here[number] == np.bitwise_or.reduce(own)
        if len(own) == 1:
            assert found.pattern[number] == 0
            continue
        runs = [longest_run(own, first, steps) for first in range(steps)]
        assert found.advance[found.pattern[number]].tolist() == runs
        assert found.consumed[found.pattern[number]].tolist() == [run == len(own) for run in runs]


def test_without_ties_every_row_is_a_moment() -> None:
    found = moments(np.array([0, 0, 1]), np.array([5, 6, 6]), np.array([1, 2, 1]), 2)
    assert not found.tied
    assert found.first_row.tolist() == [0, 1, 2]
    assert found.steps_here.tolist() == [1, 2, 1, 0]
