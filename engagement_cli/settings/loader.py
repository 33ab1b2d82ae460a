"""A configuration file, and what it extends, as validated settings; every problem at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from engagement_cli.errors import Problem, UserError
from engagement_cli.records import Record
from engagement_cli.settings.extends import Document, Preset, read_chain
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath, Places, show_path
from engagement_cli.settings.ready import Ready
from engagement_cli.settings.tree import Parsed, Tree


class Loaded(Record):
    """Validated settings, and where they come from.

    `files` are the configuration and what it extends, in that order, `said` is what they say together; `preset_files`
    are those of `files` that the program ships.
    """

    settings: Settings
    files: tuple[Path, ...]
    directory: Path
    said: Parsed | Ready
    preset_files: frozenset[Path] = frozenset()

    @cached_property
    def places(self) -> Places:
        """Where everything stands."""
        return Places(self.said.tree, self.files)

    @cached_property
    def entry_files(self) -> dict[str, str]:
        """`file:line` of each metric; a file's name is made once, not with each of a hundred metrics."""
        shown = {file: show_path(file) for file in self.files}
        found = {name: self.places.nearest(_section(name, self.places)) for name in self.settings.metrics}
        return {name: f"{shown[place.file]}:{place.line}" for name, place in found.items() if place is not None}

    def where(self, path: KeyPath) -> str:
        """The file, line and keys of a value, in words."""
        return self.places.where(path)

    @property
    def has_own(self) -> bool:
        """Whether there is a file of the user's, not only such as the program ships."""
        return not self.preset_files.issuperset(self.files)

    def is_own(self, path: KeyPath) -> bool:
        """Whether a value stands in a file of the user's."""
        place = self.places.nearest(path) if self.has_own else None
        return self.has_own and (place is None or place.file not in self.preset_files)

    def owns_metric(self, name: str) -> bool:
        """Whether a metric, or the signal that implies it, stands in a file of the user's."""
        return self.has_own and self.is_own(_section(name, self.places))


def load_settings(path: Path | None, *, types: Mapping[str, type[MetricParameters]], preset: Preset) -> Loaded:
    """Read, merge and check a configuration; `None` stands for the preset `default` alone.

    `types` has the parameter model of each metric type, `preset` the file of each shipped preset. Relative paths of
    sources are resolved against the folder of the file in which they stand. Raises UserError with all problems.
    """
    problems: list[Problem] = []
    documents = read_chain(path, preset, problems)
    files = tuple(document.file for document in documents)
    presets = frozenset(document.file for document in documents if document.preset)
    folder = Path.cwd() if path is None else path.parent.absolute()
    *own, last = documents
    if not own and isinstance(last.said, Ready):
        return Loaded(last.said.settings, files, folder, last.said, presets)
    from engagement_cli.settings.names import name_problems  # what is ready needs none of this
    from engagement_cli.settings.validation import validate

    tree = last.said.tree if isinstance(last.said, Ready) else _merged(Tree({}, last.said.tree.place), last, problems)
    for document in reversed(own):
        tree = _merged(tree, document, problems)
    places = Places(tree, files)
    ready = last.said.unchanged(tree) if isinstance(last.said, Ready) else {}
    settings, found = validate(tree, types, places, ready)
    if settings is not None:
        found += name_problems(settings, places, presets if path is not None else frozenset())
    problems += [problem for _, problem in sorted(found, key=lambda pair: places.rank(pair[0]))]
    if problems or settings is None:
        raise UserError(problems)
    return Loaded(settings, files, folder, Parsed(tree), presets)


def _merged(tree: Tree, document: Document, problems: list[Problem]) -> Tree:
    from engagement_cli.settings.merge import merge
    from engagement_cli.settings.source_paths import absolute_paths

    return merge(tree, absolute_paths(document.said.tree, document.file.parent), problems)


def _section(metric: str, places: Places) -> KeyPath:
    """Where a metric stands: among the metrics, or as the signal that implies it."""
    written = places.has(("metrics", metric))
    return ("metrics" if written else "signals", metric)


def find_configuration(start: Path) -> Path | None:
    """`engagement.yaml` in a folder, or in the nearest of its parents; None if there is none."""
    start = start.absolute()
    return next((f for folder in (start, *start.parents) if (f := folder / "engagement.yaml").is_file()), None)
