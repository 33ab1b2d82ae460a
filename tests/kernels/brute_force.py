"""The kernels' definitions in plain Python, one row after another, as slow and as literal as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product

from engagement_cli.kernels.funnel import Order, Reentry
from engagement_cli.kernels.retention import Clock, Criterion, Entry


@dataclass(frozen=True)
class Event:
    customer: int
    time: int
    mask: int = 0
    held: int = 0
    excluding: bool = False

    def fills(self, step: int) -> bool:
        return bool(self.mask >> step & 1)


@dataclass(frozen=True)
class Attempt:
    depth: int
    times: tuple[int, ...]
    held: int = 0


@dataclass(frozen=True)
class Question:
    steps: int
    window: int
    order: Order
    reentry: Reentry
    since: int
    until: int
    hold: bool = False
    exclusions: tuple[tuple[int, int], ...] = ()


def funnel(events: Sequence[Event], asked: Question) -> tuple[dict[int, Attempt], int]:
    """The counted attempt of each customer who was not dropped, and how many were dropped."""
    counted: dict[int, Attempt] = {}
    dropped = 0
    for customer in sorted({e.customer for e in events}):
        own = [e for e in events if e.customer == customer]
        values = sorted({e.held for e in own if e.held >= 0}) if asked.hold else [0]
        attempts = []
        for value in values:
            line = [e for e in own if not asked.hold or e.held == value]
            attempts += [Attempt(len(times), times, value) for times in _attempts(line, asked)]
        if not attempts:
            continue
        if asked.reentry == "first":
            entered = min(a.times[0] for a in attempts)
            attempts = [a for a in attempts if a.times[0] == entered]
        chosen = min(attempts, key=lambda a: (-a.depth, a.times, a.held))
        line = [e for e in own if not asked.hold or e.held == chosen.held]
        if any(_excluded(line, chosen, asked.window, *between) for between in asked.exclusions):
            dropped += 1
        else:
            counted[customer] = chosen
    return counted, dropped


def _excluded(line: list[Event], chosen: Attempt, window: int, after_step: int, before_step: int) -> bool:
    if chosen.depth < after_step:
        return False
    begin = chosen.times[after_step - 1]
    if chosen.depth >= before_step:
        return any(e.excluding and begin < e.time < chosen.times[before_step - 1] for e in line)
    return any(e.excluding and begin < e.time <= chosen.times[0] + window for e in line)


def _attempts(line: list[Event], asked: Question) -> Iterator[tuple[int, ...]]:
    """The times of the steps of every possible attempt of one entity, whole and broken off."""
    walks: dict[Order, Callable[[list[Event], Question], Iterator[tuple[int, ...]]]] = {
        "sequential": _sequential,
        "strict": _strict,
        "any": _any_order,
    }
    return walks[asked.order](line, asked)


def _sequential(line: list[Event], asked: Question) -> Iterator[tuple[int, ...]]:
    def go_on(used: tuple[int, ...], times: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        yield times
        if len(times) == asked.steps:
            return
        for number, event in enumerate(line):
            in_time = times[-1] <= event.time <= times[0] + asked.window
            if event.fills(len(times)) and number not in used and in_time:
                yield from go_on((*used, number), (*times, event.time))

    for number, event in enumerate(line):
        if event.fills(0) and asked.since <= event.time < asked.until:
            yield from go_on((number,), (event.time,))


def _strict(line: list[Event], asked: Question) -> Iterator[tuple[int, ...]]:
    """Simultaneous events may have happened in either order, so every order of them is tried."""
    ties = [list(permutations(group)) for _, group in groupby(line, key=lambda e: e.time)]
    for arrangement in product(*ties):
        happened = [event for group in arrangement for event in group]
        for position, entry in enumerate(happened):
            if not entry.fills(0) or not asked.since <= entry.time < asked.until:
                continue
            times: tuple[int, ...] = ()
            for step, event in enumerate(happened[position : position + asked.steps]):
                if not event.fills(step) or event.time > entry.time + asked.window:
                    break
                times = (*times, event.time)
            yield times


def _any_order(line: list[Event], asked: Question) -> Iterator[tuple[int, ...]]:
    """Distinct events fill distinct steps; the earliest of them is the entry."""

    def go_on(used: tuple[int, ...], filled: frozenset[int], times: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if times:
            yield times
        for number, event in enumerate(line):
            if used and (number <= used[-1] or event.time > times[0] + asked.window):
                continue
            if not used and not asked.since <= event.time < asked.until:
                continue
            for step in range(asked.steps):
                if event.fills(step) and step not in filled:
                    yield from go_on((*used, number), filled | {step}, (*times, event.time))

    return go_on((), frozenset(), ())


def session_starts(rows: Sequence[tuple[int, int, int]], gap: int, midnight: bool, cap: int | None) -> list[int]:
    """Rows are (customer, time, day), in order."""
    opening: list[int] = []
    for number, (customer, time, day) in enumerate(rows):
        if opening:
            before_customer, before_time, before_day = rows[number - 1]
            same = customer == before_customer and time - before_time <= gap and not (midnight and day != before_day)
            if same and not (cap is not None and time - rows[opening[-1]][1] >= cap):
                continue
        opening.append(number)
    return opening


@dataclass(frozen=True)
class Visit:
    customer: int
    time: int
    start: bool
    returned: bool
    group: int = 0


@dataclass(frozen=True)
class RetentionQuestion:
    bounds: tuple[int, ...]
    since: int
    until: int
    as_of: int
    brackets: tuple[tuple[int, int], ...]
    clock: Clock
    length: int
    criterion: Criterion
    entry: Entry
    min_count: int


def period_of(time: int, bounds: Sequence[int]) -> int:
    return sum(bound <= time for bound in bounds) - 1


@dataclass(frozen=True)
class Member:
    """What became of one customer in one cohort: per bracket (complete, retained by as_of, retained so far)."""

    customer: int
    group: int
    cohort: int
    outcomes: tuple[tuple[bool, bool, bool], ...]


def retention(visits: Sequence[Visit], asked: RetentionQuestion) -> list[Member]:
    members = []
    for customer in sorted({v.customer for v in visits}):
        own = [v for v in visits if v.customer == customer]
        entries: dict[int, Visit] = {}
        started = [v for v in own if v.start]
        for visit in started[:1] if asked.entry == "first_time" else started:
            if asked.since <= visit.time < asked.until:
                entries.setdefault(period_of(visit.time, asked.bounds), visit)
        for cohort, entry in entries.items():
            outcomes = tuple(_outcome(own, entry, cohort, bracket, asked) for bracket in asked.brackets)
            members.append(Member(customer, entry.group, cohort, outcomes))
    return members


def _outcome(
    own: list[Visit], entry: Visit, cohort: int, bracket: tuple[int, int], asked: RetentionQuestion
) -> tuple[bool, bool, bool]:
    first, last = bracket
    if asked.clock == "calendar":
        begin, end = asked.bounds[cohort + first], asked.bounds[cohort + last + 1]
    else:
        begin, end = entry.time + first * asked.length, entry.time + (last + 1) * asked.length
    begin = max(begin, entry.time)
    back = [v.time for v in own if v.returned and v.time >= begin]
    if asked.criterion == "on":
        back = [time for time in back if time < end]
    complete = end <= asked.as_of
    by_then = sum(time < asked.as_of for time in back) >= asked.min_count
    return complete, complete and by_then, len(back) >= asked.min_count


def active_periods(pairs: Sequence[tuple[int, int]]) -> dict[int, set[int]]:
    return {customer: {p for c, p in pairs if c == customer} for customer, _ in pairs}


def lifecycle(pairs: Sequence[tuple[int, int]], periods: int) -> list[tuple[int, int, int, int]]:
    """For each period: new, returning, resurrected, dormant."""
    counts = []
    for now in range(periods):
        new = returning = resurrected = dormant = 0
        for active in active_periods(pairs).values():
            new += now in active and min(active) == now
            returning += now in active and now - 1 in active
            resurrected += now in active and now - 1 not in active and min(active) < now
            dormant += now not in active and now - 1 in active
        counts.append((new, returning, resurrected, dormant))
    return counts


def trailing_distinct(pairs: Sequence[tuple[int, int]], window: int, days: int) -> list[int]:
    everyone = active_periods(pairs).values()
    return [sum(any(today - window < d <= today for d in active) for active in everyone) for today in range(days)]


def frequency(pairs: Sequence[tuple[int, int]], periods: int) -> list[int]:
    counts = [sum(0 <= p < periods for p in active) for active in active_periods(pairs).values()]
    return [counts.count(n) for n in range(periods + 1)]


def path_steps(rows: Sequence[tuple[int, int, int]], gap: int, *, collapse: bool) -> list[tuple[int, int, int, int]]:
    """(stretch, node, first, last) of each step of rows (customer, time, node)."""
    steps: list[tuple[int, int, int, int]] = []
    stretch, before = -1, None
    for customer, time, node in rows:
        new = before is None or customer != before[0] or time - before[1] > gap
        stretch += new
        if collapse and not new and steps[-1][1] == node:
            steps[-1] = (*steps[-1][:3], time)
        else:
            steps.append((stretch, node, time, time))
        before = (customer, time)
    return steps


def path_beside(
    steps: Sequence[tuple[int, int, int, int]], at: int, depth: int, *, back: bool, within: int | None
) -> tuple[list[int], int]:
    """The nodes beside a step, the nearest first, and the position of the furthest of them."""
    nodes, furthest = [], at
    stretch, _, first, last = steps[at]
    for there in range(at - 1, -1, -1) if back else range(at + 1, len(steps)):
        away = first - steps[there][3] if back else steps[there][2] - last
        if len(nodes) == depth or steps[there][0] != stretch or (within is not None and away > within):
            break
        nodes.append(steps[there][1])
        furthest = there
    return nodes, furthest
