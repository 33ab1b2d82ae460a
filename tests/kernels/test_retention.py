from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from kernels.brute_force import Member, RetentionQuestion, Visit, period_of, retention

from engagement_cli.kernels.retention import RetentionCells, cells


def ask(visits: list[Visit], asked: RetentionQuestion, groups: int | None, shift: int = 0) -> RetentionCells:
    return cells(
        np.array([v.customer for v in visits], np.uint32),
        np.array([v.time for v in visits], np.int64) + shift,
        np.array([v.start + 2 * v.returned for v in visits], np.uint32),
        np.array([False, True, False, True]),
        np.array([False, False, True, True]),
        np.array(asked.bounds, np.int64) + shift,
        since=asked.since + shift,
        until=asked.until + shift,
        as_of=asked.as_of + shift,
        brackets=asked.brackets,
        clock=asked.clock,
        length=asked.length,
        criterion=asked.criterion,
        entry=asked.entry,
        min_count=asked.min_count,
        group=None if groups is None else np.array([v.group for v in visits], np.int16),
        groups=groups or 1,
    )


def judge(found: RetentionCells, members: list[Member], asked: RetentionQuestion, groups: int) -> None:
    cohorts = range(period_of(asked.since, asked.bounds), period_of(asked.until - 1, asked.bounds) + 1)
    assert found.cohort.tolist() == list(cohorts)
    for group in range(groups):
        for column, cohort in enumerate(cohorts):
            own = [m.outcomes for m in members if (m.group, m.cohort) == (group, cohort)]
            assert found.size[group, column] == len(own)
            for bracket in range(len(asked.brackets)):
                totals = tuple(sum(outcome[bracket][i] for outcome in own) for i in range(3))
                tables = (found.eligible, found.retained, found.retained_so_far)
                assert tuple(int(table[group, column, bracket]) for table in tables) == totals
        for bracket in range(len(asked.brackets)):
            sums = [0] * 6
            for customer in {m.customer for m in members}:
                mine = [m.outcomes[bracket] for m in members if (m.customer, m.group) == (customer, group)]
                y, x = sum(o[0] for o in mine), sum(o[1] for o in mine)
                sums = [a + b for a, b in zip(sums, (y > 0, x, y, x * x, y * y, x * y), strict=True)]
            s = found.sums
            assert [int(table[group, bracket]) for table in (s.customers, s.x, s.y, s.xx, s.yy, s.xy)] == sums


def random_visits(dice: random.Random, latest: int, groups: int) -> list[Visit]:
    same = dice.random() < 0.3
    visits = []
    for customer in range(dice.randint(1, 4)):
        for _ in range(dice.randint(0, 9)):
            start = dice.random() < 0.5
            returned = start if same else dice.random() < 0.6
            visits.append(Visit(customer, dice.randint(-4, latest), start, returned, dice.randrange(groups)))
    dice.shuffle(visits)
    return sorted(visits, key=lambda v: (v.customer, v.time))


def random_question(dice: random.Random, latest: int) -> RetentionQuestion:
    width = dice.choice([1, 4, 7])
    brackets = dice.choice([[(0, 0), (1, 1), (2, 2), (3, 3)], [(1, 1)], [(0, 2), (3, 3)], [(2, 3), (1, 3), (0, 0)]])
    bounds = [dice.randint(-9, 0)]
    while bounds[-1] < latest + 8 * (width + 1):
        bounds.append(bounds[-1] + width + dice.choice([0, 0, 1]))
    since = dice.choice([bounds[0], max(bounds[0], 0), 3])
    return RetentionQuestion(
        bounds=tuple(bounds),
        since=since,
        until=dice.choice([since + 1, since + 6, latest + 1 + since]),
        as_of=dice.randint(0, latest + 9),
        brackets=tuple(brackets),
        clock=dice.choice(["calendar", "elapsed"]),
        length=width,
        criterion=dice.choice(["on", "on_or_after"]),
        entry=dice.choice(["recurring", "first_time"]),
        min_count=dice.choice([1, 1, 2]),
    )


@pytest.mark.parametrize("seed", range(2))
def test_agrees_with_following_each_member_of_each_cohort(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(1500):
        latest, groups = dice.choice([6, 30]), dice.choice([None, 3])
        visits = random_visits(dice, latest, groups or 1)
        asked = random_question(dice, latest)
        shift = dice.choice([0, 0, -(2**63) + 100, 2**63 - 400])
        members = retention(visits, asked)
        judge(ask(visits, asked, groups, shift), members, asked, groups or 1)


DAYS = RetentionQuestion((0, 10, 20, 30, 40), 0, 20, 35, ((0, 0), (1, 1)), "calendar", 10, "on", "recurring", 1)


def test_period_0_is_the_whole_cohort_where_start_and_return_are_the_same() -> None:
    visits = [Visit(0, 3, True, True), Visit(1, 4, True, True), Visit(1, 15, True, True)]
    found = ask(visits, DAYS, None)
    assert found.size.tolist() == [[2, 1]]
    assert found.retained[0].tolist() == [[2, 1], [1, 0]]


def test_a_return_before_the_entry_is_not_one_but_at_the_same_time_is() -> None:
    visits = [Visit(0, 3, False, True), Visit(0, 4, True, False), Visit(1, 4, False, True), Visit(1, 4, True, False)]
    assert ask(visits, DAYS, None).retained[0, 0].tolist() == [1, 0]


def test_a_cell_that_ends_after_as_of_is_shown_but_not_eligible() -> None:
    visits = [Visit(0, 12, True, True), Visit(0, 22, True, True)]
    found = ask(visits, replace(DAYS, as_of=29), None)
    assert found.eligible[0, 1].tolist() == [1, 0]
    assert found.retained[0, 1].tolist() == [1, 0]
    assert found.retained_so_far[0, 1].tolist() == [1, 1]


def test_customers_who_return_in_two_cohorts_make_the_squares() -> None:
    visits = [Visit(0, t, True, True) for t in (1, 11, 21)] + [Visit(1, 2, True, True)]
    sums = ask(visits, replace(DAYS, brackets=((1, 1),)), None).sums
    assert [int(s[0, 0]) for s in (sums.customers, sums.x, sums.y, sums.xx, sums.yy, sums.xy)] == [2, 2, 3, 4, 5, 4]


def test_no_rows_give_empty_cohorts() -> None:
    found = ask([], DAYS, None)
    assert found.size.tolist() == [[0, 0]]
    assert int(found.sums.yy.sum()) == 0


@pytest.mark.parametrize(
    "asked",
    [
        replace(DAYS, since=-1),
        replace(DAYS, until=0),
        replace(DAYS, until=40),
        replace(DAYS, brackets=((2, 1),)),
        replace(DAYS, min_count=0),
        replace(DAYS, clock="elapsed", length=0),
    ],
)
def test_arguments_out_of_range_are_refused(asked: RetentionQuestion) -> None:
    with pytest.raises(ValueError, match=r"bounds|bracket|length"):
        ask([Visit(0, 3, True, True)], asked, None)


def test_group_codes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="group"):
        ask([Visit(0, 3, True, True, group=2)], DAYS, 2)
