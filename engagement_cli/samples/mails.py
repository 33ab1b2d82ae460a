"""E-mail campaigns: delivered to those who want them, opened, clicked, and unsubscribed from once and for all."""

from __future__ import annotations

import numpy as np

from engagement_cli.samples.arrays import Bools, Ints
from engagement_cli.samples.calendar import DAY, HOUR, MINUTE, Span, week_starts
from engagement_cli.samples.carriers import VARIANT
from engagement_cli.samples.landings import draw_landings
from engagement_cli.samples.life import Life, State
from engagement_cli.samples.population import EMAIL, Population
from engagement_cli.samples.rows import NONE, Rows, concat, make_rows
from engagement_cli.samples.sector import CODES, Sector
from engagement_cli.samples.sessions import draw_devices

_SENT_ON_DAY = 1
_SENT_AT_HOUR = 9
_BETTER_VARIANT = 0.35


def draw_mails(random: np.random.Generator, span: Span, sector: Sector, people: Population, life: Life) -> Rows:
    """Every few weeks one mail, the campaigns taking turns, to everyone who subscribed and has not left the list."""
    weeks = np.arange(0, span.weeks, sector.rates.mail_every_weeks)
    level = life.level[:, weeks]
    wanted = (life.state[:, weeks] != State.UNKNOWN) & people.newsletter[:, None]
    opening = random.random(level.shape) < np.clip(0.32 + 0.14 * level, 0.03, 0.9)
    quitting = random.random(level.shape) < np.clip(0.012 - 0.006 * level, 0.002, 0.05)
    quit_before = np.cumsum(quitting & wanted, axis=1) - (quitting & wanted) > 0
    delivered = wanted & ~quit_before
    customer, turn = np.nonzero(delivered)
    opens, quits = opening[delivered], quitting[delivered]
    number = turn % len(sector.mail_campaigns)
    campaign = len(sector.ad_campaigns) + number
    variant = random.integers(0, len(VARIANT.choices), len(customer))
    likes = np.array([known.clicks for known in sector.mail_campaigns])[number]
    likes *= 1 + _BETTER_VARIANT * variant
    clicks = opens & (random.random(len(customer)) < np.clip((0.22 + 0.05 * level[delivered]) * likes, 0.02, 0.8))

    sent = week_starts(span)[weeks][turn] + _SENT_ON_DAY * DAY + _SENT_AT_HOUR * HOUR - people.clock[customer]
    sent += random.integers(0, 10 * MINUTE, len(customer))
    opened = sent + MINUTE + (random.standard_exponential(len(customer)) * 7 * HOUR).astype(np.int64)
    clicked = opened + random.integers(3, 90, len(customer))
    left = np.where(opens, opened, sent + 2 * HOUR) + 3 * MINUTE
    device = draw_devices(random, people, customer)

    def step(name: str, who: Bools, when: Ints, *, seen: bool) -> Rows:
        return make_rows(
            customer[who],
            when[who],
            CODES[name],
            device=device[who] if seen else NONE,
            channel=EMAIL,
            campaign=campaign[who],
            extra=variant[who],
        )

    return concat(
        [
            step("email_delivered", np.ones(len(customer), dtype=np.bool_), sent, seen=False),
            step("email_opened", opens, opened, seen=True),
            step("email_clicked", clicks, clicked, seen=True),
            step("email_unsubscribed", quits, left, seen=True),
            draw_landings(random, sector, step("email_clicked", clicks, clicked, seen=True)),
        ]
    )
