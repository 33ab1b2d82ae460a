"""What the shared options say, with the configuration: settings, paths and mappings; no export is read yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from engagement_cli.commands.options import Options
from engagement_cli.errors import Problem, UserError
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.records import Record
from engagement_cli.settings.loader import Loaded, find_configuration, load_settings
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import Places
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.settings.values import parse_duration, parse_instant
from engagement_cli.timeline.clock import Range

if TYPE_CHECKING:
    from engagement_cli.sources.exports import Overrides

Model = TypeVar("Model", bound=BaseModel)
_OPTIONS = {"steps": "step"}  # options that are not called like the field they fill
SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


class Given(Record):
    """One call's configuration, its settings with what the options override, and where the exports are."""

    loaded: Loaded
    settings: Settings
    overrides: Overrides


def load(options: Options) -> Loaded:
    """The configuration that the options name or that lies here; with `--sample` alone, the packaged catalogue."""
    path = options.inputs.config or (None if options.inputs.sample else find_configuration(Path.cwd()))
    if path is not None and not path.is_file():
        raise UserError("the configuration does not exist", where=str(path), hint="`engagement init` writes one")
    return load_settings(path, types=PARAMETERS, preset=shipped_preset)


def resolve(options: Options, loaded: Loaded | None = None, *, whole_files: bool = False) -> Given:
    """Settings and paths of a call. Raises `UserError`, also where no export is given or configured.

    `loaded` is the configuration if it has been read already. With `whole_files`, `--where` leaves no row out.
    """
    from engagement_cli.samples.shipped import sample_sources, shipped_sample  # what only lists metrics reads no export
    from engagement_cli.sources.exports import Overrides

    loaded = loaded or load(options)
    settings = _overridden(loaded.settings, options, whole_files=whole_files)
    paths = {name: tuple(given) for name in SOURCES if (given := getattr(options.inputs, name))}
    if options.inputs.sample:
        paths = {name: (str(file),) for name, file in shipped_sample().items()} | paths
        settings = settings.model_copy(update={"sources": sample_sources()})
    if not paths and not settings.sources.model_fields_set:
        raise UserError(
            "nothing to read: no export is given or configured",
            hint="add --events FILE (and --surveys, --subscriptions, --customers), write an engagement.yaml with "
            "`engagement init FILE`, or try everything at once with --sample",
        )
    return Given(loaded, settings, Overrides(paths=paths, maps=tuple(options.inputs.map or ())))


def parse_range(options: Options) -> Range:
    """The time options as a range. Raises `UserError` that names the option."""
    time = options.time
    if time.last is not None and time.since is not None:
        raise UserError("--last and --since both say where the range starts", where="--last", hint="give one of them")
    return Range(
        as_of=parsed("--as-of", time.as_of, parse_instant),
        since=parsed("--since", time.since, parse_instant),
        until=parsed("--until", time.until, parse_instant),
        last=parsed("--last", time.last, parse_duration),
    )


def parse_entry(type_name: str, entry: Mapping[str, Any]) -> MetricParameters:
    """A metric entry from options, validated by its type's parameters. Raises `UserError` that names the options."""
    model = PARAMETERS[type_name]
    return _validated(model, {"type": type_name, **entry})


def parsed(option: str, text: str | None, parse: Callable[[Any], Any]) -> Any:
    """An option's text parsed as the configuration parses it; None stays None. Raises `UserError` that names it."""
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise UserError(str(error), where=option, hint=getattr(error, "hint", None)) from None


def _overridden(settings: Settings, options: Options, *, whole_files: bool) -> Settings:
    given = {"timezone": options.time.timezone, "week_start": options.time.week_start}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if options.choice.where is not None and not whole_files:
        from engagement_cli.sources.exports import sql_columns

        sql_columns(options.choice.where, "--where")  # it must be SQL by itself
        name = "where" if "where" not in settings.exclude else "--where"
        rule = {name: {"where": f"NOT coalesce(({options.choice.where}\n), FALSE)"}}  # it may end in a comment
        changes["exclude"] = {**settings.model_dump()["exclude"], **rule}
    if not changes:
        return settings
    validated = _validated(Settings, changes)
    return settings.model_copy(update={key: getattr(validated, key) for key in changes})


def _validated(model: type[Model], data: Mapping[str, Any]) -> Model:
    """Data from options as a model; its problems name the options."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        from engagement_cli.settings.problems import translate

        found = translate(error, model, dict(data), Places())
        problems = [Problem(p.what, _option(path), p.hint) for path, p in found]
        raise UserError(problems) from None


def _option(path: tuple[str | int, ...]) -> str | None:
    return f"--{_OPTIONS.get(str(path[0]), str(path[0]))}".replace("_", "-") if path else None
