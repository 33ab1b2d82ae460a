"""How customers live: engagement that drifts week by week, and the moves between trial, plans and leaving.

Everything else reads this one history, which is why activity, churn, upgrades and answers go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import AnyInts, Bools, Bytes, Floats, Ints
from engagement_cli.samples.calendar import DAY, MINUTE, WARM_UP_WEEKS, WEEK, Span
from engagement_cli.samples.population import Population
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.spells import Ledger, Spells

_PERSISTENCE = 0.94
_DRIFT = 0.24
_ONBOARDING = 0.5
_NEVER = -(10**6)
_LAPSING = 0.6


class State(IntEnum):
    """Where a customer stands at the start of a week."""

    UNKNOWN = 0
    FREE = 1
    TRIAL = 2
    PAID = 3
    GONE = 4


class Life(Record):
    """`level` and `state` of shape (customers, weeks of the span), and all subscriptions, also from before the span."""

    level: Floats
    state: Bytes
    spells: Spells

    def member(self, customer: AnyInts, week: AnyInts) -> Bools:
        """Whether customers are in a trial or on a plan in these weeks, or come to be in the one that they join in."""
        following = np.minimum(week + 1, self.state.shape[1] - 1)
        now, soon = self.state[customer, week], self.state[customer, following]
        joining = (week > 0) & (self.state[customer, np.maximum(week - 1, 0)] == State.UNKNOWN)
        return np.isin(np.where(joining, soon, now), (State.TRIAL, State.PAID))


@dataclass
class _Now:
    """The customers as they stand in the week at hand."""

    state: Bytes
    since: Ints
    trial_end: Ints
    mood: Floats


def simulate(random: np.random.Generator, span: Span, sector: Sector, people: Population) -> Life:
    """Week after week, half a year of warm-up included, for all customers of the block at once."""
    size, weeks = len(people), span.weeks
    levels = np.empty((weeks, size))
    states = np.empty((weeks, size), dtype=np.uint8)
    ledger = Ledger(size)
    now = _Now(np.zeros(size, np.uint8), np.full(size, _NEVER), np.full(size, _NEVER), np.zeros(size))
    for week in range(-WARM_UP_WEEKS, weeks):
        begin = week * WEEK
        now.mood = _PERSISTENCE * now.mood + _DRIFT * random.standard_normal(size)
        age = np.maximum(begin + WEEK - people.joined, 0) / WEEK
        level = np.clip(people.engagement + now.mood + _ONBOARDING * np.exp(-age / 3), -3.0, 3.0)
        arriving = (people.joined >= begin) & (people.joined < begin + WEEK)
        now.state[arriving] = State.FREE
        if week >= 0:
            levels[week], states[week] = level, now.state
        _move(random, sector, people, now, ledger, level, week, arriving)
    spells = ledger.close(span, sector, people.trait)
    return Life(np.ascontiguousarray(levels.T), np.ascontiguousarray(states.T), spells)


def _move(
    random: np.random.Generator,
    sector: Sector,
    people: Population,
    now: _Now,
    ledger: Ledger,
    level: Floats,
    week: int,
    arriving: Bools,
) -> None:
    """The moves of one week; each customer makes one at most, at a moment of his own."""
    odds, dearest = sector.subscribing, max(len(sector.plans) - 1, 0)
    size = len(level)
    start, choice, lean = random.random(size), random.random(size), random.random(size)
    moment = week * WEEK + (start * WEEK).astype(np.int64)
    held = week - now.since
    free = (now.state == State.FREE) & ~people.internal
    ending = (now.state == State.TRIAL) & (now.trial_end < (week + 1) * WEEK)
    paid = (now.state == State.PAID) & (held >= 3)
    gone = (now.state == State.GONE) & (held >= 4)

    untried = free & (now.trial_end == _NEVER)
    trial_odds = np.where(arriving, odds.trial_at_signup, odds.trial_later * np.exp(0.6 * level))
    trying = untried & (choice < trial_odds)
    when = np.where(arriving, people.joined + 15 * MINUTE, moment)
    fit = np.minimum(_fitting_plan(people, lean, level), dearest)
    now.trial_end[trying] = when[trying] + odds.trial_days * DAY
    ledger.open(trying, fit, when, trial_ends=now.trial_end, yearly=lean < 0.25)

    converted = ending & (choice < _logistic(odds.conversion, 1.2 * level))
    ledger.end(ending & ~converted, now.trial_end, kept=False)

    abandoning = free & ~arriving & ~trying & (lean < odds.abandon * np.exp(-1.2 * level))
    buying = free & ~arriving & ~trying & ~abandoning & (choice > 1 - odds.direct * np.exp(0.8 * level))
    ledger.open(buying, fit, moment, trial_ends=None, yearly=lean < 0.25)
    joining = arriving if not sector.plans else np.zeros_like(arriving)
    ledger.open(joining, fit, people.joined, trial_ends=None, yearly=np.zeros_like(arriving))

    leaving = paid & (choice < odds.churn * np.exp(-1.35 * level))
    ledger.end(leaving, moment, kept=False, lapsed=lean < _LAPSING)
    moving_up = paid & ~leaving & (choice > 1 - odds.upgrade * np.exp(0.9 * level)) & (ledger.plan < dearest)
    moving_down = paid & ~leaving & ~moving_up & (lean < odds.downgrade * np.exp(-0.9 * level)) & (ledger.plan > 0)
    changing = moving_up | moving_down
    ledger.end(changing, moment, kept=True)
    ledger.open(changing, ledger.plan + np.where(moving_up, 1, -1), moment, trial_ends=None, yearly=ledger.yearly)

    returning = gone & (choice < odds.reactivation * np.exp(0.4 * level))
    ledger.open(returning, fit, moment, trial_ends=None, yearly=lean < 0.1)
    now.mood[returning] += 0.8

    for moved, state in (
        (trying, State.TRIAL),
        (converted | buying | returning | joining, State.PAID),
        (ending & ~converted, State.FREE),
        (leaving | abandoning, State.GONE),
    ):
        now.state[moved] = state
        now.since[moved] = week


def _fitting_plan(people: Population, lean: Floats, level: Floats) -> Ints:
    """Those who come late in the trait's words (the larger companies) and the keener begin on larger plans: 0, 1, 2."""
    wish = 0.28 * people.trait + 0.25 * level + 1.1 * lean
    return np.digitize(wish, (0.85, 1.6)).astype(np.int64)


def _logistic(at_zero: float, shift: Floats) -> Floats:
    """A chance of `at_zero`, moved by `shift` on the log-odds scale."""
    odds: Floats = np.exp(shift) * at_zero / (1 - at_zero)
    return odds / (1 + odds)
