from __future__ import annotations

import random

import numpy as np
import pytest
from kernels import brute_force

from engagement_cli.kernels.sessions import session_starts


def test_agrees_with_reading_row_by_row() -> None:
    dice = random.Random(3)
    for _ in range(3000):
        latest = dice.choice([20, 200])
        rows = sorted((dice.randrange(3), dice.randrange(latest)) for _ in range(dice.randint(0, 60)))
        with_day = [(customer, time, time // 24) for customer, time in rows]
        gap, midnight, cap = dice.choice([0, 3, 10, 50]), dice.random() < 0.5, dice.choice([None, 1, 5, 24, 60])
        columns = np.array(with_day, np.int64).reshape(-1, 3)
        found = session_starts(
            columns[:, 0].astype(np.uint32), columns[:, 1].copy(), gap, columns[:, 2] if midnight else None, cap
        )
        assert found.tolist() == brute_force.session_starts(with_day, gap, midnight, cap), (rows, gap, midnight, cap)


def test_a_gap_of_exactly_the_limit_goes_on_and_a_greater_one_does_not() -> None:
    assert session_starts(np.zeros(3, np.uint32), np.array([0, 30, 61]), 30).tolist() == [0, 2]


def test_an_event_at_the_cap_opens_a_session() -> None:
    time = np.arange(0, 100, 10)
    assert session_starts(np.zeros(10, np.uint32), time, 10, cap=40).tolist() == [0, 4, 8]


def test_distances_beyond_int64_are_gaps() -> None:
    time = np.array([-(2**63), -(2**63) + 5, 2**62, 2**63 - 3])
    assert session_starts(np.zeros(4, np.uint32), time, 10).tolist() == [0, 2, 3]
    assert session_starts(np.zeros(4, np.uint32), time, 2**64, cap=2**63 - 1).tolist() == [0, 2]


def test_one_endless_session_is_cut_all_along() -> None:
    time = np.arange(50_000, dtype=np.int64)
    assert session_starts(np.zeros(50_000, np.uint32), time, 1, cap=7).tolist() == list(range(0, 50_000, 7))


@pytest.mark.parametrize(("gap", "cap"), [(-1, None), (1, 0)])
def test_arguments_out_of_range_are_refused(gap: int, cap: int | None) -> None:
    with pytest.raises(ValueError, match="gap"):
        session_starts(np.zeros(1, np.uint32), np.zeros(1, np.int64), gap, cap=cap)
