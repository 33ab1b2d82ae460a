from __future__ import annotations

import random

import numpy as np
from kernels import brute_force

from engagement_cli.kernels.paths import BEYOND, END, beside, path_steps


def test_steps_and_what_lies_beside_them_agree_with_reading_row_by_row() -> None:
    dice = random.Random(5)
    for _ in range(1500):
        rows = sorted((dice.randrange(3), dice.randrange(40), dice.randrange(3)) for _ in range(dice.randint(0, 25)))
        gap, collapse, back = dice.choice([0, 3, 8]), dice.random() < 0.6, dice.random() < 0.5
        depth, within = dice.choice([1, 2, 4]), dice.choice([None, None, 0, 5, 12])
        columns = np.array(rows, np.int64).reshape(-1, 3)
        steps = path_steps(columns[:, 0].astype(np.uint32), columns[:, 1], columns[:, 2], gap, collapse=collapse)
        expected = brute_force.path_steps(rows, gap, collapse=collapse)
        assert list(zip(steps.stretch, steps.node, steps.first, steps.last, strict=True)) == expected
        found = beside(steps, np.arange(len(expected)), depth, back=back, within=within)
        for at in range(len(expected)):
            nodes, furthest = brute_force.path_beside(expected, at, depth, back=back, within=within)
            ends = [END] * (len(nodes) < depth)
            assert found.nodes[:, at].tolist() == [*nodes, *ends, *[BEYOND] * (depth - len(nodes) - len(ends))]
            assert found.furthest[at] == furthest


def test_far_apart_times_do_not_wrap_round() -> None:
    time = np.array([1 - 2**62, 2**62], np.int64)
    steps = path_steps(np.zeros(2, np.uint32), time, np.array([0, 1]), 2**63 - 1, collapse=True)
    assert steps.stretch.tolist() == [0, 0]
    assert beside(steps, np.array([0]), 1, back=False, within=2**63 - 1).nodes.tolist() == [[1]]
    assert beside(steps, np.array([0]), 1, back=False, within=2**63 - 2).nodes.tolist() == [[END]]
    assert beside(steps, np.array([0]), 1, back=False, within=2**62).nodes.tolist() == [[END]]
