"""From the shared options to settings, exports and a time range: what every command that reads exports starts with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from engagement_cli.commands.memory import memory_limit
from engagement_cli.commands.options import Options
from engagement_cli.engines.plan import Limits
from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import ENGINES, Outcome, Question, ask
from engagement_cli.render.documents import Document
from engagement_cli.render.messages import print_warning
from engagement_cli.render.output import write
from engagement_cli.render.progress import progress_bar
from engagement_cli.results import Answer
from engagement_cli.samples.shipped import sample_sources, shipped_sample
from engagement_cli.settings.loader import Loaded, find_configuration, load_settings
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.settings.values import parse_duration, parse_grain, parse_instant
from engagement_cli.sources.exports import Exports, Overrides, open_exports
from engagement_cli.timeline.clock import Range

SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


@dataclass(frozen=True)
class Session:
    """One call's settings, opened exports and range."""

    options: Options
    loaded: Loaded
    settings: Settings
    exports: Exports
    range: Range

    def ask(self, metrics: Mapping[str, MetricParameters], **more: Any) -> Outcome:
        """Measure metrics of this session's exports."""
        options = self.options
        with progress_bar(hidden=options.output.quiet or options.output.no_progress) as progress:
            return ask(
                Question(
                    settings=self.settings,
                    exports=self.exports,
                    metrics=metrics,
                    range=self.range,
                    by=tuple(options.choice.by or ()),
                    strict=options.running.strict,
                    engine=_engine(options.running.engine),
                    limits=Limits(memory=memory_limit(options.running.memory)),
                    progress=progress,
                    loaded=self.loaded,
                    **more,
                )
            )

    def show(self, document: Document, answer: Answer | None = None) -> None:
        """Write a document where the options say, and the answer's warnings to stderr."""
        write(document, self.options.output.format, self.options.output.out)
        if answer is not None and not self.options.output.quiet:
            console = Console(stderr=True)
            for warning in answer.warnings:
                print_warning(warning, console)

    def reported(self) -> dict[str, MetricParameters]:
        """The catalogue's metrics that the report shows, at the grain that the options ask for."""
        every = self.options.time.every
        changes = {} if every is None else {"every": parse_grain(every)}
        return {
            name: p.model_copy(update=changes if p.every.unit != "total" else {})
            for name, p in self.settings.metrics.items()
            if p.report
        }

    def view(self, type_name: str, given: Mapping[str, Any]) -> MetricParameters:
        """A metric entry built from a view's options; None means not given. Problems name the option."""
        entry = {key: value for key, value in given.items() if value is not None}
        if self.options.time.every is not None:
            entry["every"] = self.options.time.every
        return parse_entry(type_name, entry)


def load(options: Options) -> Loaded:
    """The configuration that the options name or that lies here, with the options that override it."""
    path = options.inputs.config or (None if options.inputs.sample else find_configuration(Path.cwd()))
    if path is not None and not path.is_file():
        raise UserError("the configuration does not exist", where=str(path), hint="`engagement init` writes one")
    return load_settings(path, types=PARAMETERS, preset=shipped_preset)


def open_session(options: Options) -> Session:
    """Settings, exports and range of a call. Raises UserError, also where there is nothing to read."""
    loaded = load(options)
    settings = _overridden(loaded.settings, options)
    paths = {name: tuple(given) for name in SOURCES if (given := getattr(options.inputs, name))}
    if options.inputs.sample:
        paths = {name: (str(file),) for name, file in shipped_sample().items()} | paths
        settings = settings.model_copy(update={"sources": sample_sources()})
    overrides = Overrides(paths=paths, maps=tuple(options.inputs.map or ()))
    exports = open_exports(settings, loaded.directory, overrides)
    if not exports.sources:
        raise UserError(
            "nothing to read: no export is given or configured",
            hint="add --events FILE (and --surveys, --subscriptions, --customers), write an engagement.yaml with "
            "`engagement init FILE`, or try everything at once with --sample",
        )
    return Session(options, loaded, settings, exports, parse_range(options))


def parse_range(options: Options) -> Range:
    """The time options as a range. Raises UserError that names the option."""
    time = options.time
    return Range(
        as_of=_parsed("--as-of", time.as_of, parse_instant),
        since=_parsed("--since", time.since, parse_instant),
        until=_parsed("--until", time.until, parse_instant),
        last=_parsed("--last", time.last, parse_duration),
    )


def parse_entry(type_name: str, entry: Mapping[str, Any]) -> MetricParameters:
    """A metric entry from options, validated by its type's parameters. Raises UserError that names the option."""
    try:
        return PARAMETERS[type_name].model_validate({"type": type_name, **entry})
    except ValidationError as error:
        raise UserError(
            [
                Problem(
                    str(e["msg"]).removeprefix("Value error, "),
                    where="--" + str(e["loc"][0]).replace("_", "-") if e["loc"] else type_name,
                )
                for e in error.errors()
            ]
        ) from None


def _parsed(option: str, text: str | None, parse: Callable[[Any], Any]) -> Any:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise UserError(str(error), where=option) from None


def _overridden(settings: Settings, options: Options) -> Settings:
    changes: dict[str, Any] = {}
    if options.time.timezone is not None:
        changes["timezone"] = options.time.timezone
    if options.time.week_start is not None:
        changes["week_start"] = options.time.week_start
    if options.choice.where is not None:
        changes["exclude"] = {
            **settings.model_dump()["exclude"],
            "where": {"where": f"NOT coalesce(({options.choice.where}), FALSE)"},
        }
    if options.time.every is not None:
        _parsed("--every", options.time.every, parse_grain)
    if not changes:
        return settings
    try:
        validated = Settings.model_validate(dict(changes))
    except ValidationError as error:
        raise UserError(str(error.errors()[0]["msg"]), where=f"--{error.errors()[0]['loc'][0]}") from None
    return settings.model_copy(update={key: getattr(validated, key) for key in changes})


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise UserError(f"there is no engine {name!r}", where="--engine", hint=did_you_mean(name, ENGINES))
    return name
