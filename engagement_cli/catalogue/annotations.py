"""Dated notes of the configuration beside a metric: what it was before, and after."""

from __future__ import annotations

import polars as pl

from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Note
from engagement_cli.settings.metric import MetricParameters

MOST_PERIODS = 4


def noted(rows: pl.DataFrame, p: MetricParameters, measure: str, context: Context) -> tuple[Note, ...]:
    """The configured annotations within the data, in order of time.

    Before and after are means of a metric's first measure over as many complete periods on either side, at most four;
    the period in which the date lies counts for neither, unless it begins with it. Cohorts have no such sides.
    """
    clock, found = context.clock, []
    if not clock.dated:
        return ()
    series = rows.filter(
        pl.col("measure") == measure,
        pl.col("segments") == "",
        pl.col("cohort_start").is_null() & pl.col("index").is_null() & pl.col("step").is_null(),
        pl.col("complete") & pl.col("value").is_not_null() & pl.col("period_start").is_not_null(),
    ).sort("period_start")
    for annotation in sorted(context.settings.annotations, key=lambda a: clock.instant(a.date)):
        instant = clock.instant(annotation.date)
        if not clock.floor_day(clock.first) <= instant <= clock.last:
            continue
        date = clock.text(instant, p.every)
        earlier = series.filter(pl.col("period_end") <= date)["value"]
        later = series.filter(pl.col("period_start") >= date)["value"]
        periods = min(MOST_PERIODS, len(earlier), len(later))
        found.append(Note(date, annotation.text, periods, _mean(earlier.tail(periods)), _mean(later.head(periods))))
    return tuple(found)


def _mean(values: pl.Series) -> float | None:
    mean = values.mean()
    return float(mean) if isinstance(mean, int | float) else None
