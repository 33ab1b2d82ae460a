"""The one-row-a-customer table: which columns the exports can give, rows from the buckets, ranks over all customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.customers.families.properties import as_type
from engagement_cli.customers.families.rules import REASONS, SIGNALS, places_of, rules_of
from engagement_cli.customers.families.score import SHARE, shares
from engagement_cli.customers.family import KNOWN, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.registry import FAMILIES
from engagement_cli.customers.rows import CustomerRows
from engagement_cli.customers.rules import problems
from engagement_cli.customers.said import Said
from engagement_cli.errors import UserError
from engagement_cli.metrics.parts.amounts import ORDER
from engagement_cli.records import Record, replace
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath, show_key_path
from engagement_cli.sources.exports import sql_columns
from engagement_cli.timeline.bucket import HASH, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs, predicates_of
from engagement_cli.timeline.rows import NO_NUMBER
from engagement_cli.timeline.weights import known_from, report_end

CUSTOMER = "customer"
_NOTHING: Mapping[str, str] = {}
EVERYBODY = ""  # no column: the table of all customers and nothing about them


class Profiling(Record):
    """How the table is made: the families in order, the wanted columns, what is read.

    `columns` are those that can be made; `missing` says of others why not, and they are null where a rule reads them.
    `owner` is the family of each column. `counted` are the columns that metrics read. A table that is not `shown` need
    not be kept, and says nothing of single events, which are half of it.
    """

    settings: Settings
    known: Known
    families: tuple[str, ...]
    wanted: frozenset[str]
    columns: Mapping[str, Column]
    missing: Mapping[str, str]
    owner: Mapping[str, str]
    needs: tuple[Needs, ...] = ()
    place: Callable[[KeyPath], str] = show_key_path
    counted: frozenset[str] = frozenset()
    shown: bool = True

    def at(self, place: Callable[[KeyPath], str]) -> Profiling:
        """The same, with what says where a rule stands in the configuration.

        Raises `UserError` for wanted rules that name no column, are called like one, or read themselves.
        """
        rules = rules_of(self.settings)
        asked = [name for name in rules if name in self.wanted]
        taken = {CUSTOMER, SIGNALS, REASONS, *self._of_ours()}
        found = list(problems(rules, asked, self.owner.keys(), taken, places_of(self.settings, place)))
        if found:
            raise UserError(found)
        return replace(self, place=place)

    def rows(self, bucket: Bucket) -> CustomerRows:
        """One row for each customer of the bucket who is known before the report's end: hash, id, helping columns."""
        parts: dict[str, Values] = {}
        for name in self.families:
            parts |= FAMILIES[name].rows(bucket)
        if self.shown and "score" in self.families:
            parts |= shares(bucket)
        known = known_from(bucket)
        parts |= {HASH: bucket.hashes, KNOWN: np.maximum(known, NO_NUMBER + 1)}  # some are known from ever on
        if bucket.ids is not None:
            parts[CUSTOMER] = bucket.ids
        return CustomerRows(parts).packed(known < report_end(bucket.clock))

    def scene(self, clock: Clock) -> Scene:
        """What finishing may know besides the rows, but for what is to be known of all customers."""
        return Scene(clock, self.settings, self.wanted, self.place)

    def whole(self, rows: Piece, scene: Scene) -> Piece:
        """Rows of some customers with all columns that can be made of them, and null ones that cannot."""
        if CUSTOMER not in rows:
            rows.define({CUSTOMER: partial(rows.nothing, TEXT)})
        rows.define({name: partial(rows.nothing, column.dtype) for name, column in self._absent().items()})
        rows.define(self._borrowed(rows))
        for name in self.families:
            rows.define(FAMILIES[name].finish(rows, scene))
        return rows

    def finish(self, piece: Piece) -> pl.DataFrame:
        """Of some customers `HASH`, `customer` (null unless ids are kept), the wanted columns and contributions.

        Raises `UserError` for a rule that does not fit the table.
        """
        shares = sorted(name.removeprefix("_") for name in piece.columns if name.startswith(SHARE))
        order = [name for name in self.columns if name in self.wanted and name in piece and name not in shares]
        return piece.frame([HASH, CUSTOMER, *order, *shares])

    def silent(self, said: Said) -> dict[str, str]:
        """Columns of the finished table that say nothing of anybody, and why.

        These are columns without a value, and rules that nobody fits while one of the columns that they name is so or
        cannot be made.
        """
        there = [name for name in self.columns if name in said.columns]
        empty = {
            name: f"the customer table's {name} is empty: nothing in the exports gives it"
            for name in there
            if name not in said.filled
        }
        unknown, found = {**self.missing, **empty}, dict(empty)
        for name in rules_of(self.settings).keys() & set(there):
            read = sorted(FAMILIES["rules"].reads(self.settings, {name}) & unknown.keys())
            if read and name not in said.fitting:
                found[name] = f"nobody fits {name}, which reads what is missing: {unknown[read[0]]}"
        return found

    def reads_of(self, column: str) -> set[str]:
        """The columns behind a column, directly or not."""
        return _closure({column}, self.owner, self.settings) - {column}

    def sources_of(self, columns: Iterable[str]) -> set[str]:
        """The exports behind columns."""
        read = {name for column in columns for name in ({column} | self.reads_of(column))}
        families = {self.owner[name] for name in read if name in self.columns}
        return {source for name in families for source in FAMILIES[name].needs(self.settings, self.known).sources}

    def _of_ours(self) -> dict[str, Column]:
        """Columns that are neither a rule nor one of the customers export."""
        others = [family for name, family in FAMILIES.items() if name not in ("properties", "rules")]
        return {name: column for family in others for name, column in family.columns(self.settings, self.known).items()}

    def _borrowed(self, rows: Piece) -> Makers:
        """Columns of the customers export that stand for ones of the same name which cannot be made, as of their type.

        A value of another type is null, so that rules over the column still fit it.
        """
        ours = {name: column.dtype for name, column in self._of_ours().items()}
        own = [name for name in rows.columns if name in ours and self.owner.get(name) == "properties"]
        return {name: partial(as_type, rows.maker(name), ours[name]) for name in own}

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


def profiling(
    settings: Settings, known: Known, wanted: Iterable[str] | None = None, uncounted: Mapping[str, str] = _NOTHING
) -> Profiling:
    """What it takes to make the wanted columns, by default all that these sources (columns by source) can give.

    `uncounted` says of sources that are there, but not known, why no row of them may count.
    """
    known = {source: names for source, names in known.items() if source not in uncounted}
    reasons = {no_export(source): why for source, why in uncounted.items()}
    columns: dict[str, Column] = {}
    missing: dict[str, str] = {}
    owner: dict[str, str] = {}
    for name, family in FAMILIES.items():
        why = family.lacking(settings, known) or _unreadable(family.needs(settings, known), settings, known)
        for column, said in family.columns(settings, known).items():
            if (reason := why or said.lacks) is None:
                columns[column], owner[column] = said, name
                missing.pop(column, None)
            elif column not in columns:
                missing[column], owner[column] = reasons.get(reason, reason), name
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


def _unreadable(needs: Needs, settings: Settings, known: Known) -> str | None:
    """Why what a family reads cannot be told of these sources: a filter or an id names a column that is not there."""
    filters = {("events", sql) for selection in needs.read for sql in predicates_of(selection, settings)}
    wanted = {(source, name) for source, sql in filters | set(needs.predicates) for name in sql_columns(sql)}
    wanted |= {("events", thing) for thing in needs.things if thing != ORDER}
    lost = sorted((source, name) for source, name in wanted if name not in known.get(source, ()))
    return next((f"no column {name!r} in the {source} export" for source, name in lost), None)


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
