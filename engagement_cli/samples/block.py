"""One block of customers from beginning to end: the order in which its parts are drawn is part of the format."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from engagement_cli.records import Record
from engagement_cli.samples.calendar import Span
from engagement_cli.samples.details import with_details
from engagement_cli.samples.event_frame import Block, FileFormat, event_frames
from engagement_cli.samples.flaws import draw_file_order, sort_by_time, with_strangers
from engagement_cli.samples.journeys import draw_journeys
from engagement_cli.samples.landings import with_credit
from engagement_cli.samples.life import simulate
from engagement_cli.samples.mails import draw_mails
from engagement_cli.samples.names import aliases, emails, user_ids
from engagement_cli.samples.orders import draw_orders
from engagement_cli.samples.population import Population, draw_population
from engagement_cli.samples.randomness import generator
from engagement_cli.samples.rows import Rows, Who, concat
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.sessions import draw_sessions
from engagement_cli.samples.surveys import draw_surveys
from engagement_cli.samples.tables import customer_frame, identity_frame, subscription_frame
from engagement_cli.samples.tickets import draw_tickets, ticket_rows

BLOCK_CUSTOMERS = 10_000
"""Customers held in memory at once; changing it changes every export."""


class BlockTables(Record):
    """The tables of one block, ready to be written; `events` come in slices, once."""

    events: Iterator[pl.DataFrame]
    surveys: pl.DataFrame
    subscriptions: pl.DataFrame
    customers: pl.DataFrame
    identities: pl.DataFrame


def draw_block(
    seed: int, number: int, customers: int, span: Span, sector: Sector, file_format: FileFormat
) -> BlockTables:
    """Block `number` with its `customers`; it depends on these arguments alone, not on other blocks."""
    random = generator(seed, number)
    first = number * BLOCK_CUSTOMERS
    people = draw_population(random, span, sector, customers)
    life = simulate(random, span, sector, people)
    tickets = draw_tickets(random, span, sector, people, life)
    sessions = draw_sessions(random, span, sector, people, life)
    stories = [
        draw_journeys(random, span, sector, people, life),
        draw_orders(random, span, sector, people, life),
        ticket_rows(random, people, tickets),
        draw_mails(random, span, sector, people, life),
    ]
    rows = concat([with_details(random, sector, sessions, life), *(_within(part, span, people) for part in stories)])
    rows = sort_by_time(with_strangers(random, span, with_credit(rows)))
    order = draw_file_order(random, rows.time)
    ids = user_ids(first, customers)
    cookies = aliases(first, customers)
    block = Block(number, people, rows, order, ids, cookies, emails(people, ids))
    return BlockTables(
        events=event_frames(block, span, sector, file_format),
        surveys=draw_surveys(random, span, sector, people, life, tickets, ids),
        subscriptions=subscription_frame(span, sector, life.spells, ids),
        customers=customer_frame(span, sector, people, ids, block.emails),
        identities=identity_frame(people, ids, cookies),
    )


def _within(rows: Rows, span: Span, people: Population) -> Rows:
    """Rows inside the span; under their own id customers do nothing before they have joined."""
    joined = np.where(rows.who == Who.ALIAS, 0, people.joined[rows.customer])
    return rows.where((rows.time >= np.maximum(joined, 0)) & (rows.time < span.seconds))
