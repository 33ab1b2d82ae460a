"""Boards: many metrics side by side, by a segment and a period."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from engagement_cli.settings.mistakes import SettingError
from engagement_cli.settings.values import Every, Names, Strict


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names, each of them once. Raises `SettingError` for one that is repeated."""
    repeated = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if repeated is not None:
        raise SettingError(f"{repeated!r} stands here twice", "name each once")
    return names


class Finding(Strict):
    """What to say of a segment in which one metric is surely above that of the others, and another surely below."""

    high: Annotated[Names, Field(min_length=1)]
    low: Annotated[Names, Field(min_length=1)]
    says: str


class Board(Strict):
    """Metrics by name, in the order in which they are shown, each by its primary measure."""

    title: str | None = None
    by: Annotated[Names, AfterValidator(once)] = Field(
        (), description="segments, one row each; without any, the metrics are the rows and the periods the columns"
    )
    every: Every | None = Field(None, description="the period of all its metrics; default: each metric's own")
    metrics: Annotated[Names, Field(min_length=1), AfterValidator(once)]
    findings: tuple[Finding, ...] = Field(
        (), description="said under the table where intervals support it; of those metrics that the board has"
    )
    notes: Names = Field((), description="sentences under the table")
