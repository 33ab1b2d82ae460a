"""What follows a click on an advertisement or in a mail: the landing page, and sometimes further pages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engagement_cli.samples.rows import NO_AMOUNT, NONE, Rows, concat
from engagement_cli.samples.sector import CODES, Sector

_STAYS = 0.6
_MORE_PAGES = 0.4


def draw_landings(random: np.random.Generator, sector: Sector, clicks: Rows) -> Rows:
    """A page view with the campaign a few seconds after each click; who stays views another page, some a third.

    How long the landing page holds them is the campaign's own.
    """
    size = len(clicks)
    holds = np.array([campaign.landing for campaign in sector.campaigns])[clicks.detail]
    view = CODES["page_view"]
    landing = replace(
        clicks,
        time=clicks.time + random.integers(2, 15, size),
        name=np.full(size, view, dtype=np.uint8),
        extra=np.full(size, NO_AMOUNT, dtype=np.int32),
    )
    first = landing.time + 2 + (holds * np.exp(0.6 * random.standard_normal(size))).astype(np.int64)
    second = first + 5 + (60 * random.standard_exponential(size)).astype(np.int64)
    elsewhere = np.full(size, NONE, dtype=np.int32)
    stays = random.random(size) < _STAYS
    more = stays & (random.random(size) < _MORE_PAGES)
    return concat(
        [
            landing,
            replace(landing, time=first, detail=elsewhere).where(stays),
            replace(landing, time=second, detail=elsewhere).where(more),
        ]
    )
