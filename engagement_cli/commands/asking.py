"""How metrics of opened exports are measured; what this takes is loaded while they are opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engagement_cli.commands.keeping import cache_terms
from engagement_cli.commands.memory import memory_limit
from engagement_cli.commands.options import Running
from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.pipeline import ENGINES, Outcome, Question, ask
from engagement_cli.render.progress import progress_bar, weights_of_report
from engagement_cli.settings.metric import MetricParameters

if TYPE_CHECKING:
    from engagement_cli.commands.session import Session


def asked(session: Session, metrics: Mapping[str, MetricParameters], by: tuple[str, ...], **more: Any) -> Outcome:
    """Measure metrics of a session's exports, divided by segments, as its options say."""
    options = session.options
    hidden = options.output.quiet or options.output.no_progress
    with progress_bar(weights_of_report(len(metrics)), hidden=hidden) as progress:
        return ask(
            Question(
                settings=session.settings,
                exports=session.exports,
                metrics=metrics,
                range=session.range,
                by=by,
                uncounted=session.uncounted,
                strict=options.running.strict,
                engine=_engine(options.running),
                limits=Limits(
                    memory=memory_limit(options.running.memory),
                    remote=options.running.spark_remote,
                    master=options.running.spark_master,
                ),
                crew=session.crew,
                cache=cache_terms(options.running, options.output),
                progress=progress,
                loaded=session.loaded,
                **more,
            )
        )


def _engine(running: Running) -> str:
    """The engine that is asked for; where Spark is to work, its name need not be given besides."""
    if running.spark_remote is not None and running.spark_master is not None:
        raise UserError("--spark-remote and --spark-master name two clusters", hint="give one of them")
    of_spark = running.spark_remote is not None or running.spark_master is not None
    engine = running.engine or ("spark" if of_spark else "local")
    if engine not in ENGINES:
        hint = did_you_mean(engine, ENGINES)
        raise UserError(f"there is no engine {engine!r}", where="--engine", hint=hint)
    if of_spark and engine != "spark":
        raise UserError(f"--engine {engine} does not work on a cluster", hint="leave it out, or name no cluster")
    return engine
