"""Where a value stands: a line of a file, and the path of keys that leads to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from engagement_cli.records import Record

if TYPE_CHECKING:
    from engagement_cli.settings.tree import Tree

Key: TypeAlias = str | int
KeyPath: TypeAlias = tuple[Key, ...]


class Place(NamedTuple):
    """A line of a file; lines count from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        """`engagement.yaml:12`, relative to the working folder where it lies inside."""
        return f"{show_path(self.file)}:{self.line}"


def show_path(path: Path) -> str:
    """A path as a user would write it: relative to the working folder where it lies inside, else whole."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def short_path(path: Path) -> str:
    """A path for a passing mention: as `show_path` where it lies inside the working folder, else its last two parts."""
    shown = Path(show_path(path))
    return str(Path("…", *shown.parts[-2:])) if shown.is_absolute() and len(shown.parts) > 3 else str(shown)


class Places(Record):
    """Where every value of a merged configuration stands, and the order of the files in messages."""

    tree: Tree | None = None
    files: tuple[Path, ...] = ()

    def has(self, path: KeyPath) -> bool:
        """Whether a value is written down."""
        return self.tree is not None and len(self.tree.down(path)) > len(path)

    def nearest(self, path: KeyPath) -> Place | None:
        """The place of a value, or of the nearest thing around it that is written down."""
        return None if self.tree is None else self.tree.down(path)[-1].place

    def where(self, path: KeyPath) -> str:
        """`engagement.yaml:12 metrics.checkout.steps[1]`."""
        place = self.nearest(path)
        return " ".join(filter(None, (str(place) if place else "", show_key_path(path))))

    def rank(self, path: KeyPath) -> tuple[int, int]:
        """The order of problems: by file, the configuration's own first, then by line."""
        place = self.nearest(path)
        if place is None or place.file not in self.files:
            return len(self.files), 0
        return self.files.index(place.file), place.line


def show_key_path(path: KeyPath) -> str:
    """`metrics.checkout.steps[1].where`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
