"""The ladder of engagement degrees: the highest rung a customer reached in the window."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import known_within, moments_of, nothing, unknown_before
from engagement_cli.native.tallies import highest
from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import RUNGS
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

NO_RUNG = "none"
_MOVES = pl.Series(["down", "same", "up"])


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Rung now and before, and the move."""
    days, rungs = settings.score.window.days, ", ".join((NO_RUNG, *RUNGS))
    return {
        "rung": Column(TEXT, None, f"highest degree of the events of the last {days} days: {rungs}"),
        "rung_before": Column(TEXT, None, f"the same of the {days} days before; null if not known then"),
        "rung_move": Column(TEXT, None, "up, down or same since then"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events that have a degree."""
    if "events" not in known:
        return no_export("events")
    return None if any(e.degree for e in settings.events.values()) else "no event has a degree"


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _of_degree(settings: Settings, degree: str) -> Selection:
    return Selection(events=tuple(name for name, event in settings.events.items() if event.degree == degree))


def needs(settings: Settings, known: Known) -> Needs:
    """Every event that has a degree."""
    chosen = tuple(found for rung in RUNGS if (found := _of_degree(settings, rung)).events)
    return Needs(optional=chosen, of_customers=True, population=True)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Rungs as numbers, 0 for none; null where no event of the export has a degree."""
    of_kind = np.zeros(len(bucket.kinds), np.int64)
    for number, rung in enumerate(RUNGS, 1):
        chosen = _of_degree(bucket.settings, rung)
        if chosen.events:
            of_kind[bucket.mask(chosen)] = number
    everything = bucket.histories(bucket.rows)
    found: dict[str, Values] = {
        f"_rung_number{ending}": highest(everything, of_kind, known_within(bucket, window))
        for ending, window in moments_of(bucket).items()
    }
    if not of_kind.any():
        return dict(nothing(bucket, found))
    return found


def finish(table: Piece, scene: Scene) -> Makers:
    """Rungs by name; of who was not known then, none before and no move."""
    names = pl.Series([NO_RUNG, *RUNGS])
    return {
        "_earlier": lambda: table["_rung_number_before"].set(unknown_before(table, scene), None),
        "rung": lambda: names.gather(table["_rung_number"]),
        "rung_before": lambda: names.gather(table["_earlier"]),
        "rung_move": lambda: _MOVES.gather((table["_rung_number"] - table["_earlier"]).sign() + 1),
    }
