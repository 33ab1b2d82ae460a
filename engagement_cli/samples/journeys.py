"""Coming and going: advertisements and anonymous visits before the sign-up, trials, thoughts of cancelling."""

from __future__ import annotations

import numpy as np

from engagement_cli.samples.arrays import AnyInts, Ints
from engagement_cli.samples.calendar import DAY, HOUR, MINUTE, WEEK, Span
from engagement_cli.samples.landings import draw_landings
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import PAID, Population
from engagement_cli.samples.randomness import pick
from engagement_cli.samples.rows import NO_AMOUNT, NONE, Rows, Who, concat, make_rows
from engagement_cli.samples.sector import CODES, Sector
from engagement_cli.samples.sessions import draw_devices
from engagement_cli.samples.spells import NO_TRIAL, OPEN

_CLICK_SHARE = 0.06
_VIEWS_BEFORE_CLICK = 6.0
_SEEN_FOR_A_CLICK = 200


def draw_journeys(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Rows:
    """Rows around signing up, trying and leaving; some may lie outside the span and are dropped later."""
    arrivals = np.flatnonzero(people.joined >= 0)
    spells = life.spells
    trials = np.flatnonzero(spells.trial_ends != NO_TRIAL)
    parts = [
        _told(random, people, arrivals, people.joined[arrivals], CODES["signup"]),
        _told(random, people, spells.customer[trials], spells.started[trials], CODES["trial_started"]),
        _before_signup(random, sector, people),
        _advertised(random, span, sector, people, life),
        _cancelling(random, people, life),
    ]
    if sector.subscribing.begins is not None:
        code = sector.vocabulary.index(sector.subscribing.begins)
        paid = np.flatnonzero(spells.converted & ~spells.follows)
        parts.append(_told(random, people, spells.customer[paid], spells.paid_from[paid], code))
    return concat(parts)


def _told(random: np.random.Generator, people: Population, customer: AnyInts, time: Ints, code: int) -> Rows:
    """One row a customer, logged in; `code` is that of the event's name."""
    device = draw_devices(random, people, customer)
    return make_rows(
        customer, time, code, who=Who.LOGGED_IN, device=device, channel=people.channel[customer].astype(np.int8)
    )


def _before_signup(random: np.random.Generator, sector: Sector, people: Population) -> Rows:
    """Page views under an alias before the sign-up; those who came by an advertisement saw it, at last clicked it."""
    visitors = np.flatnonzero(people.anonymous)
    views = 1 + random.poisson(1.2, len(visitors))
    customer = np.repeat(visitors, views)
    ahead = (random.standard_exponential(len(customer)) * 2 * DAY).astype(np.int64) + MINUTE
    seen = _anonymous(random, people, customer, people.joined[customer] - ahead, CODES["page_view"])
    lured = visitors[people.channel[visitors] == PAID]
    when = people.joined[lured] - random.integers(5 * MINUTE, 4 * DAY, len(lured))
    appeal = np.array([campaign.clicks for campaign in sector.ad_campaigns])
    campaign = pick(random, appeal.tolist(), len(lured)).astype(np.int64)
    prices = _click_prices(random, sector, len(lured))
    clicked = _anonymous(random, people, lured, when, CODES["ad_clicked"], campaign, prices)
    times = 1 + random.poisson(_VIEWS_BEFORE_CLICK / appeal[campaign])
    often = np.repeat(np.arange(len(lured)), times)
    last = np.cumsum(times) - 1
    ahead = (random.standard_exponential(len(often)) * 2 * DAY).astype(np.int64) + HOUR
    ahead[last] = 5
    seen_at = when[often] - ahead
    price = _price_seen(sector)
    shown = _anonymous(random, people, lured[often], seen_at, CODES["ad_impression"], campaign[often], price)
    return concat([seen, shown, clicked, draw_landings(random, sector, clicked)])


def _click_prices(random: np.random.Generator, sector: Sector, size: int) -> Ints:
    """What each click costs, in cents."""
    prices = sector.rates.click_price * 100 * np.exp(0.4 * random.standard_normal(size))
    return np.rint(prices).astype(np.int64)


def _price_seen(sector: Sector) -> int:
    """What an advertisement that is only seen costs, in cents."""
    return max(round(sector.rates.click_price * 100 / _SEEN_FOR_A_CLICK), 1)


def _anonymous(
    random: np.random.Generator,
    people: Population,
    customer: AnyInts,
    time: Ints,
    name: int,
    campaign: int | Ints = NONE,
    cost: int | Ints = NO_AMOUNT,
) -> Rows:
    """Rows under the customer's alias."""
    return make_rows(
        customer,
        time,
        name,
        who=Who.ALIAS,
        device=draw_devices(random, people, customer),
        channel=people.channel[customer].astype(np.int8),
        campaign=campaign,
        extra=cost,
    )


def _advertised(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Rows:
    """Advertisements shown to those without a plan (all, where there are none) or no longer there, and a few clicks."""
    reached = (State.FREE, State.GONE) if sector.plans else (State.FREE, State.PAID, State.GONE)
    away = np.isin(life.state, reached) & ~people.internal[:, None]
    customer, week = np.nonzero(away & (random.random(away.shape) < sector.rates.ads * 4))
    time = week * np.int64(WEEK) + random.integers(0, WEEK, len(week))
    device = draw_devices(random, people, customer)
    campaign = random.integers(0, len(sector.ad_campaigns), len(week))
    shown = make_rows(
        customer,
        time,
        CODES["ad_impression"],
        device=device,
        channel=PAID,
        campaign=campaign,
        extra=_price_seen(sector),
    )
    appeal = np.array([campaign.clicks for campaign in sector.ad_campaigns])[campaign]
    clicks = random.random(len(week)) < _CLICK_SHARE * appeal * np.exp(0.5 * life.level[customer, week])
    clicked = make_rows(
        customer[clicks],
        time[clicks] + random.integers(2, 20, int(clicks.sum())),
        CODES["ad_clicked"],
        device=device[clicks],
        channel=PAID,
        campaign=campaign[clicks],
        extra=_click_prices(random, sector, int(clicks.sum())),
    )
    late = time >= people.joined[customer]
    clicked = clicked.where(late[clicks])
    return concat([shown.where(late), clicked, draw_landings(random, sector, clicked)])


def _cancelling(random: np.random.Generator, people: Population, life: Life) -> Rows:
    """Most who leave have looked at the cancel page; some of the less engaged look and stay."""
    spells = life.spells
    left = np.flatnonzero(spells.converted & (spells.ended < OPEN) & ~spells.kept)
    left = left[random.random(len(left)) < 0.75]
    before = (random.standard_exponential(len(left)) * 2 * DAY).astype(np.int64) + HOUR
    time = np.maximum(spells.ended[left] - before, spells.started[left])
    paid = life.state == State.PAID
    customer, week = np.nonzero(paid & (random.random(paid.shape) < 0.004 * np.exp(-0.8 * life.level)))
    wavering = week * np.int64(WEEK) + random.integers(0, WEEK, len(week))
    return concat(
        [
            _told(random, people, spells.customer[left], time, CODES["cancel_page"]),
            _told(random, people, customer, wavering, CODES["cancel_page"]),
        ]
    )
