from __future__ import annotations

import random

import numpy as np
import pytest

from engagement_cli.kernels.pairs import index_pairs, positions


@pytest.mark.parametrize(
    ("low", "high", "fits"),
    [(-5, 30, True), (0, 2**60, False), (-(2**63), 2**63 - 1, False), (2**63 - 9, 2**63 - 1, False)],
)
def test_counts_the_pairs_before_whether_or_not_they_fit_one_number(low: int, high: int, fits: bool) -> None:
    dice = random.Random(low)
    for _ in range(200):
        spots = [low, high, *(dice.randint(low, high) for _ in range(6))]
        pairs = sorted([(0, low), (7, high), *((dice.randrange(8), dice.choice(spots)) for _ in range(20))])
        index = index_pairs(np.array([c for c, _ in pairs], np.uint32), np.array([t for _, t in pairs]), 10)
        assert (index.packed is not None) == fits
        edges = [max(low - 1, -(2**63)), min(high + 1, 2**63 - 1), -(2**63), 2**63 - 1]
        asked = [(dice.randrange(10), dice.choice(spots + edges)) for _ in range(30)]
        found = positions(index, np.array([c for c, _ in asked], np.uint32), np.array([t for _, t in asked], np.int64))
        expected = [sum(pair < query for pair in pairs) for query in asked]
        assert found.tolist() == expected


def test_no_pairs_are_before_anything() -> None:
    empty = np.zeros(0, np.int64)
    assert positions(index_pairs(empty, empty, 3), np.array([0, 2]), np.array([5, 6])).tolist() == [0, 0]
