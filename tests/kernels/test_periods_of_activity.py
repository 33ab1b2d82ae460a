from __future__ import annotations

import random

import numpy as np
import pytest
from kernels import brute_force

from engagement_cli.kernels.periods_of_activity import frequency, lifecycle
from engagement_cli.native.trailing import trailing_distinct


def test_all_three_agree_with_sets_of_periods() -> None:
    dice = random.Random(8)
    for _ in range(1500):
        periods = dice.randint(1, 12)
        pairs = sorted({(dice.randrange(4), dice.randint(-4, 14)) for _ in range(dice.randint(0, 25))})
        columns = np.array(pairs, np.int64).reshape(-1, 2)
        customer, period = columns[:, 0].astype(np.uint32), columns[:, 1].astype(dice.choice([np.int16, np.int64]))
        counts = lifecycle(customer, period, periods)
        found = zip(counts.new, counts.returning, counts.resurrected, counts.dormant, strict=True)
        assert [tuple(map(int, row)) for row in found] == brute_force.lifecycle(pairs, periods), pairs
        window = dice.randint(1, 9)
        expected = brute_force.trailing_distinct(pairs, window, periods)
        assert trailing_distinct(customer, period.astype(np.int32), window, periods).tolist() == expected, pairs
        assert frequency(customer, period, periods).tolist() == brute_force.frequency(pairs, periods), pairs


def test_a_customer_who_pauses_is_dormant_then_resurrected() -> None:
    counts = lifecycle(np.zeros(3, np.uint32), np.array([0, 1, 3], np.int16), 5)
    assert counts.new.tolist() == [1, 0, 0, 0, 0]
    assert counts.returning.tolist() == [0, 1, 0, 0, 0]
    assert counts.dormant.tolist() == [0, 0, 1, 0, 1]
    assert counts.resurrected.tolist() == [0, 0, 0, 1, 0]


def test_a_window_below_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        trailing_distinct(np.zeros(1, np.uint32), np.zeros(1, np.int32), 0, 5)
