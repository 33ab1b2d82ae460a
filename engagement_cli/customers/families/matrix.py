"""Value × influence: in which quadrant a customer stands, now and before, and whether he speaks well of us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import polars as pl

from engagement_cli.customers.families import dimensions, feedback, value
from engagement_cli.customers.family import TEXT, Column, Known, Scene, Values
from engagement_cli.customers.windows import unknown_before
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

_ADVOCACY = {"promoter": "advocate", "detractor": "detractor"}


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


def across(table: pl.DataFrame, scene: Scene) -> Mapping[str, Distribution]:
    """Values now and before, of those known then; and whether there are answers."""
    answers = table["nps_group" if "nps_group" in table.columns else "_nps_answer"].is_not_null()
    worths = {f"value{ending}": distribution(_worth(table, ending, scene)) for ending in ("", "_before")}
    return {**worths, "answered": distribution(answers.cast(pl.Int64).to_numpy())}


def _worth(table: pl.DataFrame, ending: str, scene: Scene) -> Int64s:
    """Values at a moment in millionths, of those known then."""
    worth = value.in_millionths(table, ending).fill_null(0)
    return (worth.filter(~unknown_before(table, scene)) if ending else worth).to_numpy()


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """A customer without an influence index has low influence."""
    found = [_quadrant(table, ending, scene) for ending in ("", "_before")]
    now, before = found
    moved = pl.DataFrame(found).select(
        pl.when(now == before).then(pl.lit("same")).otherwise(pl.format("{} → {}", "quadrant_before", "quadrant"))
    )
    found.append(moved.to_series().alias("quadrant_move"))
    group = pl.col("nps_group")
    said = group.replace_strict(_ADVOCACY, default="neither", return_dtype=pl.String).fill_null("neither")
    answered = bool(scene.among["answered"].values.any())
    return [*found, (said if answered else pl.lit(None, pl.String)).alias("advocacy")]


def _quadrant(table: pl.DataFrame, ending: str, scene: Scene) -> pl.Series:
    at = scene.settings.profile.matrix
    worth = table[f"_value_micro{ending}"]
    if worth.null_count() == table.height or not dimensions.anybody(scene):
        return pl.repeat(None, table.height, dtype=pl.String, eager=True).alias(f"quadrant{ending}")
    amounts = worth.fill_null(0).to_numpy()
    newcomers = unknown_before(table, scene) if ending else pl.repeat(False, table.height, eager=True)
    high = (scaled(amounts, scene.among[f"value{ending}"], "percentile") >= at.value) & (amounts > 0)
    loud = (table[f"influence{ending}"] >= at.influence).fill_null(value=False)
    words = pl.DataFrame({"high": high, "loud": loud}).select(
        pl.format(
            "{} value, {} influence",
            pl.when("high").then(pl.lit("high")).otherwise(pl.lit("low")),
            pl.when("loud").then(pl.lit("high")).otherwise(pl.lit("low")),
        )
    )
    return words.to_series().set(newcomers, None).alias(f"quadrant{ending}")
