"""A configuration file, and what it extends, as validated settings; every problem at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engagement_cli.errors import Problem, UserError
from engagement_cli.records import Record, field
from engagement_cli.settings.extends import Preset, read_chain
from engagement_cli.settings.merge import merge
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.names import name_problems
from engagement_cli.settings.places import KeyPath, Places, show_path
from engagement_cli.settings.source_paths import absolute_paths
from engagement_cli.settings.validation import validate
from engagement_cli.settings.yaml_lines import Tree


class Loaded(Record):
    """Validated settings, and where they come from.

    `files` are the configuration and what it extends, in that order; `entry_files` has `file:line` of each metric.
    `preset_files` are those of `files` that the program ships.
    """

    settings: Settings
    files: tuple[Path, ...]
    directory: Path
    entry_files: dict[str, str]
    places: Places = field(default_factory=Places)
    preset_files: frozenset[Path] = frozenset()

    def is_own(self, path: KeyPath) -> bool:
        """Whether a value stands in a file of the user's, not in one that the program ships."""
        place = self.places.nearest(path)
        return place is None or place.file not in self.preset_files

    def owns_metric(self, name: str) -> bool:
        """Whether a metric, or the signal that implies it, stands in a file of the user's."""
        return self.is_own(_section(name, self.places))


def load_settings(path: Path | None, *, types: Mapping[str, type[MetricParameters]], preset: Preset) -> Loaded:
    """Read, merge and check a configuration; `None` stands for the preset `default` alone.

    `types` has the parameter model of each metric type, `preset` the file of each shipped preset. Relative paths of
    sources are resolved against the folder of the file in which they stand. Raises UserError with all problems.
    """
    problems: list[Problem] = []
    documents = read_chain(path, preset, problems)
    tree = Tree({}, documents[-1].tree.place)
    for document in reversed(documents):
        tree = merge(tree, absolute_paths(document.tree, document.file.parent), problems)
    files = tuple(document.file for document in documents)
    places = Places(dict(tree.places()), files)
    presets = frozenset(document.file for document in documents if document.preset)
    settings, found = validate(tree, types, places)
    if settings is not None:
        found += name_problems(settings, places, presets if path is not None else frozenset())
    problems += [problem for _, problem in sorted(found, key=lambda pair: places.rank(pair[0]))]
    if problems or settings is None:
        raise UserError(problems)
    return Loaded(
        settings=settings,
        files=files,
        directory=Path.cwd() if path is None else path.parent.absolute(),
        entry_files=_entry_files(settings, places),
        places=places,
        preset_files=presets,
    )


def _entry_files(settings: Settings, places: Places) -> dict[str, str]:
    """`file:line` of each metric; a file's name is made once, not with each of a hundred metrics."""
    shown = {file: show_path(file) for file in places.files}
    found = {name: places.nearest(_section(name, places)) for name in settings.metrics}
    return {name: f"{shown[place.file]}:{place.line}" for name, place in found.items() if place is not None}


def _section(metric: str, places: Places) -> KeyPath:
    """Where a metric stands: among the metrics, or as the signal that implies it."""
    written = ("metrics", metric) in places.of
    return ("metrics" if written else "signals", metric)


def find_configuration(start: Path) -> Path | None:
    """`engagement.yaml` in a folder, or in the nearest of its parents; None if there is none."""
    start = start.absolute()
    return next((f for folder in (start, *start.parents) if (f := folder / "engagement.yaml").is_file()), None)
