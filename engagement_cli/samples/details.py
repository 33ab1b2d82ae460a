"""What session rows carry besides their name, as the sector's actions declare it."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import replace
from engagement_cli.samples.arrays import AnyFloats, Codes, Floats, Ints
from engagement_cli.samples.calendar import DAY, WEEK
from engagement_cli.samples.carriers import SENTIMENT, Ids, Number, Words
from engagement_cli.samples.carrying import carried_columns
from engagement_cli.samples.life import Life
from engagement_cli.samples.randomness import pick
from engagement_cli.samples.rows import Rows
from engagement_cli.samples.sector import CODES, Sector

_FADES_AFTER = 1.6
_FROM_THE_BACK = 0.2
_HITS = 4


def with_details(random: np.random.Generator, sector: Sector, rows: Rows, life: Life) -> Rows:
    """The rows with detail, amount and extra filled in for the actions that have them; stories bring their own."""
    slots = {"detail": rows.detail.copy(), "amount": rows.amount.copy(), "extra": rows.extra.copy()}
    for column, parts in carried_columns(sector).items():
        for part in parts:
            names = part.names.copy()
            names[: len(CODES)] = False
            if not names.any() or column != part.carrier.column:
                continue
            places = np.flatnonzero(names[rows.name])
            slots[part.slot][places] = _draw(random, part.carrier, rows, places, life)
    return replace(rows, detail=slots["detail"], amount=slots["amount"], extra=slots["extra"])


def draw_sentiment(random: np.random.Generator, level: AnyFloats) -> Codes:
    """Hundredths in −100…100, higher for engaged customers."""
    return draw_number(random, SENTIMENT, level)


def draw_number(random: np.random.Generator, number: Number, level: AnyFloats) -> Codes:
    """Numbers without their decimal point for customers of this engagement."""
    noise = number.slope * level + number.spread * random.standard_normal(len(level))
    drawn = number.middle * np.exp(noise) if number.skewed else number.middle + noise
    whole: Codes = np.rint(np.clip(drawn, number.least, number.most) * 10**number.digits).astype(np.int32)
    return whole


def _draw(random: np.random.Generator, carrier: Words | Ids | Number, rows: Rows, places: Ints, life: Life) -> Codes:
    if isinstance(carrier, Words):
        return pick(random, carrier.weights, len(places))
    if isinstance(carrier, Ids):
        return _recent(random, carrier, rows.time[places])
    level: Floats = life.level[rows.customer[places], rows.time[places] // WEEK]
    return draw_number(random, carrier, level)


def _recent(random: np.random.Generator, things: Ids, time: Ints) -> Codes:
    """Things appear one after another and are asked for mostly while new, hits more than others, so that interest
    spreads and fades; some requests are for anything older."""
    size = len(time)
    newest = (time / ((things.every_days or 1.0) * DAY)).astype(np.int64) + things.older
    number = newest - (random.standard_exponential(size) * _FADES_AFTER).astype(np.int64)
    number = np.where(random.random(size) < 0.5, number - number % _HITS, number)
    number = np.where(random.random(size) < _FROM_THE_BACK, (random.random(size) * newest).astype(np.int64), number)
    recent: Codes = np.maximum(number, 0).astype(np.int32)
    return recent
