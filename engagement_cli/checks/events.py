"""What the events export holds, counted in one scan: fates, event names, quarter hours, currencies; and duplicates."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.checks.purchases import below_zero
from engagement_cli.checks.reads import Reads, currency_column
from engagement_cli.records import Record, replace
from engagement_cli.results import Waterfall
from engagement_cli.settings.model import Settings
from engagement_cli.sources.events import scan_events, text_column
from engagement_cli.sources.export import Exports
from engagement_cli.sources.fates import FIRST_EXCLUSION, UNPARSEABLE, USED
from engagement_cli.timeline.clock import Facts

QUARTER_HOUR = 900
ROWS_A_PART = 20_000_000  # identities that are compared at a time
_SEED = 7


class Duplicates(Record):
    """How many rows repeat another, by event id or by the whole row, `nobody` of them without a customer.

    A guess where only a part of the rows was compared.
    """

    rows: int
    nobody: int
    by: str
    guessed: bool = False


class Events(Record):
    """The events export in numbers.

    `names` has one row an event: event, rows, configured (whether an entry of the configuration takes some of them).
    `facts` is None where no row can be used. `currencies` has rows by currency, `negative` rows of purchases below
    zero by event.
    """

    waterfall: Waterfall
    names: pl.DataFrame
    facts: Facts | None
    duplicates: Duplicates
    currencies: Mapping[str, int]
    negative: Mapping[str, int]


def read_events(exports: Exports, settings: Settings, reads: Reads, ticks_per_second: int) -> Events:
    """Count the events, in passes that stream. Raises what Polars raises for files that cannot be read."""
    export = exports.sources["events"]
    frame = scan_events(exports, reads.wanted, ticks_per_second)
    used = frame.filter(pl.col("fate") == USED)
    entries = pl.any_horizontal([pl.col(name).any() for name in reads.entries]) if reads.entries else pl.lit(False)
    quarter = pl.col("time") // (QUARTER_HOUR * ticks_per_second)
    currency = currency_column(export)
    money = pl.col(text_column(reads.wanted, currency)) if currency else pl.lit(None, pl.String)
    fates, names, quarters, currencies = pl.collect_all(
        [
            frame.group_by("fate").agg(rows=pl.len(), nobody=pl.col("customer").null_count()),
            used.group_by("event").agg(rows=pl.len(), by_rule=entries, negative=below_zero(settings, reads).sum()),
            used.group_by(quarter=quarter).agg(first=pl.col("time").min(), last=pl.col("time").max()),
            used.group_by(currency=money.str.strip_chars().str.to_uppercase()).agg(rows=pl.len()),
        ],
        engine="streaming",
    )
    named = pl.col("event").is_in(list(settings.events))
    counts = {fate: (rows, nobody) for fate, rows, nobody in fates.select("fate", "rows", "nobody").iter_rows()}
    duplicates = _duplicates(exports, ticks_per_second)
    left_out = duplicates if export.dedupe != "none" else Duplicates(0, 0, duplicates.by)
    exclusions = exports.exclusions.get("events", ())
    waterfall = Waterfall(
        source="events",
        read=sum(rows for rows, _ in counts.values()),
        unparseable=counts.get(UNPARSEABLE, (0, 0))[0],
        excluded={rule: counts.get(FIRST_EXCLUSION + i, (0, 0))[0] for i, rule in enumerate(exclusions)},
        duplicate=left_out.rows,
        used=counts.get(USED, (0, 0))[0] - left_out.rows,
        without_customer=counts.get(USED, (0, 0))[1] - left_out.nobody,
    )
    names = names.sort("rows", "event", descending=[True, False])
    return Events(
        waterfall=waterfall,
        names=names.select("event", "rows", configured=named | pl.col("by_rule")),
        facts=_facts(quarters.sort("quarter"), ticks_per_second),
        duplicates=duplicates,
        currencies=dict(currencies.filter(pl.col("currency") != "").sort("currency").iter_rows()),
        negative=dict(names.filter(pl.col("negative") > 0).select("event", "negative").iter_rows()),
    )


def _facts(quarters: pl.DataFrame, ticks_per_second: int) -> Facts | None:
    if quarters.is_empty():
        return None
    return Facts(quarters[0, "first"], quarters[-1, "last"], quarters["quarter"].to_numpy(), ticks_per_second)


def _duplicates(exports: Exports, ticks_per_second: int) -> Duplicates:
    """Rows of one customer with the identity of another: all of them where the settings leave them out.

    Where they do not, and there are very many rows, a part of the identities stands for all.
    """
    export = exports.sources["events"]
    by = export.dedupe if export.dedupe != "none" else "id" if "id" in export.columns else "row"
    compared = replace(exports, sources={**exports.sources, "events": replace(export, dedupe=by)})
    parts = 1 + (export.rows_hint or 0) // ROWS_A_PART
    identity = pl.col("identity")
    keys = (
        scan_events(compared, ticks_per_second=ticks_per_second)
        .filter((pl.col("fate") == USED) & identity.is_not_null())
        .select(pl.col("customer").hash(_SEED), identity, nobody=pl.col("customer").is_null())
    )
    whole = export.dedupe != "none" or parts == 1
    found = [_repeated(keys.filter(identity % parts == part)) for part in range(parts if whole else 1)]
    scale = 1 if whole else parts
    rows, nobody = (scale * sum(column) for column in zip(*found, strict=True))
    return Duplicates(rows, nobody, by, guessed=not whole)


def _repeated(keys: pl.LazyFrame) -> tuple[int, int]:
    """How many rows come after the first of their key, and how many of these have no customer."""
    again = (pl.len() - 1).cast(pl.Int64)
    counts = keys.group_by("customer", "identity", "nobody").agg(again=again)
    return (
        counts.select(pl.col("again").sum(), nobody=pl.col("again").filter("nobody").sum())
        .collect(engine="streaming")
        .row(0)
    )


def known_customers(exports: Exports, ids: pl.DataFrame) -> pl.Series:
    """Those of the ids (column `customer`) that occur in events that can be used."""
    used = scan_events(exports).filter(pl.col("fate") == USED).select("customer")
    found = used.join(ids.lazy(), on="customer", how="semi").unique().collect(engine="streaming")
    return found["customer"]


def event_customers(exports: Exports) -> pl.Series:
    """Every customer of the events that can be used."""
    used = scan_events(exports).filter((pl.col("fate") == USED) & pl.col("customer").is_not_null())
    return used.select("customer").unique().collect(engine="streaming")["customer"]
