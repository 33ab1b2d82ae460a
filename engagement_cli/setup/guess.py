"""Which columns hold a customer, an event, a time, an amount, where their names are none that are recognised.

A column is judged by its name's words and by what stands in its cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from engagement_cli.records import Record, field
from engagement_cli.settings.sources import Sql
from engagement_cli.setup.words import sql_name

_WORDS = {
    "customer": ("customer", "user", "client", "member", "person", "account", "player", "visitor", "subscriber", "uid",
                 "sender", "author", "actor", "buyer", "email", "who", "owner", "contact", "guest", "student"),
    "event": ("event", "action", "activity", "verb", "what", "did", "operation", "kind", "type", "name", "category"),
    "timestamp": ("time", "timestamp", "when", "date", "at", "ts", "day", "moment", "occurred", "created", "on"),
    "value": ("value", "amount", "revenue", "total", "spend", "spent", "sales", "paid"),
}  # fmt: skip
_QUANTITY = ("quantity", "qty", "units")
_UNIT_PRICE = ("unitprice", "priceperunit", "price")
_TIME_TEXT = r"^\s*(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})"
_MOST_EVENTS = 500
_MOSTLY = 0.5
_FEW_NAMES = 0.8  # names of events come again
_EPOCH_2001 = 10**9  # seconds; smaller whole numbers are more likely something else
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Cells(Record):
    """A sample of an export, and what its columns hold: `raw` has the types that text stands for."""

    frame: pl.DataFrame
    raw: Mapping[str, pl.DataType]
    taken: frozenset[str] = field(default_factory=frozenset)


def guess_events(cells: Cells, given: Mapping[str, str | Sql]) -> dict[str, str | Sql]:
    """Columns for the fields of events that are not `given`, as far as the cells and names speak for one."""
    columns = dict(given)
    judges: dict[str, Callable[[Cells, str], bool]] = {"timestamp": _is_time, "customer": _is_id, "event": _is_event}
    for name, judge in judges.items():
        if name not in columns and (found := _best(cells, name, judge, columns)) is not None:
            columns[name] = found
    if "value" not in columns and (value := _value(cells, columns)) is not None:
        columns["value"] = value
    if "event" not in columns and {"customer", "timestamp"} <= columns.keys():
        bought = bool({"value", "order"} & columns.keys())
        columns["event"] = Sql(sql="'purchase'" if bought else "'activity'")
    return columns


def _tokens(column: str) -> list[str]:
    return [token for token in re.split(r"[^a-z0-9]+", _CAMEL.sub("_", column).lower()) if token]


def _best(cells: Cells, name: str, judge: Callable[[Cells, str], bool], columns: Mapping[str, str | Sql]) -> str | None:
    """The column whose cells fit and whose name speaks most for the field; a name that says nothing is no reason."""
    free = [c for c in cells.raw if c not in {*columns.values(), *cells.taken}]
    ranked = [(_closeness(c, _WORDS[name]), -place, c) for place, c in enumerate(free) if judge(cells, c)]
    named = [rank for rank in ranked if rank[0] > 0]
    if named:
        return max(named)[2]
    return ranked[0][2] if name == "timestamp" and len(ranked) == 1 else None


def _closeness(column: str, words: Sequence[str]) -> int:
    tokens = _tokens(column)
    return max((len(words) - i for i, word in enumerate(words) if _says(tokens, word)), default=0)


def _says(tokens: Iterable[str], word: str) -> bool:
    return any(token == word or (len(word) > 3 and token.startswith(word)) for token in tokens)


def _is_time(cells: Cells, column: str) -> bool:
    dtype = cells.frame.schema[column]
    if dtype in (pl.Date, pl.Datetime):
        return True
    texts = cells.frame[column].drop_nulls()
    if dtype == pl.String:
        texts = texts.filter(texts != "")
        share = texts.str.contains(_TIME_TEXT).mean()
        if isinstance(share, float) and share > _MOSTLY:
            return True
    if cells.raw[column].is_integer() and _closeness(column, _WORDS["timestamp"]):
        numbers = texts.cast(pl.Int64, strict=False).drop_nulls()
        return len(numbers) > 0 and bool((numbers > _EPOCH_2001).all())
    return False


def _is_id(cells: Cells, column: str) -> bool:
    dtype = cells.raw[column]
    return dtype == pl.String or dtype.is_integer()


def _is_event(cells: Cells, column: str) -> bool:
    if cells.raw[column] != pl.String or _is_time(cells, column):
        return False
    texts = cells.frame[column].drop_nulls()
    distinct = texts.n_unique()
    return len(texts) > 0 and distinct <= min(_MOST_EVENTS, max(2, _FEW_NAMES * len(texts)))


def _value(cells: Cells, columns: Mapping[str, str | Sql]) -> str | Sql | None:
    """An amount; or, in lines of an order, quantity × price."""
    numeric = [c for c, dtype in cells.raw.items() if dtype.is_numeric() and c not in columns.values()]
    plain = {c: "".join(_tokens(c)) for c in numeric}
    named = [c for c in numeric if _closeness(c, _WORDS["value"])]
    if named:
        return max(named, key=lambda c: _closeness(c, _WORDS["value"]))
    quantity = next((c for c in numeric if plain[c] in _QUANTITY), None)
    price = next((c for c in numeric if plain[c] in _UNIT_PRICE), None)
    if quantity is not None and price is not None:
        return Sql(sql=f"{sql_name(quantity)} * {sql_name(price)}")
    return price
