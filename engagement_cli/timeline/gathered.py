"""Parts of a state's table that wait to be merged, so that few rows are in memory twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.merging import MANY
from engagement_cli.timeline.state import StateTable


@dataclass
class Gathered:
    """Parts of a table; the first is what was merged so far, `since` the rows of the others."""

    table: StateTable
    parts: list[Cells] = field(default_factory=list)
    since: int = 0

    @property
    def due(self) -> bool:
        """Whether what came since it was merged is as much as there was then, and worth it."""
        return self.since >= max(len(self.parts[0]), MANY)

    @property
    def whole(self) -> Cells:
        """All that was gathered; nothing may wait."""
        (whole,) = self.parts
        return whole

    def add(self, part: Cells) -> None:
        """Gather one more."""
        self.since += len(part) if self.parts else 0
        self.parts.append(part.narrowed() if len(part) > MANY else part)


def merge_together(gathered: Sequence[Gathered]) -> None:
    """Merge what was gathered; what metrics have in common, as the same parts, is merged once."""
    alike: dict[tuple[int, ...], list[Gathered]] = {}
    for each in gathered:
        alike.setdefault((id(each.table), *map(id, each.parts)), []).append(each)
    for same in alike.values():
        parts = same[0].parts
        for each in same:
            each.parts = []
        whole = same[0].table.merge(_used_up(parts))
        for each in same:
            each.parts, each.since = [whole], 0


def _used_up(parts: list[Cells]) -> Iterator[Cells]:
    while parts:
        yield parts.pop()
