"""From a view to metric rows: one number a row, with the period before, the change and the target's status."""

from __future__ import annotations

import polars as pl

from engagement_cli.catalogue.annotations import noted
from engagement_cli.catalogue.targets import judged, standing
from engagement_cli.metrics.protocol import Context
from engagement_cli.render.numbers import bound, quantity
from engagement_cli.render.text import plural
from engagement_cli.results import ROW_SCHEMA, SCHEMA_VERSION, Finished, Measure, View
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.metric import Benchmark, MetricParameters

_SERIES = ("measure", "segments", "index", "step", "cohort_start")


def finished(name: str, p: MetricParameters, view: View, context: Context) -> Finished:
    """One metric as commands show it: the entry's common fields, the view, and its metric rows (`ROW_SCHEMA`)."""
    label = p.label or name.replace("_", " ")
    rows = _rows(name, label, p, view, context)
    return Finished(
        name=name,
        label=label,
        type=p.type,
        every=str(p.every),
        dimension=p.dimension,
        stage=p.stage,
        better=p.better,
        description=p.description,
        definition=definition_hash(p, context.settings),
        view=view,
        rows=rows,
        target=_target_text(p, view.measures[0], rows, context),
        benchmark=_benchmark_text(p.benchmark, view.measures[0].unit),
        action=p.action,
        notes=noted(rows, p, view.measures[0].column, context) if context.settings.annotations else (),
    )


def _rows(name: str, label: str, p: MetricParameters, view: View, context: Context) -> pl.DataFrame:
    clock = context.clock
    tables = [view.table] if view.headline is None else [view.table, view.headline]
    parts = [_melted(view, table, measure) for table in tables for measure in view.measures]
    rows = judged(pl.concat(parts), p, view.measures[0].column, clock)
    series = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in _SERIES], separator="\x1f")
    known = pl.col("complete") & pl.col("value").is_not_null() & pl.col("period_start").is_not_null()
    # The complete period before: the series' next earlier row, if that one is complete.
    rows = rows.with_columns(_series=series, _known=pl.when(known).then(pl.col("value")))
    rows = rows.with_columns(previous=pl.col("_known").shift(1).over("_series", order_by="period_start"))
    rows = rows.with_columns(previous=pl.when(pl.col("period_start").is_not_null() & known).then("previous"))
    difference = (pl.col("value") - pl.col("previous")) / pl.col("previous").abs()
    said = {
        "schema_version": pl.lit(SCHEMA_VERSION, pl.Int32),
        "as_of": pl.lit(clock.text(clock.as_of) if clock.dated else None, pl.String),
        "through": pl.lit(clock.through(), pl.String),
        "metric": pl.lit(name),
        "label": pl.lit(label),
        "dimension": pl.lit(p.dimension, pl.String),
        "stage": pl.lit(p.stage, pl.String),
        "type": pl.lit(p.type),
        "every": pl.lit(str(p.every)),
        "change": pl.when(pl.col("previous") != 0).then(difference),
        "definition": pl.lit(definition_hash(p, context.settings)),
    }
    rows = rows.with_columns(**said)
    return rows.select(pl.col(column).cast(dtype) for column, dtype in ROW_SCHEMA.items())


def _melted(view: View, table: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    def column(name: str | None, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
        return pl.col(name).cast(dtype) if name is not None and name in table.columns else pl.lit(None, dtype)

    return table.select(
        measure=pl.lit(measure.column),
        period_start=column("period_start", pl.String),
        period_end=column("period_end", pl.String),
        cohort_start=column("cohort_start", pl.String),
        index=column(view.index, pl.Int64),
        step=column(view.step_column, pl.String),
        segments=pl.col("segments"),
        value=column(measure.column, pl.Float64),
        unit=pl.lit(measure.unit),
        numerator=column(measure.numerator, pl.Float64),
        denominator=column(measure.denominator, pl.Float64),
        n=column(measure.n, pl.Int64),
        ci_low=column(measure.ci_low, pl.Float64),
        ci_high=column(measure.ci_high, pl.Float64),
        complete=pl.col("complete"),
        flags=column("flags", pl.String).fill_null(""),
    )


def _target_text(p: MetricParameters, measure: Measure, rows: pl.DataFrame, context: Context) -> str | None:
    """The goal in words; of a change also from where to where, and the pace needed while its time runs."""
    target, unit = p.target, measure.unit
    if target is None:
        return None
    for word, goal in (("at least", target.at_least), ("at most", target.at_most)):
        if goal is not None:
            return f"{word} {bound(goal, unit).text}"
    change = ("increase", target.increase) if target.increase is not None else ("decrease", target.decrease)
    told = f"{change[0]} {bound(change[1] or 0, 'share').text} within a {target.within} from {target.start}"
    now = standing(rows, p, measure.column, context.clock)
    if now is None:
        return told
    level, reached, needed = (quantity(v, unit, signed=False).text for v in (now.level, now.goal, now.needed))
    average = " on average" if now.periods > 1 else ""
    pace = f", {needed}{average if now.left > 1 else ''} in the {plural(now.left, 'period')} left" if now.left else ""
    return f"{told}: from {level} to {reached}{average}{pace}"


def _benchmark_text(benchmark: Benchmark | None, unit: str) -> str | None:
    if benchmark is None:
        return None
    named = (("", benchmark.value), ("strong ", benchmark.strong), ("concern ", benchmark.concern))
    parts = [f"{name}{bound(value, unit).text}" for name, value in named if value is not None]
    return f"{', '.join(parts)} ({benchmark.source})"
