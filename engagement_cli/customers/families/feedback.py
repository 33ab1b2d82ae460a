"""What customers said: their latest NPS and CSAT answers, and the sentiment of what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, NUMBER, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import moments_of, spread
from engagement_cli.kernels.decimals import MICRO, decimals, over
from engagement_cli.metrics.parts.survey_answers import (
    EARLIEST,
    NOBODY,
    PASSIVE,
    PROMOTER,
    Answers,
    answers_of,
    on_scale,
)
from engagement_cli.metrics.survey import Parameters as Survey
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import report_end

MEASURES = ("nps", "csat")


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """The latest answers and how long ago they were given."""
    return {
        "nps": Column(COUNT, "count", "latest answer to the NPS question, 0 to 10"),
        "nps_days": Column(NUMBER, "days", "days since that answer"),
        "nps_group": Column(TEXT, None, "promoter (9–10), passive (7–8) or detractor (0–6)"),
        "csat": Column(NUMBER, "number", "latest answer to the satisfaction question"),
        "csat_days": Column(NUMBER, "days", "days since that answer"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """The surveys export."""
    return None if "surveys" in known else no_export("surveys")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """The surveys export, and what the surveys' own filters read."""
    filters = {p.where for p in (survey_of(measure, settings) for measure in MEASURES) if p.where is not None}
    return Needs(
        sources=frozenset({"surveys"}),
        predicates=tuple(("surveys", where) for where in sorted(filters)),
        of_customers=True,
        population=True,
    )


def survey_of(measure: str, settings: Settings) -> Survey:
    """The survey as the first metric of this measure reads it, so that both count the same answers."""
    entries = (p for p in settings.metrics.values() if isinstance(p, Survey) and p.measure == measure)
    return next(entries, None) or Survey.model_validate({"type": "survey", "measure": measure})


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Answers in millionths, instants in ticks; of simultaneous answers the highest."""
    found: dict[str, Values] = {}
    for measure in MEASURES:
        answers = _answers(survey_of(measure, bucket.settings), bucket)
        for ending, window in moments_of(bucket).items():
            then = answers.take(np.flatnonzero(answers.time < window.ends))
            last = then.take(np.flatnonzero(then.lasts()))
            found[f"_{measure}_answer{ending}"] = spread(bucket, last.customer, last.score)
            if not ending:
                dated = last.take(np.flatnonzero(last.time != EARLIEST))
                found[f"_{measure}_time"] = spread(bucket, dated.customer, dated.time)
    return found


def _answers(p: Survey, bucket: Bucket) -> Answers:
    """All valid answers of customers before the report's end; those without a time are the earliest."""
    answers = answers_of(bucket, p.where)
    there = answers.of_kind(p.survey or p.measure, unnamed=p.survey is None) & (answers.customer != NOBODY)
    there &= on_scale(answers.score, p.bounds, whole=p.measure == "nps") & (answers.time < report_end(bucket.clock))
    return answers.take(np.flatnonzero(there))


def finish(table: Piece, scene: Scene) -> Makers:
    """Millionths as answers, ticks as days."""
    end, day = report_end(scene.clock), scene.clock.day
    return {
        "nps": lambda: table["_nps_answer"] // MICRO,
        "nps_days": lambda: over(end - table["_nps_time"], day),
        "nps_group": lambda: _group(table["_nps_answer"]),
        "csat": lambda: decimals(table["_csat_answer"]),
        "csat_days": lambda: over(end - table["_csat_time"], day),
    }


def _group(answer: pl.Series) -> pl.Series:
    rank = (answer >= PASSIVE).cast(pl.Int8) + (answer >= PROMOTER).cast(pl.Int8)
    return pl.Series(["detractor", "passive", "promoter"]).gather(rank)
