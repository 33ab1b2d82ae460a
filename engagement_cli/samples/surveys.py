"""Answers: NPS asked every quarter of a customer's life, satisfaction and effort after a resolved ticket."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.samples.arrays import AnyFloats, Ints
from engagement_cli.samples.calendar import DAY, HOUR, WEEK, Span
from engagement_cli.samples.event_frame import instant_texts
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import Population
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.tickets import Tickets

_ASKED_EVERY_WEEKS = 13
_COMMENTED = 0.45
# scores from which an answer counts as high, and below which as low
_LIMITS = {"nps": (9, 7), "csat": (4, 3), "effort": (6, 4)}


def draw_surveys(
    random: np.random.Generator,
    span: Span,
    sector: Sector,
    people: Population,
    life: Life,
    tickets: Tickets,
    ids: pl.Series,
) -> pl.DataFrame:
    """One line an answer, by time: user_id, survey, answered_at, score (effort: 7 is very easy), comment."""
    parts = [
        ("nps", *_nps(random, people, life)),
        ("csat", *_after_ticket(random, tickets, share=0.6, middle=3.9, slope=0.45, spread=0.85, top=5)),
        ("effort", *_after_ticket(random, tickets, share=0.55, middle=4.9, slope=0.6, spread=1.2, top=7)),
    ]
    frames = []
    for survey, customer, time, score in parts:
        inside = (time >= 0) & (time < span.seconds)
        answers = score[inside]
        frames.append(
            pl.DataFrame(
                {
                    "user_id": ids.gather(customer[inside]),
                    "survey": pl.repeat(survey, len(answers), dtype=pl.String, eager=True),
                    "answered_at": instant_texts(span, time[inside]),
                    "score": answers,
                    "comment": _comments(random, sector.comments[survey], answers, _LIMITS[survey]),
                }
            )
        )
    return pl.concat(frames).sort("answered_at", "user_id", "survey", maintain_order=True)


def _nps(random: np.random.Generator, people: Population, life: Life) -> tuple[Ints, Ints, Ints]:
    """Who answers, when and what; the very happy and the very unhappy answer more often."""
    weeks = np.arange(life.level.shape[1], dtype=np.int64)
    age = weeks - (people.joined // WEEK)[:, None]
    asked = (age >= 4) & ((age - 4) % _ASKED_EVERY_WEEKS == 0) & ~people.internal[:, None]
    known = (life.state == State.PAID) | (life.state == State.TRIAL) | (life.state == State.FREE)
    willing = np.clip(0.30 + 0.10 * np.abs(life.level), 0, 0.75)
    customer, week = np.nonzero(asked & known & (random.random(life.level.shape) < willing))
    time = week * WEEK + random.integers(8 * HOUR, 6 * DAY, len(week))
    feeling = 7.8 + 1.5 * life.level[customer, week] + 1.3 * random.standard_normal(len(week))
    return customer, time, np.clip(np.rint(feeling), 0, 10).astype(np.int64)


def _after_ticket(
    random: np.random.Generator, tickets: Tickets, *, share: float, middle: float, slope: float, spread: float, top: int
) -> tuple[Ints, Ints, Ints]:
    """Answers from 1 to `top` after a resolved ticket; long waits cost."""
    size = len(tickets.customer)
    chosen = np.flatnonzero(tickets.solved & (random.random(size) < share))
    waited: AnyFloats = (tickets.resolved - tickets.opened)[chosen] / DAY
    feeling = middle + slope * tickets.level[chosen] - 0.35 * np.minimum(waited, 5)
    feeling += spread * random.standard_normal(len(chosen))
    time = tickets.resolved[chosen] + random.integers(HOUR, 3 * DAY, len(chosen))
    return tickets.customer[chosen], time, np.clip(np.rint(feeling + 0.3), 1, top).astype(np.int64)


def _comments(
    random: np.random.Generator, words: dict[str, tuple[str, ...]], score: Ints, limits: tuple[int, int]
) -> pl.Series:
    """A comment that goes with the score on somewhat under half of the answers, null on the others."""
    moods = ("low", "middle", "high")
    texts = pl.Series([text for mood in moods for text in words[mood]] + [None], dtype=pl.String)
    counts = np.array([len(words[mood]) for mood in moods])
    mood = (score >= limits[1]).astype(np.int64) + (score >= limits[0])
    chosen = (np.cumsum(counts) - counts)[mood] + (random.random(len(score)) * counts[mood]).astype(np.int64)
    silent = random.random(len(score)) >= _COMMENTED
    return texts.gather(np.where(silent, len(texts) - 1, chosen))
