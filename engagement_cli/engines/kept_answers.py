"""The very same question asked again of unchanged exports: what was measured for it is kept, and measured no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from io import BytesIO
from itertools import chain

import polars as pl

from engagement_cli.engines.canonical import canonical
from engagement_cli.engines.plan import Ask, Merged, Plan
from engagement_cli.engines.recipe import digest, whole_recipe
from engagement_cli.records import plain
from engagement_cli.results import Waterfall
from engagement_cli.timeline.cache import kind_table
from engagement_cli.timeline.cache.answers import Answers
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.files import File, identify
from engagement_cli.timeline.cache.manifest import demand_of
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.clock import Clock

_PLAN = ("settings", "asks", "segments", "range", "extra_needs", "profiling", "uncounted", "keep_ids")


def answered(plan: Plan, terms: Terms, run: Callable[[Plan], Merged]) -> Merged:
    """What an engine merges for a plan, or has merged for an equal one on the same files with the same program."""
    answers = Answers(terms.folder)
    try:
        files = _files(plan, terms)
        name = digest([whole_recipe(plan.exports), files, [canonical(getattr(plan, part)) for part in _PLAN]])
    except (OSError, TypeError):
        return run(plan)
    if (found := answers.get(name)) is not None:
        with suppress(DamagedError):
            return from_pieces(found, plan.asks)
    merged = run(plan)
    with suppress(OSError):  # the engine has said it, if there is no room
        if _files(plan, terms) == files:
            answers.put(name, to_pieces(merged), terms.allowed())
    return merged


def _files(plan: Plan, terms: Terms) -> list[tuple[str, tuple[File, ...]]]:
    sources = plan.exports.sources
    return [(name, identify(sources[name].files, terms.by)) for name in sorted(sources)]


def to_pieces(merged: Merged) -> Iterator[bytes]:
    """All that was merged: a description, then its tables one by one."""
    tables = {"kinds": kind_table.to_table(merged.kinds)}
    if merged.profiles is not None:
        tables["profiles"] = merged.profiles
    states = [[name, list(state)] for name, state in merged.states.items()]
    said = {
        "tables": [*tables, *(f"{i} {table}" for i, (_, names) in enumerate(states) for table in names)],
        "clock": {**plain(merged.clock), "unreliable": [day.isoformat() for day in merged.clock.unreliable]},
        "states": states,
        "waterfalls": [plain(waterfall) for waterfall in merged.waterfalls],
        "demand": plain(merged.demand),
        "customers": merged.customers,
        "silent": dict(merged.silent),
        "warnings": merged.warnings,
    }
    yield json.dumps(said).encode()
    for table in chain(
        tables.values(), (cells.frame() for state in merged.states.values() for cells in state.values())
    ):
        table.write_ipc(buffer := BytesIO(), compression="lz4")
        yield buffer.getvalue()


def from_pieces(pieces: Sequence[bytes], asks: Mapping[str, Ask]) -> Merged:
    """What was merged for metrics. Raises `DamagedError`."""
    try:
        said = json.loads(pieces[0])
        tables = dict(zip(said["tables"], map(pl.read_ipc, map(BytesIO, pieces[1:])), strict=True))
        demand = demand_of(said["demand"])
        clock = {**said["clock"], "unreliable": tuple(date.fromisoformat(day) for day in said["clock"]["unreliable"])}
        return Merged(
            clock=Clock(**clock),
            kinds=kind_table.from_table(tables["kinds"], demand),
            states={
                name: {table: asks[name].type.STATE[table].of(tables[f"{i} {table}"]) for table in names}
                for i, (name, names) in enumerate(said["states"])
            },
            waterfalls=tuple(Waterfall(**waterfall) for waterfall in said["waterfalls"]),
            demand=demand,
            customers=said["customers"],
            silent=said["silent"],
            profiles=tables.get("profiles"),
            warnings=tuple(said["warnings"]),
        )
    except (KeyError, IndexError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DamagedError("an answer cannot be read") from error
