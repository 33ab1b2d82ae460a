from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from kernels.brute_force import Attempt, Event, Question, funnel

from engagement_cli.kernels.funnel import Chosen, Exclusion, Order, Reentry, convert
from engagement_cli.kernels.funnel_attempts import NOT_REACHED

ORDERS: tuple[Order, ...] = ("sequential", "strict", "any")
REENTRIES: tuple[Reentry, ...] = ("any", "first")


def ask(
    events: list[Event], asked: Question, scale: int = 1, shift: int = 0, bounds: list[int] | None = None
) -> Chosen:
    """The kernel's answer, on times scaled and shifted."""
    time = np.array([e.time for e in events], np.int64) * scale + shift
    excluding = np.array([e.excluding for e in events], np.bool_)
    return convert(
        np.array([e.customer for e in events], np.uint32),
        time,
        np.array([e.mask for e in events], np.uint8),
        asked.steps,
        asked.window * scale,
        np.array(bounds or [asked.since, asked.until], np.int64) * scale + shift,
        order=asked.order,
        reentry=asked.reentry,
        held=np.array([e.held for e in events], np.int32) if asked.hold else None,
        exclusions=[Exclusion(excluding, after, before) for after, before in asked.exclusions],
    )


def as_attempts(
    events: list[Event], chosen: Chosen, scale: int = 1, shift: int = 0, period: int = 0
) -> dict[int, Attempt]:
    found = {}
    for number in np.flatnonzero(chosen.period == period).tolist():
        depth = int(chosen.depth[number])
        assert (chosen.times[depth:, number] == NOT_REACHED).all()
        times = tuple((t - shift) // scale for t in chosen.times[:depth, number].tolist())
        held = events[int(chosen.entry_row[number])].held
        found[int(chosen.customer[number])] = Attempt(depth, times, held)
    return found


def judge(events: list[Event], asked: Question, scale: int = 1, shift: int = 0) -> None:
    """Of the whole range, and of its two halves as periods of their own."""
    middle = (asked.since + asked.until) // 2
    for bounds in ([asked.since, asked.until], [asked.since, middle, asked.until]):
        if any(a >= b for a, b in pairwise(bounds)):
            continue
        chosen = ask(events, asked, scale, shift, bounds)
        places = list(zip(chosen.customer.tolist(), chosen.period.tolist(), strict=True))
        assert places == sorted(set(places))
        for period, (since, until) in enumerate(pairwise(bounds)):
            judge_period(events, replace(asked, since=since, until=until), chosen, scale, shift, period)


def judge_period(events: list[Event], asked: Question, chosen: Chosen, scale: int, shift: int, period: int) -> None:
    expected, dropped = funnel(events, asked)
    found = as_attempts(events, chosen, scale, shift, period)
    if not asked.hold:
        found = {customer: replace(attempt, held=0) for customer, attempt in found.items()}
    assert (found, int((chosen.dropped == period).sum())) == (expected, dropped), (events, asked)
    for number in np.flatnonzero(chosen.period == period).tolist():
        customer = int(chosen.customer[number])
        same = [
            number
            for number, e in enumerate(events)
            if (e.customer, e.time) == (customer, expected[customer].times[0])
            and (e.mask if asked.order == "any" else e.fills(0))
            and (not asked.hold or e.held == expected[customer].held)
        ]
        assert int(chosen.entry_row[number]) == same[0]


def random_events(dice: random.Random, steps: int, most: int, latest: int) -> list[Event]:
    masks = [0, *(1 << step for step in range(steps)), *(dice.randrange(1 << steps) for _ in range(3))]
    if dice.random() < 0.5:
        masks = [1, 1 << min(1, steps - 1), *dice.sample(masks, 2)]
    events = []
    for customer in range(dice.randint(1, 3)):
        for _ in range(dice.randint(0, most)):
            excluding = dice.random() < 0.2
            held = dice.choice([-1, 0, 0, 1])
            events.append(Event(customer, dice.randint(0, latest), dice.choice(masks), held, excluding))
    dice.shuffle(events)
    return sorted(events, key=lambda e: (e.customer, e.time))


def random_question(dice: random.Random, order: Order, steps: int, latest: int) -> Question:
    pairs = [(after, before) for before in range(2, steps + 1) for after in range(1, before)]
    return Question(
        steps=steps,
        window=dice.choice([0, 1, 2, 4, latest + 1]),
        order=order,
        reentry=dice.choice(REENTRIES),
        since=dice.choice([0, 0, 1, 2]),
        until=dice.choice([latest + 1, latest + 1, 3]),
        hold=dice.random() < 0.3,
        exclusions=tuple(dice.sample(pairs, k=min(len(pairs), dice.choice([0, 0, 1, 2])))),
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_agrees_with_every_possible_attempt_tried_one_by_one(order: Order, steps: int) -> None:
    dice = random.Random(f"{order} {steps}")
    for _ in range(800):
        latest = dice.choice([1, 3, 6, 12])
        events = random_events(dice, steps, 5 if order == "strict" else 7, latest)
        judge(events, random_question(dice, order, steps, latest))


@pytest.mark.parametrize("order", ORDERS)
def test_times_near_the_ends_of_int64_change_nothing(order: Order) -> None:
    dice = random.Random(order)
    for shift in (-(2**63), 2**62, -1, 1_700_000_000_000_000_000):
        for _ in range(60):
            events = random_events(dice, 3, 5, 6)
            judge(events, random_question(dice, order, 3, 6), scale=2**58, shift=min(shift, 2**63 - 1 - 7 * 2**58))


A, B, C = 1, 2, 4
EVER = np.array([0, 10_000])


def simple(rows: list[tuple[int, int]], steps: int, window: int, order: Order = "sequential") -> list[tuple[int, ...]]:
    chosen = convert(
        np.zeros(len(rows), np.uint32),
        np.array([t for t, _ in rows], np.int64),
        np.array([m for _, m in rows], np.uint8),
        steps,
        window,
        EVER,
        order=order,
    )
    return [tuple(t for t in times if t != NOT_REACHED) for times in chosen.times.T.tolist()]


def test_the_window_is_inclusive() -> None:
    assert simple([(0, A), (7, B)], 2, 7) == [(0, 7)]
    assert simple([(0, A), (8, B)], 2, 7) == [(0,)]


def test_one_event_never_fills_two_steps() -> None:
    assert simple([(0, A | B)], 2, 9) == [(0,)]
    assert simple([(0, A | B), (0, A | B)], 2, 9) == [(0, 0)]


def test_equal_times_count_in_either_order() -> None:
    assert simple([(0, B), (0, A)], 2, 9) == [(0, 0)]
    assert simple([(0, C), (0, B), (0, A)], 3, 9, "strict") == [(0, 0, 0)]


def test_a_later_entry_counts_where_it_gets_deeper() -> None:
    assert simple([(0, A), (10, A), (12, B)], 2, 5) == [(10, 12)]


def test_of_entries_with_the_same_next_step_the_earliest_in_the_window_counts() -> None:
    assert simple([(0, A), (8, A), (9, A), (12, B), (13, A), (14, B)], 2, 5) == [(8, 12)]


def test_a_customer_counts_with_the_value_that_gets_deepest_then_soonest() -> None:
    events = [Event(0, 0, A, held=0), Event(0, 0, A, held=1), Event(0, 1, B, held=1), Event(0, 2, B, held=0)]
    asked = Question(2, 9, "sequential", "any", 0, 9, hold=True)
    assert as_attempts(events, ask(events, asked)) == {0: Attempt(2, (0, 1), held=1)}
    deeper = [*events[:3], Event(0, 2, A, held=-1), Event(0, 3, B, held=-1)]
    assert as_attempts(deeper, ask(deeper, replace(asked, window=0))) == {0: Attempt(1, (0,), held=0)}


def test_an_exclusion_between_the_counted_steps_drops_the_customer() -> None:
    leaves = [Event(0, 0, A), Event(0, 2, 0, excluding=True), Event(0, 4, B)]
    asked = Question(2, 9, "sequential", "any", 0, 9, exclusions=((1, 2),))
    assert ask(leaves, asked).dropped.tolist() == [0]
    for time in (0, 4, 5):
        stays = sorted([leaves[0], leaves[2], Event(0, time, 0, excluding=True)], key=lambda e: e.time)
        assert ask(stays, asked).dropped.tolist() == []


def test_where_the_later_step_is_not_reached_the_exclusion_holds_to_the_end_of_the_window() -> None:
    asked = Question(2, 9, "sequential", "any", 0, 9, exclusions=((1, 2),))
    assert ask([Event(0, 0, A), Event(0, 9, 0, excluding=True)], asked).dropped.tolist() == [0]
    assert ask([Event(0, 0, A), Event(0, 10, 0, excluding=True)], asked).dropped.tolist() == []


def test_another_event_between_breaks_a_strict_chain_only() -> None:
    rows = [(0, A), (1, 0), (2, B)]
    assert simple(rows, 2, 9, "sequential") == [(0, 2)]
    assert simple(rows, 2, 9, "strict") == [(0,)]


def test_any_order_begins_at_the_earliest_step() -> None:
    assert simple([(0, C), (3, A), (5, B)], 3, 5, "any") == [(0, 3, 5)]
    assert simple([(0, C), (3, A), (6, B)], 3, 5, "any") == [(0, 3)]


def test_no_rows_and_no_entrants_give_no_customers() -> None:
    for order in ORDERS:
        for rows in ([], [(0, 0)]):
            assert simple(rows, 2, 9, order) == []
    empty = np.zeros(0, np.int64)
    chosen = convert(empty, empty, empty, 2, 9, EVER, held=empty, exclusions=[Exclusion(np.zeros(0, np.bool_), 1, 2)])
    assert len(chosen.customer) == 0
    assert len(chosen.dropped) == 0


def test_many_steps_and_masks_with_ties_need_no_more_than_the_bits_there_are() -> None:
    steps = 12
    dice = np.random.default_rng(5)
    mask = dice.integers(1, 1 << steps, 400)
    customer, time = np.zeros(400, np.uint32), np.repeat(np.arange(100), 4)
    chosen = convert(customer, time, mask, steps, 1000, EVER)
    assert chosen.depth.tolist() == [steps]
    assert (np.diff(chosen.times[:, 0]) >= 0).all()


def test_a_narrow_mask_may_serve_more_steps_than_it_has_bits() -> None:
    time = np.arange(8)
    mask = (1 << time).astype(np.uint8)
    for order in ORDERS:
        chosen = convert(np.zeros(8, np.uint32), time, mask, 9, 99, np.array([0, 1]), order=order)
        assert chosen.depth.tolist() == [8]


@pytest.mark.parametrize(
    ("mask", "steps", "window", "between"),
    [(4, 2, 1, (1, 2)), (1, 0, 1, (1, 2)), (1, 2, -1, (1, 2)), (1, 2, 1, (2, 2))],
)
def test_arguments_out_of_range_are_refused(mask: int, steps: int, window: int, between: tuple[int, int]) -> None:
    one = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="steps"):
        convert(one, one, one + mask, steps, window, EVER, exclusions=[Exclusion(one == 0, *between)])
