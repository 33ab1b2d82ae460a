"""`engagement metrics list` and `metrics show`: the catalogue, and one definition in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engagement_cli.commands.options import Options, Stage
from engagement_cli.commands.sharing import shared

if TYPE_CHECKING:
    import polars as pl

    from engagement_cli.settings.metric import MetricParameters
    from engagement_cli.settings.model import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="metrics", help="The catalogue: what can be measured, and how.", no_args_is_help=True)
    group.command(name="list")(list_metrics)
    group.command(name="show")(show_metric)
    app.add_typer(group)


@shared
def list_metrics(
    options: Options,
    available: Annotated[
        bool, typer.Option("--available", help="Say which of them the exports can feed, and what is missing.")
    ] = False,
    stage: Stage = None,
) -> None:
    """Every metric of the catalogue: name, type, dimension, unit, period."""
    from engagement_cli.commands.choosing import of_stage
    from engagement_cli.commands.given import load
    from engagement_cli.render.documents import Rows
    from engagement_cli.render.output import write

    if not available:
        settings = load(options).settings
        table = _listed(settings, of_stage(settings.metrics, stage), None)
        page = Rows("Metrics", table, name="metrics", notes=[f"{table.height} metrics"])
        write(page, options.output.format, options.output.out)
        return
    from engagement_cli.commands.session import open_session  # only where exports are read

    session = open_session(options)
    metrics = of_stage(session.settings.metrics, stage)
    answer = session.ask(metrics, lenient=True).answer
    table = _listed(session.settings, metrics, answer.unavailable)
    fed = table.height - len(answer.unavailable)
    notes = [f"{fed} of {table.height} metrics can be fed by these exports"]
    session.show(Rows("Metrics", table, name="metrics", notes=notes), answer)


def _listed(
    settings: Settings, metrics: Mapping[str, MetricParameters], missing: Mapping[str, str] | None
) -> pl.DataFrame:
    import polars as pl

    from engagement_cli.catalogue.outline import empty_views
    from engagement_cli.metrics.registry import METRIC_TYPES

    views = empty_views(metrics, METRIC_TYPES, settings)
    rows: list[dict[str, Any]] = []
    for name, p in metrics.items():
        measure = views[name].measures[0]
        row: dict[str, Any] = {"name": name}
        if missing is not None:
            row |= {"missing": missing.get(name), "available": name not in missing}
        row |= {
            "label": p.label or name.replace("_", " "),
            "type": p.type,
            "dimension": p.dimension,
            "unit": measure.unit,
            "every": str(p.every),
        }
        rows.append(row | {"measure": measure.column, "stage": p.stage})
    columns = ("name", *(() if missing is None else ("missing", "available")), "label")
    columns += ("type", "dimension", "unit", "every", "measure", "stage")
    return pl.DataFrame(rows, schema={c: pl.Boolean if c == "available" else pl.String for c in columns})


@shared
def show_metric(
    options: Options, metric: Annotated[str, typer.Argument(metavar="METRIC", help="A metric's name.")]
) -> None:
    """One metric's definition, formula, source, parameters and unit, and the entry that defines it."""
    from engagement_cli.commands.definition import definition_facts, known_metric
    from engagement_cli.commands.given import load
    from engagement_cli.render.documents import Facts
    from engagement_cli.render.output import write

    loaded = load(options)
    p = known_metric(loaded.settings, metric)
    title = p.label or metric.replace("_", " ")
    facts = Facts(title, definition_facts(loaded, metric, p), name="metrics show", parameters={"metric": metric})
    write(facts, options.output.format, options.output.out)
