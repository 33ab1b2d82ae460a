"""Which source a file is: by the names of its columns, its own name, and at last by its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from engagement_cli.errors import Problem
from engagement_cli.records import Record
from engagement_cli.settings.sources import Sql
from engagement_cli.setup.guess import Cells, guess_events
from engagement_cli.sources.fields import FIELDS, REQUIRED
from engagement_cli.sources.headers import Header, read_header
from engagement_cli.sources.mapping import decide
from engagement_cli.sources.recognise import RECOGNISED, normalise
from engagement_cli.sources.sampling import infer_types, sample

Mapped = Mapping[str, str | Sql]

# What a field says for its source where its best name stands there; weaker names say less.
_EVIDENCE: dict[str, dict[str, float]] = {
    "events": {"event": 3, "timestamp": 1, "value": 0.5, "order": 0.5, "id": 0.5},
    "surveys": {"score": 2.5, "survey": 2, "comment": 0.5, "timestamp": 0.5},
    "subscriptions": {
        "started": 2,
        "ended": 1.5,
        "plan": 1.5,
        "trial_ends": 1.5,
        "mrr": 2,
        "billing": 1,
        "amount": 0.5,
    },
    "audience": {"date": 0.5, "followers": 3, "reach": 1, "impressions": 1, "mentions": 1.5, "account": 0.5},
    "identities": {"alias": 2.5},
    "customers": {"customer": 0.5, "referred_by": 1.5, "acquisition_cost": 1.5, "service_cost": 1},
}
_FILE_NAMES: dict[str, tuple[str, ...]] = {
    "events": ("event", "log", "activit", "transaction", "order", "clickstream", "purchase", "message"),
    "surveys": ("survey", "nps", "csat", "answer", "feedback"),
    "subscriptions": ("subscription", "subs", "contract", "membership", "plan"),
    "audience": ("audience", "follower", "social", "reach"),
    "identities": ("identit", "alias"),
    "customers": ("customer", "crm", "user", "client", "member", "people", "account"),
}
_FILE_NAME = 1.0
_WEAKER = 0.6
_LIST_OF_CUSTOMERS = 0.95


class Recognised(Record):
    """A file as a source, with the columns that its fields read."""

    file: Path
    source: str
    columns: Mapped
    header: Header
    guessed: tuple[str, ...] = ()  # fields found by what the cells hold


def recognise(file: Path, source: str | None, maps: Mapping[str, Mapped]) -> Recognised | Problem:
    """The file as a source, the given one if there is one. Raises `UserError` for a file that cannot be read."""
    header = read_header(file, source or "export")
    raw = list(header.names)
    names = (source,) if source is not None else tuple(_EVIDENCE)
    fitting = {name: columns for name in names if (columns := _columns(name, maps.get(name, {}), raw)) is not None}
    if fitting:
        best = max(fitting, key=lambda name: _points(name, fitting[name], file))
        if best != "customers" or source is not None:
            return Recognised(file, best, fitting[best], header)
    if source in (None, "events") and (found := _by_cells(file, header, maps.get("events", {}))) is not None:
        return found
    if "customers" in fitting:
        return Recognised(file, "customers", fitting["customers"], header)
    what = f"no column tells what this export is; it has: {', '.join(raw)}"
    hint = f"say what it is: --events {file} --map events.customer=COLUMN --map events.timestamp=COLUMN"
    if source is not None:
        hint = " ".join(f"--map {source}.{field}=COLUMN" for field in REQUIRED[source])
        what = f"the columns of {source} are not recognised: {', '.join(raw)}"
    return Problem(what, str(file), hint)


def _columns(source: str, mapped: Mapped, raw: Sequence[str]) -> Mapped | None:
    """The columns of the source's fields; None where one that it needs is missing or could be several."""
    decision = decide(source, {}, {k: v for k, v in mapped.items() if not isinstance(v, str) or v in raw}, raw)
    if any(field not in decision.columns for field in REQUIRED[source]):
        return None
    return {c.name: c.column if c.column is not None else Sql(sql=c.sql or "") for c in decision.columns.values()}


def _points(source: str, columns: Mapped, file: Path) -> float:
    points = sum(_EVIDENCE[source].get(field, 0) * _strength(source, field, columns[field]) for field in columns)
    if source == "audience" and any(normalise(str(c)) in _CUSTOMERS for c in columns.values()):
        return 0
    return points + _FILE_NAME * any(stem in file.name.lower() for stem in _FILE_NAMES[source])


def _strength(source: str, field: str, column: str | Sql) -> float:
    """1 for a name of the first two ranks, less for weaker names."""
    for rank, names in enumerate(RECOGNISED[source].get(field, ())):
        if isinstance(column, str) and normalise(column) in {normalise(name) for name in names}:
            return 1 if rank < 2 else _WEAKER ** (rank - 1)
    return 1  # mapped by hand


_CUSTOMERS = {normalise(name) for rank in RECOGNISED["events"]["customer"] for name in rank}


def _repeats(frame: pl.DataFrame, customer: str | Sql) -> bool:
    """Whether customers come more than once, as in a log; a list of customers has each of them once."""
    if isinstance(customer, Sql) or frame.height < 2:
        return True
    return frame[customer].drop_nulls().n_unique() < _LIST_OF_CUSTOMERS * frame.height


def _by_cells(file: Path, header: Header, mapped: Mapped) -> Recognised | None:
    """The file as events, where its cells show a customer and a time."""
    frame = sample([header])
    raw = {name: dtype for name, dtype in infer_types(frame).items() if not dtype.is_nested()}
    decision = decide("events", {}, mapped, list(raw))
    if decision.usage:
        return None
    known: dict[str, str | Sql] = {
        c.name: c.column if c.column is not None else Sql(sql=c.sql or "") for c in decision.columns.values()
    }
    columns = guess_events(Cells(frame.select(list(raw)), raw), known)
    if any(field not in columns for field in REQUIRED["events"]) or not _repeats(frame, columns["customer"]):
        return None
    kept = {field: columns[field] for field in (*FIELDS["events"], *columns) if field in columns}
    return Recognised(file, "events", kept, header, tuple(field for field in kept if field not in known))
