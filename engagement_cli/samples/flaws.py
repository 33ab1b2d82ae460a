"""What real exports suffer from: robots, rows without a customer, late rows, repeated rows, broken times."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import Record, replace
from engagement_cli.samples.arrays import Bools, Ints
from engagement_cli.samples.calendar import DAY, HOUR, Span
from engagement_cli.samples.rows import Device, Rows, Who, concat, make_rows
from engagement_cli.samples.sector import CODES

BOTS = 8
BOT_SHARE = 0.012
NOBODY_SHARE = 0.004
LATE_SHARE = 0.01
DUPLICATE_SHARE = 0.004
BROKEN_SHARE = 0.002
_VISIT = 12
# a time of ten years in seconds takes 29 bits, which leaves these for billions of rows
_PLACE_BITS = 34


class FileOrder(Record):
    """How rows lie in the file: the `position` of the row at each place, and whether its time is `broken`."""

    position: Ints
    broken: Bools


def with_strangers(random: np.random.Generator, span: Span, rows: Rows) -> Rows:
    """The rows and those of robots, which read many pages in a row; some page views lose their customer."""
    visits = max(round(len(rows) * BOT_SHARE / _VISIT), 1)
    start = np.repeat(random.integers(0, span.seconds - _VISIT * 10, visits), _VISIT)
    robots = make_rows(
        np.repeat(random.integers(0, BOTS, visits), _VISIT),
        start + np.tile(np.arange(_VISIT) * 4, visits),
        CODES["page_view"],
        who=Who.BOT,
        device=Device.DESKTOP,
        channel=1,
    )
    lost = (rows.name == CODES["page_view"]) & (rows.who == Who.KNOWN)
    chance = NOBODY_SHARE * len(rows) / max(int(lost.sum()), 1)
    lost &= random.random(len(rows)) < chance
    return concat([replace(rows, who=np.where(lost, Who.NOBODY, rows.who).astype(np.int8)), robots])


def sort_by_time(rows: Rows) -> Rows:
    """The rows by time, equal times as they were; a plain sort of time and place in one number is the fastest."""
    places = np.arange(len(rows), dtype=np.int64)
    return rows.take(np.sort((rows.time << _PLACE_BITS) | places) & ((1 << _PLACE_BITS) - 1))


def draw_file_order(random: np.random.Generator, time: Ints) -> FileOrder:
    """Order of arrival for rows sorted by `time`: a few arrive hours or days late, a few twice, a few are broken."""
    size = len(time)
    late = np.flatnonzero(random.random(size) < LATE_SHARE)
    arrival = time.copy()
    arrival[late] += random.integers(HOUR, 3 * DAY, len(late))
    position = np.argsort(arrival, kind="stable")
    twice = np.flatnonzero(random.random(size) < DUPLICATE_SHARE)
    places = np.minimum(twice + random.integers(1, 40, len(twice)), size)
    position = np.insert(position, places, position[twice])
    broken = random.random(size) < BROKEN_SHARE
    return FileOrder(position, broken[position])
