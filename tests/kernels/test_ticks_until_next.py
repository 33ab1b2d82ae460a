from __future__ import annotations

import random

import numpy as np

from engagement_cli.kernels.sessions import ticks_until_next


def test_agrees_with_looking_for_the_next_later_row_of_each_session() -> None:
    dice = random.Random(4)
    for _ in range(1000):
        sessions = [sorted(dice.randrange(12) for _ in range(dice.randint(1, 6))) for _ in range(dice.randint(0, 8))]
        expected = [
            min((later - time for later in session if later > time), default=-1)
            for session in sessions
            for time in session
        ]
        time = np.array([time for session in sessions for time in session], np.int64)
        opening = np.cumsum([0, *map(len, sessions)])[:-1].astype(np.int64)
        assert ticks_until_next(time, opening).tolist() == expected, sessions


def test_a_session_that_begins_when_the_one_before_ends_is_another() -> None:
    assert ticks_until_next(np.array([0, 5, 5, 9]), np.array([0, 2])).tolist() == [5, -1, 4, -1]
