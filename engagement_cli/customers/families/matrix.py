"""Value × influence: in which quadrant a customer stands, now and before, and whether he speaks well of us."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.families import dimensions, feedback, value
from engagement_cli.customers.family import TEXT, Column, Known, Scene, Values
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import unknown_before
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.scale import Distribution, distribution, least_from
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

_ADVOCACY = {"promoter": "advocate", "detractor": "detractor"}
_DEGREES = ("low", "high")
_QUADRANTS = pl.Series([f"{worth} value, {voice} influence" for worth in _DEGREES for voice in _DEGREES])
_MOVES = pl.Series(["same" if one == other else f"{one} → {other}" for one in _QUADRANTS for other in _QUADRANTS])


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Quadrants and advocacy."""
    at = settings.profile.matrix
    return {
        "quadrant": Column(
            TEXT,
            None,
            f"high or low value (from percentile {at.value:g} of all customers, and above 0) and high or low influence "
            f"(from index {at.influence:g})",
        ),
        "quadrant_before": Column(TEXT, None, "the same at the start of the window; null if not known then"),
        "quadrant_move": Column(TEXT, None, "same, or from which quadrant to which"),
        "advocacy": Column(
            TEXT, None, "advocate (a promoter), detractor, or neither", feedback.lacking(settings, known)
        ),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """It takes what value and influence take."""
    return value.lacking(settings, known) or dimensions.lacking(settings, known)


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Value and influence now and before; the latest NPS answer."""
    return {"value", "value_before", "influence", "influence_before", "nps_group"}


def needs(settings: Settings, known: Known) -> Needs:
    """Nothing of the exports but what other families read."""
    return Needs(sources=frozenset())


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Nothing of a bucket."""
    return {}


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """Values now and, where asked for, before, of those known then; and whether there are answers."""
    answers = table["_nps_answer" if "_nps_answer" in table else "nps_group"].is_not_null()
    endings = ("", "_before") if {"quadrant_before", "quadrant_move"} & scene.wanted else ("",)
    worths = {f"value{ending}": distribution(_worth(table, ending, scene)) for ending in endings}
    return {**worths, "answered": distribution(answers.cast(pl.Int64).to_numpy())}


def _worth(table: Piece, ending: str, scene: Scene) -> Int64s:
    """Values at a moment in millionths, of those known then."""
    worth = value.in_millionths(table, ending).fill_null(0)
    return (worth.filter(~unknown_before(table, scene)) if ending else worth).to_numpy()


def finish(table: Piece, scene: Scene) -> Makers:
    """A customer without an influence index has low influence."""
    return {
        "quadrant": lambda: _QUADRANTS.gather(table["_quadrant"]),
        "quadrant_before": lambda: _QUADRANTS.gather(table["_quadrant_before"]),
        "quadrant_move": lambda: _MOVES.gather(table["_quadrant_before"] * len(_QUADRANTS) + table["_quadrant"]),
        "advocacy": lambda: _advocacy(table, scene),
        "_quadrant": lambda: _quadrant(table, "", scene),
        "_quadrant_before": lambda: _quadrant(table, "_before", scene).set(unknown_before(table, scene), None),
    }


def _quadrant(table: Piece, ending: str, scene: Scene) -> pl.Series:
    """Places among the quadrants; null for everyone where value or influence is not known of anybody."""
    at = scene.settings.profile.matrix
    worth = value.in_millionths(table, ending)
    if worth.null_count() == table.height or not dimensions.anybody(scene):
        return table.nothing(pl.Int64())
    amounts = worth.fill_null(0).to_numpy()
    least = least_from(scene.among[f"value{ending}"], at.value)
    high = np.zeros(len(amounts), np.bool_) if least is None else amounts >= max(least, 1)
    loud = (table[f"influence{ending}"] >= at.influence).fill_null(value=False).to_numpy()
    return pl.Series(2 * high.astype(np.int64) + loud)


def _advocacy(table: Piece, scene: Scene) -> pl.Series:
    """Null for everyone where nobody has answered."""
    if not scene.among["answered"].values.any():
        return table.nothing(pl.String())
    said = table["nps_group"].replace_strict(_ADVOCACY, default="neither", return_dtype=pl.String)
    return said.fill_null("neither")
