"""The company's accounts elsewhere, day by day; they belong to no customer."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.samples.calendar import Span
from engagement_cli.samples.randomness import AUDIENCE_BLOCK, generator
from engagement_cli.samples.sector import Sector

_WEEKEND = 0.45


def audience_frame(seed: int, span: Span, sector: Sector) -> pl.DataFrame:
    """One line a day and account: followers grow, reach and mentions follow the week, sentiment wanders."""
    random = generator(seed, AUDIENCE_BLOCK)
    dates = pl.Series([span.day(number) for number in range(span.days)])
    working = np.where(np.array([day.weekday() for day in dates]) < 5, 1.0, _WEEKEND)
    frames = []
    for account, beginning in sector.accounts:
        followers = beginning + np.cumsum(random.poisson(beginning * 0.0012, span.days))
        buzz = np.exp(0.35 * random.standard_normal(span.days)) * working
        reach = np.rint(followers * 0.16 * buzz).astype(np.int64)
        mood = 0.2 + 0.1 * np.sin(np.arange(span.days) / 29) + 0.12 * random.standard_normal(span.days)
        frames.append(
            pl.DataFrame(
                {
                    "date": dates,
                    "account": pl.repeat(account, span.days, dtype=pl.String, eager=True),
                    "followers": followers.astype(np.int64),
                    "reach": reach,
                    "impressions": np.rint(reach * (1.3 + 0.5 * random.random(span.days))).astype(np.int64),
                    "mentions": random.poisson(6 * buzz),
                    "sentiment": np.rint(np.clip(mood, -1, 1) * 100) / 100,
                }
            )
        )
    return pl.concat(frames).sort("date", "account")
