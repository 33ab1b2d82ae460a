"""Random exports for judges: ties, odd zones, rows of nobody, null properties; small, and the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

# A zone and a day near which its clocks are odd: Paris turns, São Paulo skipped and repeated midnights.
PLACES = (
    ("UTC", date(2024, 2, 20)),
    ("Europe/Paris", date(2025, 3, 24)),
    ("Europe/Paris", date(2025, 10, 20)),
    ("America/Sao_Paulo", date(2018, 10, 29)),
    ("America/Sao_Paulo", date(2018, 2, 12)),
    ("Asia/Kathmandu", date(2024, 12, 25)),
)


@dataclass(frozen=True)
class Export:
    """Events with `customer`, `event`, `timestamp` (UTC, µs), `channel`, `basket`, `value`, and the report's zone."""

    events: pl.DataFrame
    zone: str

    def shuffled(self, dice: random.Random) -> Export:
        """The same rows in another order."""
        order = list(range(self.events.height))
        dice.shuffle(order)
        return Export(self.events[order], self.zone)


def random_export(
    dice: random.Random,
    *,
    rows: int = 150,
    customers: int = 8,
    days: int = 20,
    names: Sequence[str] = ("a", "b", "c", "x"),
    place: tuple[str, date] | None = None,
) -> Export:
    """Rows on a coarse grid of instants, so that many are equal, of customers some of whom are nobody."""
    zone, first = place or dice.choice(PLACES)
    step = dice.choice([900, 1800, 3600, 7200])
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    slots = days * 86_400 // step
    people: list[str | None] = [None, *(f"{n:03}" for n in range(customers))]
    found = []
    every_name = list(names) if len(names) <= rows else []
    for _ in range(rows):
        value = dice.choice([None, 0.1, 1.0, 2.5, 1e6 / 3])
        found.append(
            {
                "customer": dice.choice(people) if dice.random() < 0.3 else dice.choice(people[1:]),
                "event": every_name.pop() if every_name else dice.choice(list(names)),
                "timestamp": start + timedelta(seconds=step * dice.randrange(slots)),
                "channel": dice.choice([None, "app", "web"]),
                "basket": dice.choice([None, "p", "q", "r"]),
                "value": value,
            }
        )
    # A row of somebody at either end, so that no draw is empty.
    for row in (found[0], found[-1]):
        row["customer"] = people[-1]
    schema = {
        "customer": pl.String,
        "event": pl.String,
        "timestamp": pl.Datetime("us", "UTC"),
        "channel": pl.String,
        "basket": pl.String,
        "value": pl.Float64,
    }
    return Export(pl.DataFrame(found, schema=schema), zone)


def thousand_names(dice: random.Random) -> tuple[str, ...]:
    """A thousand event names, `a`, `b`, `c` and `x` among them."""
    names = ["a", "b", "c", "x", *(f"event {n}" for n in range(996))]
    dice.shuffle(names)
    return tuple(names)


def local_periods(zone: str, every: str, first: datetime, last: datetime) -> pl.DataFrame:
    """The local days, weeks (from Monday), months or hours that cover two instants: `number`, `starts`, `ends`.

    Found by walking through the quarter hours and looking at the wall clock, unlike the program's own way.
    """
    local, quarter = ZoneInfo(zone), timedelta(minutes=15)
    at = datetime.fromtimestamp(first.timestamp() // 900 * 900, UTC) - timedelta(days=40)
    starts: list[datetime] = []
    seen: object = None
    while at < last + timedelta(days=40):
        wall = at.astimezone(local)
        day = wall.date()
        key: object = {
            "hour": (at - timedelta(minutes=wall.minute)),
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": (day.year, day.month),
        }[every]
        if key != seen:
            starts.append(at)
            seen = key
        at += quarter
    starts = starts[1:]  # the walk began inside the first one
    return pl.DataFrame({"number": range(len(starts) - 1), "starts": starts[:-1], "ends": starts[1:]})
