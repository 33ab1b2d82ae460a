"""Visits and what is done in them: the bulk of all rows."""

from __future__ import annotations

import numpy as np

from engagement_cli.samples.arrays import AnyInts, Bools, Bytes, Codes, Floats, Ints, Small
from engagement_cli.samples.calendar import DAY, HOUR, MINUTE, WEEK, Span, rotated_weekdays, week_starts, weekly_season
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import Population
from engagement_cli.samples.randomness import lookup_table, pick, pick_from_table
from engagement_cli.samples.rows import Device, Rows, Who, make_rows
from engagement_cli.samples.sector import CODES, Frame, Sector

_INTERNAL = 4.0
_BANDS = np.linspace(-2.0, 2.0, 9)
_GONE = 0.06
_FIRST_VISIT = 0.6
_RETURNING_BY = (45, 20, 4, 14, 8, 9)


def draw_sessions(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Rows:
    """All rows of all visits within the span."""
    customer, start = _all_visits(random, span, sector, people, life)
    week = np.clip(start // WEEK, 0, span.weeks - 1)
    shown = (start >= np.maximum(people.joined[customer], 0)) & (start < span.seconds)
    customer, week, start = customer[shown], week[shown], start[shown]
    level = life.level[customer, week]
    member = life.member(customer, week) | people.internal[customer]
    device = draw_devices(random, people, customer)
    entry, logged_in = _entries(random, device, member)
    channel = pick(random, _RETURNING_BY, len(customer)).astype(np.int8)
    length = 1 + random.poisson(sector.rates.actions * np.exp(0.25 * level))
    framed = _framed(random, sector.frame, member)
    length += 2 * framed

    first = np.cumsum(length) - length
    between = random.standard_exponential(int(length.sum()), dtype=np.float32) * sector.rates.seconds_between
    gaps = (between + 3).astype(np.int64)
    gaps[first] = 0
    elapsed = np.cumsum(gaps)
    time = elapsed + np.repeat(start - elapsed[first], length)
    profile = ((np.digitize(level, _BANDS)) * 2 + member).astype(np.int32)
    name = _actions(random, sector, np.repeat(profile, length))
    name[first] = entry
    if sector.frame is not None:
        name[first[framed] + 1] = sector.vocabulary.index(sector.frame.opens.name)
        finished = framed & (random.random(len(framed)) < sector.frame.finished)
        name[(first + length - 1)[finished]] = sector.vocabulary.index(sector.frame.closes.name)
    rows = make_rows(
        np.repeat(customer.astype(np.int32), length),
        time,
        name,
        who=np.repeat(np.where(logged_in, Who.LOGGED_IN, Who.KNOWN).astype(np.int8), length),
        device=np.repeat(device, length),
        channel=np.repeat(channel, length),
    )
    return rows.where(time < span.seconds) if len(time) and time.max() >= span.seconds else rows


def draw_devices(random: np.random.Generator, people: Population, customer: AnyInts) -> Small:
    """A device for each row, by the customer's own leaning."""
    chance = random.random(len(customer))
    mobile = people.mobile[customer]
    device = np.where(chance < mobile * 0.85, Device.MOBILE, np.where(chance < mobile, Device.TABLET, Device.DESKTOP))
    return device.astype(np.int8)


def moment_of_day(random: np.random.Generator, sector: Sector, size: int) -> Ints:
    """Seconds since the customer's own midnight, by the sector's hours."""
    return pick(random, sector.hours, size) * np.int64(HOUR) + random.integers(0, HOUR, size)


def _framed(random: np.random.Generator, frame: Frame | None, member: Bools) -> Bools:
    """Which sessions are opened and closed by the sector's frame."""
    if frame is None:
        return np.zeros(len(member), dtype=np.bool_)
    return (random.random(len(member)) < frame.share) & (member | (frame.access == "everyone"))


def _all_visits(
    random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life
) -> tuple[Ints, Ints]:
    """The customer and the moment of every visit: those of the weeks, the first one, and that of the day after it."""
    customer, week = _visits(random, span, sector, people, life)
    start = week_starts(span)[week] + _moment_in_week(random, span, sector, people.clock[customer])
    new = np.flatnonzero((people.joined >= 0) & (random.random(len(people)) < _FIRST_VISIT))
    chance = sector.rates.comes_back_next_day * np.exp(0.5 * people.engagement)
    again = np.flatnonzero((people.joined >= 0) & (random.random(len(people)) < chance))
    at_once = people.joined[new] + random.integers(MINUTE, 30 * MINUTE, len(new))
    tomorrow = (people.joined[again] // DAY + 1) * DAY + random.integers(7 * HOUR, 22 * HOUR, len(again))
    return np.concatenate((customer, new, again)), np.concatenate((start, at_once, tomorrow))


def _visits(
    random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life
) -> tuple[Ints, Ints]:
    """The customer and the week of every visit."""
    by_state = {State.FREE: sector.rates.free, State.TRIAL: sector.rates.trial, State.PAID: 1.0, State.GONE: _GONE}
    busy = np.array([by_state.get(state, 0.0) for state in State])
    rate = sector.rates.sessions * np.exp(0.85 * life.level) * busy[life.state]
    rate *= np.where(people.internal, _INTERNAL, 1.0)[:, None] * weekly_season(span, sector.months)
    visits = random.poisson(rate).ravel()
    flat = np.repeat(np.arange(visits.size), visits)
    return flat // span.weeks, flat % span.weeks


def _moment_in_week(random: np.random.Generator, span: Span, sector: Sector, clock: Ints) -> Ints:
    """Seconds since the week's start (UTC) of visits of customers whose clocks differ from UTC by `clock`."""
    size = len(clock)
    weekday = pick(random, rotated_weekdays(span, sector.weekdays), size)
    return weekday * np.int64(DAY) + moment_of_day(random, sector, size) - clock


def _entries(random: np.random.Generator, device: Small, member: Bools) -> tuple[Bytes, Bools]:
    """What opens each visit, and whether the customer is logged in during it."""
    chance = random.random(len(device))
    app = (device != Device.DESKTOP) & (chance < 0.7)
    login = ~app & (chance < np.where(member, 0.85, 0.3))
    entry = np.where(app, CODES["app_open"], np.where(login, CODES["login"], CODES["page_view"]))
    return entry.astype(np.uint8), app | login


def _actions(random: np.random.Generator, sector: Sector, profile: Codes) -> Bytes:
    """A name for every row; a profile is an engagement band and whether the customer is in a trial or on a plan."""
    codes = {name: code for code, name in enumerate(sector.vocabulary)}
    middle = np.clip(np.arange(len(_BANDS) + 1) * 0.5 - 2.25, -2.25, 2.25)
    weights: Floats = np.zeros((2 * len(middle), len(codes)))
    for action in sector.actions:
        weight = action.weight * np.exp(action.slope * middle)
        weights[0::2, codes[action.name]] = 0.0 if action.access == "customers" else weight
        weights[1::2, codes[action.name]] = weight
    return pick_from_table(random, lookup_table(weights), profile)
