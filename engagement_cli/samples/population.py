"""Who the customers of a block are, before they do anything."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import Bools, Bytes, Codes, Floats, Ints, Small
from engagement_cli.samples.calendar import DAY, WARM_UP_WEEKS, WEEK, Span
from engagement_cli.samples.randomness import pick
from engagement_cli.samples.sector import Sector

COUNTRIES = ("FR", "DE", "GB", "US", "BR", "IN", "JP", "AU")
_COUNTRY_WEIGHTS = (22, 15, 14, 25, 8, 8, 4, 4)
_UTC_OFFSET_HOURS = (1, 1, 0, -6, -3, 5.5, 9, 10)
CHANNELS = ("direct", "organic", "paid", "email", "social", "referral")
_CHANNEL_WEIGHTS = (18, 30, 22, 5, 11, 14)
_CHANNEL_ENGAGEMENT = (0.1, 0.1, -0.3, 0.0, -0.15, 0.35)
_CHANNEL_COST = (0.0, 12.0, 95.0, 18.0, 55.0, 25.0)
REFERRAL = CHANNELS.index("referral")
PAID = CHANNELS.index("paid")
EMAIL = CHANNELS.index("email")
_INTERNAL_SHARE = 0.012
_BROWSERS = (55, 15, 15, 15)


class Population(Record):
    """One entry a customer, sorted by `joined` (seconds since the span's start; negative: before it).

    `trait` is the position among the words of the sector's trait; `engagement` the customer's own level, about −2…2;
    `referrer` the position of an earlier customer, or −1; `cost` in cents; `clock` seconds to add to UTC for the
    customer's own time.
    """

    joined: Ints
    engagement: Floats
    country: Codes
    channel: Codes
    trait: Codes
    clock: Ints
    internal: Bools
    mobile: Floats
    browser: Small
    referrer: Codes
    newsletter: Bools
    anonymous: Bools
    cost: Ints
    name: Codes
    domain: Bytes

    def __len__(self) -> int:
        return len(self.joined)


def draw_population(random: np.random.Generator, span: Span, sector: Sector, customers: int) -> Population:
    """The customers of one block: a third or so joined in the half year before the span, the others within it."""
    # a square root makes each later week a little busier than the one before
    position = np.sort(np.sqrt(0.15 + 0.85 * random.random(customers)))
    low, high = np.sqrt(0.15), 1.0
    joined = _join_times(span, sector, (position - low) / (high - low))
    channel = pick(random, _CHANNEL_WEIGHTS, customers)
    country = pick(random, _COUNTRY_WEIGHTS, customers)
    engagement = np.asarray(_CHANNEL_ENGAGEMENT)[channel] + 0.75 * random.standard_normal(customers)
    referrer = _draw_referrers(random, engagement, channel)
    cost = np.asarray(_CHANNEL_COST)[channel] * np.exp(0.3 * random.standard_normal(customers))
    return Population(
        joined=joined,
        engagement=engagement,
        country=country,
        channel=np.where((channel == REFERRAL) & (referrer < 0), 0, channel).astype(np.int32),
        trait=pick(random, sector.trait.weights, customers),
        clock=(np.asarray(_UTC_OFFSET_HOURS)[country] * 3600).astype(np.int64),
        internal=random.random(customers) < _INTERNAL_SHARE,
        mobile=random.random(customers) ** 2 * 0.8,
        browser=pick(random, _BROWSERS, customers).astype(np.int8),
        referrer=referrer,
        newsletter=random.random(customers) < 0.55,
        anonymous=(random.random(customers) < 0.75) & (joined >= 0),
        cost=np.rint(cost * 100).astype(np.int64),
        name=random.integers(0, 2**16, customers, dtype=np.int32),
        domain=random.integers(0, 3, customers, dtype=np.uint8),
    )


def _join_times(span: Span, sector: Sector, position: Floats) -> Ints:
    """Seconds from the span's start at which customers join, from positions in 0…1 that keep their order."""
    before = WARM_UP_WEEKS * WEEK
    if sector.signups_follow:
        first = np.datetime64(span.start.isoformat()) - np.timedelta64(before // DAY, "D")
        days = first + np.arange(before // DAY + span.days)
        month = days.astype("datetime64[M]").astype(np.int64) % 12
        busy = np.cumsum(np.array(sector.months)[month] ** sector.signups_follow)
        position = np.interp(position, np.concatenate(([0.0], busy / busy[-1])), np.arange(len(busy) + 1) / len(busy))
    return (position * (before + span.seconds)).astype(np.int64) - before


def _draw_referrers(random: np.random.Generator, engagement: Floats, channel: Codes) -> Codes:
    """For those who came by referral an earlier customer, the more engaged the likelier; −1 for the others."""
    weight = np.cumsum(np.exp(1.3 * engagement))
    earlier = np.concatenate(([0.0], weight[:-1]))
    found = np.searchsorted(weight, random.random(len(weight)) * earlier, side="right")
    possible = (channel == REFERRAL) & (np.arange(len(weight)) > 0)
    return np.where(possible, found, -1).astype(np.int32)
