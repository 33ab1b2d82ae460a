"""Support: tickets opened (more by the less engaged), answered, resolved or left open, and remarks afterwards."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import Bools, Floats, Ints
from engagement_cli.samples.calendar import DAY, HOUR, MINUTE, Span, week_starts
from engagement_cli.samples.details import draw_sentiment
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import Population
from engagement_cli.samples.rows import NO_AMOUNT, NONE, Rows, Who, concat, make_rows
from engagement_cli.samples.sector import CODES, Sector
from engagement_cli.samples.sessions import draw_devices, moment_of_day

_ASKING = {State.UNKNOWN: 0.0, State.FREE: 0.25, State.TRIAL: 2.2, State.PAID: 1.0, State.GONE: 0.05}
_MEDIAN_REPLY = 3.0 * HOUR
_MEDIAN_SOLVING = 14.0 * HOUR
_NEGLECTED = 0.1
_TIMES_SLOWER = 12.0


class Tickets(Record):
    """One entry a ticket: who, his engagement then, when it was opened and resolved, and whether it ever was."""

    customer: Ints
    level: Floats
    opened: Ints
    replied: Ints
    resolved: Ints
    solved: Bools


def draw_tickets(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Tickets:
    """The tickets of a block; about one in twelve is never resolved."""
    busy = np.array([_ASKING[state] for state in State])
    rate = sector.rates.tickets * np.exp(-0.7 * life.level) * busy[life.state] * ~people.internal[:, None]
    customer, week = np.nonzero(random.random(rate.shape) < 1 - np.exp(-rate))
    opened = week_starts(span)[week] + random.integers(0, 7, len(week)) * DAY
    opened += moment_of_day(random, sector, len(week)) - people.clock[customer]
    keep = opened >= np.maximum(people.joined[customer], 0)
    customer, week, opened = customer[keep], week[keep], opened[keep]
    size = len(customer)
    slower = np.where(random.random(size) < _NEGLECTED, _TIMES_SLOWER, 1.0)
    replied = opened + 2 * MINUTE + (_lasting(random, _MEDIAN_REPLY, size) * slower).astype(np.int64)
    resolved = replied + 5 * MINUTE + _lasting(random, _MEDIAN_SOLVING, size)
    return Tickets(customer, life.level[customer, week], opened, replied, resolved, random.random(size) < 0.92)


def ticket_rows(random: np.random.Generator, people: Population, tickets: Tickets) -> Rows:
    """The rows of the tickets; answers come from the server and have no device."""
    size = len(tickets.customer)
    number = np.arange(size)
    device = draw_devices(random, people, tickets.customer)
    remarks = tickets.solved & (random.random(size) < 0.35)
    slow = (tickets.resolved - tickets.opened) > 2 * DAY
    feeling = draw_sentiment(random, tickets.level - 1.2 * slow)
    later = tickets.resolved + random.integers(HOUR, 2 * DAY, size)
    everyone = np.ones(size, dtype=np.bool_)
    steps: tuple[tuple[str, Bools, Ints, bool], ...] = (
        ("ticket_opened", everyone, tickets.opened, True),
        ("ticket_replied", everyone, tickets.replied, False),
        ("ticket_resolved", tickets.solved, tickets.resolved, False),
        ("support_feedback", remarks, later, True),
    )
    return concat(
        [
            make_rows(
                tickets.customer[who],
                when[who],
                CODES[name],
                who=Who.LOGGED_IN if by_customer else Who.KNOWN,
                device=device[who] if by_customer else NONE,
                detail=number[who],
                amount=feeling[who] if name == "support_feedback" else NO_AMOUNT,
            )
            for name, who, when, by_customer in steps
        ]
    )


def _lasting(random: np.random.Generator, median: float, size: int) -> Ints:
    """Skewed durations in seconds."""
    return (median * np.exp(0.9 * random.standard_normal(size))).astype(np.int64)
