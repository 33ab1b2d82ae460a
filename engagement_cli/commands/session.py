"""From the shared options to settings, exports and a time range: what every command that reads exports starts with."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engagement_cli.commands.crewing import crew_for
from engagement_cli.commands.filtering import uncounted
from engagement_cli.commands.given import parse_entry, parse_range, parsed, resolve
from engagement_cli.commands.options import Options
from engagement_cli.errors import UserError
from engagement_cli.records import Record, field
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, parse_grain
from engagement_cli.sources.exports import Exports, open_exports
from engagement_cli.timeline.clock import Range

if TYPE_CHECKING:
    from engagement_cli.customers.table import Profiling
    from engagement_cli.engines.crew.crew import Crew
    from engagement_cli.pipeline import Outcome
    from engagement_cli.render.documents import Document
    from engagement_cli.results import Answer

# What takes a tenth of a second to load, after the settings; none of it is needed before the exports are open.
_WORKING = ("engagement_cli.commands.asking", "engagement_cli.render.output")


class Session(Record):
    """One call's settings, opened exports and range."""

    options: Options
    loaded: Loaded
    settings: Settings
    exports: Exports
    range: Range
    uncounted: Mapping[str, str] = field(default_factory=dict)  # sources that `--where` leaves out, and why
    crew: Crew | None = None  # that measures, where the exports are large

    @property
    def by(self) -> tuple[str, ...]:
        """The breakdown that the options ask for."""
        return tuple(dict.fromkeys(self.options.choice.by or ()))

    def ask(
        self, metrics: Mapping[str, MetricParameters], *, by: tuple[str, ...] | None = None, **more: Any
    ) -> Outcome:
        """Measure metrics of this session's exports, divided as the options ask unless `by` says otherwise."""
        from engagement_cli.commands.asking import asked

        return asked(self, metrics, self.by if by is None else by, **more)

    def profiling(self) -> Profiling:
        """Which columns of the customer table these exports can give."""
        from engagement_cli.planning import table_columns

        return table_columns(self.settings, self.exports, self.uncounted)

    def show(self, document: Document, answer: Answer | None = None) -> None:
        """Write a document where the options say, and the answer's warnings to stderr."""
        from engagement_cli.render.output import write

        write(document, self.options.output.format, self.options.output.out)
        if answer is not None:
            self.options.output.warn(answer.warnings)

    def reported(self) -> dict[str, MetricParameters]:
        """The catalogue's metrics that the report shows."""
        return {name: p for name, p in self.settings.metrics.items() if p.report}

    def view(self, type_name: str, given: Mapping[str, Any]) -> MetricParameters:
        """A metric entry built from a view's options; None means not given. Problems name the option."""
        entry = {key: value for key, value in given.items() if value is not None}
        if self.options.time.every is not None:
            entry["every"] = self.options.time.every
        return parse_entry(type_name, entry)


def open_session(options: Options) -> Session:
    """Settings, exports and range of a call. Raises UserError, also where there is nothing to read."""
    given = resolve(options)
    crew = crew_for(options.running, given)
    settings = _at_grain(given.settings, parsed("--every", options.time.every, parse_grain))
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_exports, given.settings, given.loaded.directory, given.overrides)
        for module in _WORKING:
            import_module(module)
        exports = opening.result()
    reasons = uncounted(options.choice.where, exports, given.settings)
    _refuse_overwriting(options.output.out, exports)
    return Session(options, given.loaded, settings, exports, parse_range(options), reasons, crew)


def _at_grain(settings: Settings, every: Grain | None) -> Settings:
    """The settings with the metrics at the period of `--every`, which is for entries that state none of their own.

    All of them, also those that only others compute with.
    """
    if every is None:
        return settings
    from engagement_cli.planning import at_grain

    metrics = {n: p if "every" in p.model_fields_set else at_grain(p, every) for n, p in settings.metrics.items()}
    return settings.model_copy(update={"metrics": metrics})


def _refuse_overwriting(out: Path | None, exports: Exports) -> None:
    """A slip of the shell must not cost an export."""
    if out is None or not out.exists():
        return
    for export in exports.sources.values():
        if any(out.samefile(file) for file in export.files):
            raise UserError(f"{out} is one of the exports", where=f"--out {out}", hint="write to another file")
