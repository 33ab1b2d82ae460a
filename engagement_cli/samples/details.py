"""What session rows carry besides their name: feature, content, stars, sentiment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engagement_cli.samples.arrays import AnyFloats, AnyInts, Bools, Bytes, Codes, Floats, Ints
from engagement_cli.samples.calendar import DAY, WEEK
from engagement_cli.samples.life import Life
from engagement_cli.samples.randomness import pick
from engagement_cli.samples.rows import Rows
from engagement_cli.samples.sector import Sector

_NEW_CONTENT_EVERY = 3 * DAY
_OLDER_CONTENT = 40


def with_details(random: np.random.Generator, sector: Sector, rows: Rows, life: Life) -> Rows:
    """The rows with detail and amount filled in for the actions that have them."""
    detail, amount = rows.detail.copy(), rows.amount.copy()
    feature = _positions(sector, rows.name, "detail", "feature")
    detail[feature] = pick(random, [weight for _, weight in sector.features], len(feature))
    content = _positions(sector, rows.name, "detail", "content")
    detail[content] = _recent_content(random, rows.time[content])

    rated = _positions(sector, rows.name, "amount", "rating")
    stars = 3.7 + 0.55 * _level(life, rows, rated) + 0.8 * random.standard_normal(len(rated))
    amount[rated] = np.clip(np.rint(stars), 1, 5)
    felt = _positions(sector, rows.name, "amount", "sentiment")
    amount[felt] = draw_sentiment(random, _level(life, rows, felt))
    return replace(rows, detail=detail, amount=amount)


def draw_sentiment(random: np.random.Generator, level: AnyFloats) -> Codes:
    """Hundredths in −100…100, higher for engaged customers."""
    feeling = 0.15 + 0.25 * level + 0.35 * random.standard_normal(len(level))
    hundredths: Codes = np.rint(np.clip(feeling, -1, 1) * 100).astype(np.int32)
    return hundredths


def _positions(sector: Sector, name: Bytes, attribute: str, kind: str) -> Ints:
    """Where rows lie whose name carries this kind of detail or amount, stories left out as they bring their own."""
    carries: Bools = np.zeros(256, dtype=np.bool_)
    in_sessions = {action.name for action in sector.actions}
    for code, known in enumerate(sector.kinds):
        carries[code] = getattr(known, attribute) == kind and known.name in in_sessions
    return np.flatnonzero(carries[name])


def _level(life: Life, rows: Rows, positions: AnyInts) -> Floats:
    """The engagement of the customers of these rows in the week of the row."""
    level: Floats = life.level[rows.customer[positions], rows.time[positions] // WEEK]
    return level


def _recent_content(random: np.random.Generator, time: Ints) -> Codes:
    """Content appears every few days and is read and shared mostly while new, so that it spreads and fades."""
    age = (random.standard_exponential(len(time)) * 1.6).astype(np.int64)
    number: Codes = np.maximum(time // _NEW_CONTENT_EVERY + _OLDER_CONTENT - age, 0).astype(np.int32)
    return number
