"""From a view to metric rows: one number a row, with the period before, the change and the target's status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
import polars as pl

from engagement_cli.catalogue.annotations import noted
from engagement_cli.catalogue.targets import judged, standing
from engagement_cli.metrics.protocol import Context
from engagement_cli.render.numbers import bound, quantity
from engagement_cli.render.text import plural
from engagement_cli.results import ROW_SCHEMA, SCHEMA_VERSION, Finished, Measure, View
from engagement_cli.settings.definitions import definition_hashes
from engagement_cli.settings.metric import Benchmark, MetricParameters

_SERIES = ("metric", "measure", "segments", "index", "step", "cohort_start")
_SAID = ("metric", "measure", "unit", "label", "dimension", "stage", "type", "every", "definition")
_MELTED = (
    *("period_start", "period_end", "cohort_start", "index", "step", "segments", "value"),
    *("numerator", "denominator", "n", "ci_low", "ci_high", "complete", "flags"),
)
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
    parts: list[dict[str, pl.Series]] = []
    said, tall, heights = [], [], dict.fromkeys(metrics, 0)
    for name, p in metrics.items():
        view, words = views[name], (_label(name, p), p.dimension, p.stage, p.type, str(p.every), definitions[name])
        for table in (view.table,) if view.headline is None else (view.table, view.headline):
            columns = dict(zip(table.columns, table.get_columns(), strict=True))
            for measure in view.measures:
                parts.append(_melted(view, columns, measure))
                said.append((name, measure.column, measure.unit, *words))
                tall.append(table.height)
                heights[name] += table.height
    part = np.repeat(np.arange(len(said)), tall)
    rows = pl.DataFrame([_column(column, parts, tall) for column in _MELTED])
    rows = rows.hstack(pl.DataFrame(said, schema=_schema(_SAID), orient="row")[part])
    series = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in _SERIES], separator="\x1f")
    known = pl.col("complete") & pl.col("value").is_not_null() & pl.col("period_start").is_not_null()
    # The complete period before: the series' next earlier row, if that one is complete.
    rows = rows.with_columns(_series=series, _known=pl.when(known).then(pl.col("value")))
    rows = rows.with_columns(previous=pl.col("_known").shift(1).over("_series", order_by="period_start"))
    rows = rows.with_columns(previous=pl.when(pl.col("period_start").is_not_null() & known).then("previous"))
    difference = (pl.col("value") - pl.col("previous")) / pl.col("previous").abs()
    rows = rows.with_columns(
        schema_version=pl.lit(SCHEMA_VERSION),
        as_of=pl.lit(clock.text(clock.as_of) if clock.dated else None),
        through=pl.lit(clock.through()),
        flags=pl.col("flags").fill_null(""),
        change=pl.when(pl.col("previous") != 0).then(difference),
        target=None,
        status=None,
    ).select(pl.col(column).cast(dtype) for column, dtype in ROW_SCHEMA.items())
    ends = accumulate(heights.values(), initial=0)
    return {name: rows.slice(end, height) for end, (name, height) in zip(ends, heights.items(), strict=False)}


def _schema(columns: tuple[str, ...]) -> dict[str, pl.DataType]:
    return {column: ROW_SCHEMA[column] for column in columns}


def _melted(view: View, columns: dict[str, pl.Series], measure: Measure) -> dict[str, pl.Series]:
    """One measure of a table's columns under the rows' names, without those that it does not have."""
    called = {
        "index": view.index,
        "step": view.step_column,
        "value": measure.column,
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "n": measure.n,
        "ci_low": measure.ci_low,
        "ci_high": measure.ci_high,
    }
    return {column: columns[name] for column in _MELTED if (name := called.get(column, column)) in columns}


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
