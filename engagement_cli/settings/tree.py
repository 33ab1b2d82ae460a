"""What a configuration says, every value with its file and line."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from engagement_cli.records import Record
from engagement_cli.settings.places import KeyPath, Place

Scalar: TypeAlias = bool | int | float | str | None


class Tree(NamedTuple):
    """A value with the place of its key (in a mapping) or of itself (in a list)."""

    value: Scalar | tuple[Tree, ...] | dict[str, Tree]
    place: Place

    @property
    def entries(self) -> dict[str, Tree]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def plain(self) -> object:
        """The value without places; lists as tuples, since settings are frozen."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return tuple(child.plain() for child in self.value)
        return self.value

    def down(self, path: KeyPath) -> list[Tree]:
        """The values on a path of keys and indexes, itself first, as far as there are any."""
        found = [self]
        for key in path:
            value = found[-1].value
            if isinstance(value, dict) and key in value:
                found.append(value[str(key)])
            elif isinstance(value, tuple) and isinstance(key, int) and key < len(value):
                found.append(value[key])
            else:
                break
        return found


class Parsed(Record):
    """What was read of a text, or merged of several."""

    tree: Tree
