"""Rows of a block → the event table as exported: codes become texts, in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

import numpy as np
import polars as pl

from engagement_cli.records import Record
from engagement_cli.samples.arrays import AnyInts, Bools, Ints
from engagement_cli.samples.calendar import DAY, Span
from engagement_cli.samples.carriers import Carrier, Ids, Number, Words, group_positions
from engagement_cli.samples.carrying import Carried, carried_columns
from engagement_cli.samples.flaws import FileOrder
from engagement_cli.samples.names import FIRST_ROBOT, USER_AGENTS, numbered, robot_ids
from engagement_cli.samples.population import CHANNELS, COUNTRIES, Population
from engagement_cli.samples.rows import NO_AMOUNT, NONE, Device, Rows, Who
from engagement_cli.samples.sector import Sector

FileFormat = Literal["csv", "parquet"]
IDS_PER_BLOCK = 1_000_000_000
NUMBERS_PER_BLOCK = 1_000_000
_SLICE = 1 << 16
_BROKEN_TIMES = ("", "n/a", "2025-13-41T25:61:00Z", "yesterday")
_FIRST = ("event_id", "user_id", "event_name", "occurred_at", "value", "order_id", "channel", "campaign")
_LAST = ("device", "country", "email", "user_agent")


class Block(Record):
    """What the table of one block is made from: `number` counts blocks, `rows` are by time, texts one a customer."""

    number: int
    people: Population
    rows: Rows
    order: FileOrder
    user_ids: pl.Series
    aliases: pl.Series
    emails: pl.Series


def event_frames(block: Block, span: Span, sector: Sector, file_format: FileFormat) -> Iterator[pl.DataFrame]:
    """The table in slices, as in the file: slices fit the processor's cache, which halves the time.

    `occurred_at` is text in CSV, a UTC datetime[ms] (null if broken) in Parquet.
    """
    people = block.people
    users = pl.concat([block.user_ids, block.aliases, robot_ids(block.number)], rechunk=True)
    for start in range(0, len(block.order.position), _SLICE):
        position = block.order.position[start : start + _SLICE]
        broken = block.order.broken[start : start + _SLICE]
        rows = block.rows.take(position)
        known = (rows.who != Who.BOT) & (rows.who != Who.NOBODY)
        columns = {
            "event_id": pl.Series(position + (block.number * IDS_PER_BLOCK + 1)),
            "user_id": _gather(users, _user_positions(rows, len(people))),
            "event_name": pl.Series(sector.vocabulary).gather(rows.name),
            "occurred_at": (_texts if file_format == "csv" else _instants)(span, rows.time, broken),
            "channel": _lookup(CHANNELS, rows.channel),
            "campaign": _lookup([campaign.name for campaign in sector.campaigns], rows.campaign),
            "device": _lookup([device.name.lower() for device in Device], rows.device),
            "country": _lookup(COUNTRIES, _of_customer(people.country, rows, known)),
            "email": _gather(block.emails, np.where(rows.who == Who.LOGGED_IN, rows.customer, NONE)),
            "user_agent": _lookup(USER_AGENTS, _user_agents(people, rows)),
        }
        yield pl.DataFrame(columns | _texts_and_numbers(sector, block.number, rows)).select(event_columns(sector))


def event_columns(sector: Sector) -> tuple[str, ...]:
    """The columns of the sector's events, in the file's order."""
    own = tuple(column for column in carried_columns(sector) if column not in _FIRST)
    return (*_FIRST, *own, *_LAST)


def instant_texts(span: Span, time: Ints) -> pl.Series:
    """ISO 8601 in UTC with seconds; days and clock times are looked up, which is faster than formatting."""
    first, last = (int(time.min()) // DAY, int(time.max()) // DAY) if len(time) else (0, 0)
    days = pl.Series([span.day(number).isoformat() for number in range(first, last + 1)])
    return pl.select(pl.concat_str([days.gather(time // DAY - first), _clock_texts().gather(time % DAY)])).to_series()


@cache
def _clock_texts() -> pl.Series:
    """The text of every second of a day."""
    second = np.arange(DAY)
    parts = (_two_digits(part) for part in (second // 3600, second // 60 % 60, second % 60))
    return pl.select(pl.format("T{}:{}:{}Z", *parts)).to_series()


def _two_digits(numbers: Ints) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(2)


def _texts(span: Span, time: Ints, broken: Bools) -> pl.Series:
    shown = instant_texts(span, time)
    spoilt = np.flatnonzero(broken)
    return shown.scatter(spoilt, pl.Series(_BROKEN_TIMES, dtype=pl.String).gather(time[spoilt] % len(_BROKEN_TIMES)))


def _instants(span: Span, time: Ints, broken: Bools) -> pl.Series:
    zero = np.datetime64(span.start.isoformat(), "ms").astype(np.int64)
    instants = pl.Series(zero + time * 1000).scatter(np.flatnonzero(broken), None)
    return instants.cast(pl.Datetime("ms", "UTC"))


def _user_positions(rows: Rows, customers: int) -> AnyInts:
    """Where to find each row's id among those of customers, their aliases and robots, laid out one after another."""
    offset = np.array([0, 0, customers, 2 * customers, 0])
    return np.where(rows.who == Who.NOBODY, NONE, rows.customer + offset[rows.who])


def _user_agents(people: Population, rows: Rows) -> AnyInts:
    desktop = _of_customer(people.browser, rows, rows.who != Who.BOT)
    agent = np.choose(np.maximum(rows.device, 0), (desktop, 4 + desktop % 2, np.full_like(desktop, 6)))
    agent = np.where(rows.who == Who.BOT, FIRST_ROBOT + rows.customer % 3, agent)
    return np.where(rows.device == NONE, NONE, agent)


def _of_customer(column: AnyInts, rows: Rows, known: Bools) -> AnyInts:
    """The customer's own code for rows of known customers, `NONE` for others."""
    found = column[np.minimum(rows.customer, len(column) - 1)]
    return np.where(known, found, NONE)


def _lookup(words: tuple[str, ...] | list[str], codes: AnyInts) -> pl.Series:
    return _gather(pl.Series(words, dtype=pl.String), codes)


def _gather(texts: pl.Series, positions: AnyInts) -> pl.Series:
    """Texts at these positions; null for `NONE`."""
    return _with_null(texts).gather(np.where(positions < 0, len(texts), positions).astype(np.uint32))


def _with_null(texts: pl.Series) -> pl.Series:
    """The texts and a null after them, in one piece: looking up in several pieces takes five times as long."""
    return pl.concat([texts, pl.Series([None], dtype=pl.String)], rechunk=True)


def _texts_and_numbers(sector: Sector, block: int, rows: Rows) -> dict[str, pl.Series]:
    """The columns that events carry, by name: null but on the rows whose event carries it."""
    columns: dict[str, pl.Series] = {}
    for column, carried in carried_columns(sector).items():
        texts = [part for part in carried if not isinstance(part.carrier, Number)]
        columns[column] = _text_column(texts, block, rows) if texts else _number_column(carried, rows)
    return columns


def _text_column(carried: list[Carried], block: int, rows: Rows) -> pl.Series:
    parts, found = [], []
    for part in carried:
        codes: AnyInts = getattr(rows, part.slot)
        places = np.flatnonzero(part.names[rows.name] & (codes >= 0))
        parts.append(_shown(part.carrier, part.column, codes[places].astype(np.int64), block))
        found.append(places)
    return _spread(pl.concat(parts, rechunk=True), np.concatenate(found), len(rows))


def _shown(carrier: Carrier, column: str, numbers: Ints, block: int) -> pl.Series:
    """The texts of these numbers of things, of their groups, or of these codes of words."""
    if isinstance(carrier, Words):
        return _lookup(carrier.texts, numbers)
    if not isinstance(carrier, Ids):
        raise TypeError(f"{column} carries numbers in one event and texts in another")
    if carrier.every_days is None:
        numbers = numbers + (block * NUMBERS_PER_BLOCK + 1)
    if carrier.group is not None and column == carrier.group.column:
        return _lookup(carrier.group.texts, group_positions(numbers, carrier.group.weights))
    return numbered(carrier.prefix, numbers)


def _number_column(carried: list[Carried], rows: Rows) -> pl.Series:
    column = np.full(len(rows), np.nan)
    for part in carried:
        numbers: AnyInts = getattr(rows, part.slot)
        places = np.flatnonzero(part.names[rows.name] & (numbers != NO_AMOUNT))
        column[places] = numbers[places] / 10 ** (part.carrier.digits if isinstance(part.carrier, Number) else 0)
    return pl.Series(column).fill_nan(None)


def _spread(texts: pl.Series, places: Ints, size: int) -> pl.Series:
    """A column of this size with the texts at these places and null elsewhere."""
    position = np.full(size, len(texts), dtype=np.uint32)
    position[places] = np.arange(len(places), dtype=np.uint32)
    return _with_null(texts).gather(position)
