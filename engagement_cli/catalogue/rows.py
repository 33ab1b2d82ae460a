"""From a view to metric rows: one number a row, with the period before, the change and the target's status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from engagement_cli.catalogue.annotations import noted
from engagement_cli.catalogue.targets import judged, standing
from engagement_cli.kernels.runs import expand
from engagement_cli.metrics.protocol import Context
from engagement_cli.render.numbers import bound, quantity
from engagement_cli.render.text import plural
from engagement_cli.results import ROW_SCHEMA, SCHEMA_VERSION, Finished, Measure, View
from engagement_cli.settings.definitions import definition_hashes
from engagement_cli.settings.metric import Benchmark, MetricParameters

_SERIES = ("metric", "measure", "segments", "index", "step", "cohort_start")
_SAID = ("metric", "measure", "unit", "label", "dimension", "stage", "type", "every", "definition")
_SHARED = ("period_start", "period_end", "cohort_start", "index", "step", "segments", "complete", "flags")
_ITSELF = {name: name for name in _SHARED}
_OWN = ("value", "numerator", "denominator", "n", "ci_low", "ci_high")  # of a measure
_JUDGED = ("target", "status")


def finished(name: str, p: MetricParameters, view: View, context: Context) -> Finished:
    """One metric as commands show it: the entry's common fields, the view, and its metric rows (`ROW_SCHEMA`)."""
    return all_finished({name: p}, {name: view}, context)[0]


def all_finished(
    metrics: Mapping[str, MetricParameters], views: Mapping[str, View], context: Context
) -> list[Finished]:
    """Metrics as commands show them; their rows are made in one table."""
    definitions = definition_hashes(metrics, context.settings)
    rows = _rows(metrics, views, definitions, context)
    return [_finished(name, p, views[name], definitions[name], rows[name], context) for name, p in metrics.items()]


def _finished(
    name: str, p: MetricParameters, view: View, definition: str, rows: pl.DataFrame, context: Context
) -> Finished:
    primary = view.measures[0]
    if p.target is not None:
        rows = judged(rows.drop(_JUDGED), p, primary.column, context.clock).select(ROW_SCHEMA.keys())
    return Finished(
        name=name,
        label=_label(name, p),
        type=p.type,
        every=str(p.every),
        dimension=p.dimension,
        stage=p.stage,
        better=p.better,
        description=p.description,
        definition=definition,
        view=view,
        rows=rows,
        target=_target_text(p, primary, rows, context),
        benchmark=_benchmark_text(p.benchmark, primary.unit),
        action=p.action,
        notes=noted(rows, p, primary.column, context) if context.settings.annotations else (),
    )


def _label(name: str, p: MetricParameters) -> str:
    return p.label or name.replace("_", " ")


def _rows(
    metrics: Mapping[str, MetricParameters], views: Mapping[str, View], definitions: Mapping[str, str], context: Context
) -> dict[str, pl.DataFrame]:
    """The rows of each metric, all but what a target says of them."""
    clock = context.clock
    tables: list[Mapping[str, pl.Series]] = []
    own: list[Mapping[str, pl.Series]] = []
    said, of_table, ends = [], [], [0]
    for name, p in metrics.items():
        view, words = views[name], (_label(name, p), p.dimension, p.stage, p.type, str(p.every), definitions[name])
        for table in (view.table,) if view.headline is None else (view.table, view.headline):
            columns = {column.name: column for column in table.get_columns()}
            of_table += [len(tables)] * len(view.measures)
            tables.append(_called(columns, {**_ITSELF, "index": view.index, "step": view.step_column}))
            own += [_called(columns, _behind(measure)) for measure in view.measures]
            said += [(name, measure.column, measure.unit, *words) for measure in view.measures]
        ends.append(len(own))
    heights = [len(table["segments"]) for table in tables]
    first, tall = np.cumsum([0, *heights])[of_table], np.array(heights, np.int64)[of_table]
    part = np.repeat(np.arange(len(said)), tall)
    row = expand(first, tall)
    rows = pl.DataFrame([_column(column, tables, heights) for column in _SHARED])[row]
    rows = rows.hstack([_column(column, own, tall.tolist()) for column in _OWN])
    rows = rows.hstack(pl.DataFrame(said, schema=_schema(_SAID), orient="row")[part])
    series = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in _SERIES], separator="\x1f")
    known = pl.col("complete") & pl.col("value").is_not_null() & pl.col("period_start").is_not_null()
    # The complete period before: the series' next earlier row, if that one is complete.
    before = pl.when(known).then(pl.col("value")).shift(1).over(series, order_by="period_start")
    rows = rows.with_columns(previous=pl.when(known).then(before))
    difference = (pl.col("value") - pl.col("previous")) / pl.col("previous").abs()
    made = {
        "schema_version": pl.lit(SCHEMA_VERSION),
        "as_of": pl.lit(clock.text(clock.as_of) if clock.dated else None),
        "through": pl.lit(clock.through()),
        "flags": pl.col("flags").fill_null(""),
        "change": pl.when(pl.col("previous") != 0).then(difference),
        "target": pl.lit(None),
        "status": pl.lit(None),
    }
    rows = rows.select(made.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in ROW_SCHEMA.items())
    bounds = np.append(0, np.cumsum(tall))[ends].tolist()
    return {name: rows.slice(low, high - low) for name, (low, high) in zip(metrics, pairwise(bounds), strict=True)}


def _schema(columns: tuple[str, ...]) -> dict[str, pl.DataType]:
    return {column: ROW_SCHEMA[column] for column in columns}


def _behind(measure: Measure) -> dict[str, str | None]:
    """The columns of a measure by the rows' names."""
    return {"value": measure.column, **{part: getattr(measure, part) for part in _OWN[1:]}}


def _called(columns: Mapping[str, pl.Series], names: Mapping[str, str | None]) -> dict[str, pl.Series]:
    """Columns of a table under the rows' names, without those that it does not have."""
    return {name: columns[called] for name, called in names.items() if called and called in columns}


def _column(column: str, parts: Sequence[Mapping[str, pl.Series]], heights: Sequence[int]) -> pl.Series:
    """One column of all parts, null where a part does not have it."""
    dtype = ROW_SCHEMA[column]
    null = pl.Series(column, [None], dtype)
    nothing = {height: null.new_from_index(0, height) for height in {0, *heights}}
    found = [part.get(column, nothing[height]) for part, height in zip(parts, heights, strict=True)]
    found = [series if series.dtype == dtype else series.cast(dtype) for series in found]
    return pl.concat([nothing[0], *found], rechunk=True)


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
    if now.left and now.needed is not None and target.increase is not None and now.needed <= 0 < now.goal:
        return f"{told}: from {level} to {reached}{average}, reached whatever follows"
    pace = f", {needed}{average if now.left > 1 else ''} in the {plural(now.left, 'period')} left" if now.left else ""
    return f"{told}: from {level} to {reached}{average}{pace}"


def _benchmark_text(benchmark: Benchmark | None, unit: str) -> str | None:
    if benchmark is None:
        return None
    named = (("", benchmark.value), ("strong ", benchmark.strong), ("concern ", benchmark.concern))
    parts = [f"{name}{bound(value, unit).text}" for name, value in named if value is not None]
    return f"{', '.join(parts)} ({benchmark.source})"
