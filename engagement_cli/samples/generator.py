"""A realistic export of any size, the same bytes for the same arguments.

Customers have a level of engagement that drifts; activity, churn, upgrades, answers and tickets all follow from it, so
that the program's metrics find something in it. Blocks of customers are drawn apart, each from its own seed, so memory
depends on the block, not on the number of customers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from engagement_cli.errors import Problem, UserError
from engagement_cli.samples.audience import audience_frame
from engagement_cli.samples.block import BLOCK_CUSTOMERS, BlockTables, draw_block
from engagement_cli.samples.calendar import Span
from engagement_cli.samples.event_frame import FileFormat
from engagement_cli.samples.files import append_csv, write_folder
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.sectors import find_sector

DEFAULT_END = date(2025, 7, 2)  # one day into a month, so that the month before is complete
LARGEST_CSV = 20_000
MOST_CUSTOMERS = 100_000_000
MOST_DAYS = 3_660
Progress = Callable[[str, int, int | None], None]


def generate(
    directory: Path,
    *,
    customers: int = 1000,
    days: int = 365,
    seed: int = 1,
    sector: str = "saas",
    file_format: FileFormat | None = None,
    end: date = DEFAULT_END,
    progress: Progress = lambda stage, done, total: None,
) -> list[Path]:
    """Write events, surveys, subscriptions, customers, audience and identities into `directory`; the files, sorted.

    A sector without plans has no subscriptions. The export covers `days` days up to, and without, `end`. Without
    `file_format` the events are CSV up to 20,000 customers, Parquet above: one `events.parquet`, or, from several
    blocks, `events/part-0000.parquet` and so on. The other tables are CSV. `UserError` for an unknown sector,
    impossible sizes, or a folder that holds something; the folder appears whole or not at all. `progress` hears how
    many customers are written, and of how many.
    """
    chosen = find_sector(sector)
    _check_sizes(customers, days, seed, end)
    form: FileFormat = file_format or ("csv" if customers <= LARGEST_CSV else "parquet")
    span = Span(end, days)
    return write_folder(
        directory,
        partial(_write, customers=customers, seed=seed, span=span, sector=chosen, form=form, progress=progress),
    )


def _write(
    folder: Path, *, customers: int, seed: int, span: Span, sector: Sector, form: FileFormat, progress: Progress
) -> None:
    blocks = -(-customers // BLOCK_CUSTOMERS)
    for number in range(blocks):
        size = min(BLOCK_CUSTOMERS, customers - number * BLOCK_CUSTOMERS)
        tables = draw_block(seed, number, size, span, sector, form)
        _write_events(folder, tables, number if blocks > 1 else None, form)
        append_csv(folder / "surveys.csv", tables.surveys)
        if sector.plans:
            append_csv(folder / "subscriptions.csv", tables.subscriptions)
        append_csv(folder / "customers.csv", tables.customers)
        append_csv(folder / "identities.csv", tables.identities)
        progress("writing", number * BLOCK_CUSTOMERS + size, customers)
    append_csv(folder / "audience.csv", audience_frame(seed, span, sector))


def _write_events(folder: Path, tables: BlockTables, part: int | None, form: FileFormat) -> None:
    """`part` is None where one file holds everything."""
    if form == "csv":
        for events in tables.events:
            append_csv(folder / "events.csv", events, quoting=False)
    elif part is None:
        pl.concat(tables.events, rechunk=False).write_parquet(folder / "events.parquet", compression_level=1)
    else:
        (folder / "events").mkdir(exist_ok=True)
        pl.concat(tables.events, rechunk=False).write_parquet(
            folder / "events" / f"part-{part:04d}.parquet", compression_level=1
        )


def _check_sizes(customers: int, days: int, seed: int, end: date) -> None:
    """All impossible numbers at once."""
    limits = (
        ("--customers", customers, 1, MOST_CUSTOMERS),
        ("--days", days, 1, min(MOST_DAYS, end.toordinal() - 1000)),
        ("--seed", seed, 0, 2**63 - 1),
    )
    problems = [
        Problem(f"{value} is out of range", where=option, hint=f"choose a number from {least} to {most}")
        for option, value, least, most in limits
        if not least <= value <= most
    ]
    if problems:
        raise UserError(problems)
