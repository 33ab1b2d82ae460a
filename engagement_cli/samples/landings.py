"""What follows a click on an advertisement or in a mail: the landing page, further pages, an order or a sign-up."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import replace
from engagement_cli.samples.calendar import DAY
from engagement_cli.samples.rows import NO_AMOUNT, NONE, Rows, concat
from engagement_cli.samples.sector import CODES, Sector

_STAYS = 0.6
_MORE_PAGES = 0.4
_CREDITED_FOR = 30 * DAY
_CLICKS = ("ad_clicked", "email_clicked")
_CREDITED = ("signup", "add_to_cart", "checkout_started", "purchase")
# a time of ten years in seconds, with as much before it, takes 30 bits
_TIME_BITS = 31


def draw_landings(random: np.random.Generator, sector: Sector, clicks: Rows) -> Rows:
    """A page view with the campaign a few seconds after each click; who stays views another page, some a third.

    How long the landing page holds them is the campaign's own.
    """
    size = len(clicks)
    holds = np.array([campaign.landing for campaign in sector.campaigns])[clicks.campaign]
    view = CODES["page_view"]
    landing = replace(
        clicks,
        time=clicks.time + random.integers(2, 15, size),
        name=np.full(size, view, dtype=np.uint8),
        extra=np.full(size, NO_AMOUNT, dtype=np.int32),
    )
    first = landing.time + 2 + (holds * np.exp(0.6 * random.standard_normal(size))).astype(np.int64)
    second = first + 5 + (60 * random.standard_exponential(size)).astype(np.int64)
    elsewhere = np.full(size, NONE, dtype=np.int8)
    stays = random.random(size) < _STAYS
    more = stays & (random.random(size) < _MORE_PAGES)
    return concat(
        [
            landing,
            replace(landing, time=first, campaign=elsewhere).where(stays),
            replace(landing, time=second, campaign=elsewhere).where(more),
        ]
    )


def with_credit(rows: Rows) -> Rows:
    """The rows with the campaign of the customer's last click on sign-ups and orders within a month of it."""
    click = np.flatnonzero(np.isin(rows.name, [CODES[name] for name in _CLICKS]))
    earned = np.flatnonzero(np.isin(rows.name, [CODES[name] for name in _CREDITED]))
    if not len(click) or not len(earned):
        return rows
    keys = (rows.customer.astype(np.int64) << _TIME_BITS) + rows.time
    clicked = click[np.argsort(keys[click], kind="stable")]
    last = clicked[np.maximum(np.searchsorted(keys[clicked], keys[earned], side="right") - 1, 0)]
    since = rows.time[earned] - rows.time[last]
    credited = (rows.customer[last] == rows.customer[earned]) & (since >= 0) & (since <= _CREDITED_FOR)
    campaign = rows.campaign.copy()
    campaign[earned[credited]] = rows.campaign[last[credited]]
    return replace(rows, campaign=campaign)
