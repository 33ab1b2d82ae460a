"""The one-row-a-customer table: which columns the exports can give, rows from the buckets, ranks over all customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from engagement_cli.customers.families.score import SHARE
from engagement_cli.customers.family import Column, Known, Scene
from engagement_cli.customers.registry import FAMILIES
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import HASH, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import known_from, report_end

CUSTOMER = "customer"
EVERYBODY = ""  # no column: the table of all customers and nothing about them


@dataclass(frozen=True)
class Profiling:
    """How the table is made: the families in order, the wanted columns, what is read.

    `columns` are those that can be made; `missing` says of others why not, and they are null where a rule reads them.
    `owner` is the family of each column.
    """

    settings: Settings
    known: Known
    families: tuple[str, ...]
    wanted: frozenset[str]
    columns: Mapping[str, Column]
    missing: Mapping[str, str]
    owner: Mapping[str, str]
    needs: tuple[Needs, ...] = field(default=())

    def rows(self, bucket: Bucket) -> pl.DataFrame:
        """One row for each customer of the bucket who is known before the report's end: hash, id, helping columns."""
        parts: dict[str, object] = {}
        for name in self.families:
            parts |= FAMILIES[name].rows(bucket)
        ids = bucket.ids if bucket.ids is not None else pl.repeat(None, bucket.customers, dtype=pl.String, eager=True)
        table = pl.DataFrame({HASH: pl.Series(bucket.hashes, dtype=pl.UInt64), CUSTOMER: ids, **parts})
        return table.filter(pl.Series(known_from(bucket) < report_end(bucket.clock)))

    def finish(self, rows: pl.DataFrame, clock: Clock) -> pl.DataFrame:
        """The table: `HASH`, `customer` (null unless ids are kept), the wanted columns and each event's contribution.

        Raises `UserError` for a rule that does not fit the table.
        """
        scene = Scene(clock, self.settings, self.wanted)
        table = rows.with_columns(pl.lit(None, column.dtype).alias(name) for name, column in self._absent().items())
        for name in self.families:
            table = table.with_columns(FAMILIES[name].finish(table, scene))
        shares = sorted(name.removeprefix("_") for name in table.columns if name.startswith(SHARE))
        order = [name for name in self.columns if name in self.wanted and name in table.columns and name not in shares]
        return table.select(HASH, CUSTOMER, *order, *shares)

    def silent(self, table: pl.DataFrame) -> dict[str, str]:
        """Columns of a finished table that say nothing of anybody, and why.

        These are columns without a value, and rules that nobody fits while a column that they read cannot be made.
        """
        found = {}
        for name in self.columns:
            if name not in table.columns or not table.height:
                continue
            if table[name].null_count() == table.height:
                found[name] = f"the customer table's {name} is empty: nothing in the exports gives it"
            elif name in self.wanted and table.schema[name] == pl.Boolean and not table[name].any():
                why = next((self.missing[c] for c in sorted(self.reads_of(name)) if c in self.missing), None)
                if why is not None:
                    found[name] = f"nobody fits {name}, which reads what is missing: {why}"
        return found

    def reads_of(self, column: str) -> set[str]:
        """The columns behind a column, directly or not."""
        return _closure({column}, self.owner, self.settings) - {column}

    def sources_of(self, columns: Iterable[str]) -> set[str]:
        """The exports behind columns."""
        read = {name for column in columns for name in ({column} | self.reads_of(column))}
        families = {self.owner[name] for name in read if name in self.columns}
        return {source for name in families for source in FAMILIES[name].needs(self.settings, self.known).sources}

    def _absent(self) -> dict[str, Column]:
        """Wanted columns that cannot be made, to be null."""
        everything = all_columns(self.settings, self.known)
        return {name: everything[name] for name in self.wanted if name in self.missing and name in everything}


def all_columns(settings: Settings, known: Known) -> dict[str, Column]:
    """Every column that the table has, or would have with other exports, in its order."""
    found: dict[str, Column] = {}
    for family in FAMILIES.values():
        found = found | dict(family.columns(settings, known))
    return found


def profiling(settings: Settings, known: Known, wanted: Iterable[str] | None = None) -> Profiling:
    """What it takes to make the wanted columns, by default all that these sources (columns by source) can give."""
    columns: dict[str, Column] = {}
    missing: dict[str, str] = {}
    owner: dict[str, str] = {}
    for name, family in FAMILIES.items():
        why = family.lacking(settings, known)
        for column, said in family.columns(settings, known).items():
            if (reason := why or said.lacks) is None:
                columns[column], owner[column] = said, name
                missing.pop(column, None)
            elif column not in columns:
                missing[column], owner[column] = reason, name
    chosen = _closure(set(columns) if wanted is None else set(wanted), owner, settings)
    families = tuple(n for n in FAMILIES if any(owner.get(c) == n and c not in missing for c in chosen))
    return Profiling(
        settings=settings,
        known=known,
        families=families,
        wanted=frozenset(chosen),
        columns=columns,
        missing=missing,
        owner=owner,
        needs=tuple(FAMILIES[n].needs(settings, known) for n in families),
    )


def _reads(column: str, owner: Mapping[str, str], settings: Settings) -> set[str]:
    return set(FAMILIES[owner[column]].reads(settings, {column})) if column in owner else set()


def _closure(asked: set[str], owner: Mapping[str, str], settings: Settings) -> set[str]:
    """The columns asked for and all that they read."""
    found, waiting = set[str](), list(asked)
    while waiting:
        column = waiting.pop()
        if column in found:
            continue
        found.add(column)
        waiting += _reads(column, owner, settings) - found
    return found
