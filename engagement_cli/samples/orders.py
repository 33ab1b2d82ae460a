"""Buying: from cart to checkout to purchase, given up on the way more often by the less engaged, and refunds."""

from __future__ import annotations

import numpy as np

from engagement_cli.samples.arrays import AnyInts, Bools, Floats, Ints
from engagement_cli.samples.calendar import DAY, MINUTE, WEEK, Span, week_starts
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import Population
from engagement_cli.samples.randomness import pick
from engagement_cli.samples.rows import NO_AMOUNT, Rows, Who, concat, make_rows
from engagement_cli.samples.sector import CODES, Sector
from engagement_cli.samples.sessions import draw_devices, moment_of_day

_DETERRED = 0.035
_BUYING = {State.UNKNOWN: 0.0, State.FREE: 0.12, State.TRIAL: 0.5, State.PAID: 1.0, State.GONE: 0.0}


def draw_orders(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Rows:
    """Add-ons bought now and then, and the first invoice of every paid subscription row within the span."""
    spells = life.spells
    busy = np.array([_BUYING[state] for state in State])
    rate = sector.rates.orders * np.exp(0.7 * life.level) * busy[life.state] * ~people.internal[:, None]
    extra, week = np.nonzero(random.random(rate.shape) < 1 - np.exp(-rate))
    wish = week_starts(span)[week] + random.integers(0, 7, len(week)) * DAY
    wish += moment_of_day(random, sector, len(week)) - people.clock[extra]
    leaning = sector.trait.spending * people.trait[extra]
    spent = sector.rates.basket * 100 * np.exp(leaning + 0.6 * random.standard_normal(len(extra)))

    first = np.flatnonzero(spells.converted & (spells.paid_from >= 0) & (spells.paid_from < span.seconds))
    invoice = spells.price[first] * np.where(spells.yearly[first], 12, 1)
    customer = np.concatenate((extra, spells.customer[first]))
    time = np.concatenate((wish, spells.paid_from[first] - 10 * MINUTE))
    cents = np.concatenate((np.maximum(np.rint(spent), 100).astype(np.int64), invoice))
    sure = np.arange(len(customer)) >= len(extra)
    fee = np.full(len(customer), NO_AMOUNT)
    if sector.shipping_fees:
        shipped = pick(random, [weight for _, weight in sector.shipping_fees], len(extra))
        fee[: len(extra)] = np.rint(np.array([fee * 100 for fee, _ in sector.shipping_fees])[shipped])
    keep = time >= np.maximum(people.joined[customer], 0)
    return _told(random, people, life, customer[keep], time[keep], cents[keep], fee[keep], sure[keep])


def _told(
    random: np.random.Generator,
    people: Population,
    life: Life,
    customer: AnyInts,
    cart: Ints,
    cents: Ints,
    fee: Ints,
    sure: Bools,
) -> Rows:
    """The rows of each order; `sure` orders are not given up, those with a `fee` (cents) for shipping more often."""
    size = len(customer)
    level = level_at(life, customer, cart)
    number = np.arange(size)
    device = draw_devices(random, people, customer)
    channel = people.channel[customer].astype(np.int8)
    checkout = cart + MINUTE + random.integers(0, 5 * MINUTE, size)
    paid = checkout + MINUTE + random.integers(0, 3 * MINUTE, size)
    willing = np.exp(-_DETERRED * np.maximum(fee, 0) / 100)
    reaches = sure | (random.random(size) < _share(0.72, level) * willing)
    buys = reaches & (sure | (random.random(size) < _share(0.84, level) * willing))
    returns = buys & (random.random(size) < 0.05 * np.exp(-0.7 * level))
    back = paid + random.integers(DAY, 12 * DAY, size)
    returned = np.where(random.random(size) < 0.6, cents, cents // 2)

    def step(name: str, who: Bools, when: Ints, amount: int | Ints = NO_AMOUNT) -> Rows:
        return make_rows(
            customer[who],
            when[who],
            CODES[name],
            who=Who.LOGGED_IN,
            device=device[who],
            channel=channel[who],
            detail=number[who],
            amount=amount if isinstance(amount, int) else amount[who],
            extra=NO_AMOUNT if name == "refund" else fee[who],
        )

    everyone = np.ones(size, dtype=np.bool_)
    return concat(
        [
            step("add_to_cart", everyone, cart),
            step("checkout_started", reaches, checkout),
            step("purchase", buys, paid, cents),
            step("refund", returns, back, returned),
        ]
    )


def level_at(life: Life, customer: AnyInts, time: Ints) -> Floats:
    """The engagement of customers at these seconds; the first or last week's for times outside the span."""
    level: Floats = life.level[customer, np.clip(time // WEEK, 0, life.level.shape[1] - 1)]
    return level


def _share(at_zero: float, level: Floats) -> Floats:
    """A chance of `at_zero`, higher for the engaged, never certain."""
    share: Floats = np.clip(at_zero + 0.07 * level, 0.1, 0.96)
    return share
