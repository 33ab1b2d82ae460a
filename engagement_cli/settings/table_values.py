"""What the configuration says of columns of the customer table: the rules behind them, the order of their values."""

from __future__ import annotations

from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import RUNGS

_LEVELS = ("high", "low")
_FLAGS = ("active", "paying", "in_trial", "former_subscriber")


def rule_of(column: str, settings: Settings) -> str | None:
    """The SQL of a column of the customer table that the configuration's rules make; None for others."""
    if column in settings.signals:
        return settings.signals[column].where
    return settings.segments[column].where if column in settings.segments else None


def values_in_order(column: str, settings: Settings) -> tuple[str, ...]:
    """The values that a column of the customer table may have, where the configuration says them, from the lowest."""
    bands, rungs = tuple(settings.score.bands), ("none", *RUNGS)
    quadrants = tuple(f"{value} value, {influence} influence" for value in _LEVELS for influence in _LEVELS)
    known = {
        "band": bands,
        "band_before": bands,
        "rung": rungs,
        "rung_before": rungs,
        "rung_move": ("up", "same", "down"),
        "trend": ("up", "steady", "down"),
        "rfm_segment": tuple(settings.profile.rfm),
        "quadrant": quadrants,
        "quadrant_before": quadrants,
        "nps_group": ("promoter", "passive", "detractor"),
        "advocacy": ("advocate", "neither", "detractor"),
    }
    return known.get(column, ())


def says_of_customers(name: str, settings: Settings) -> bool:
    """Whether a name is a column of the customer table that divides customers, other than a property or preference."""
    return name in _FLAGS or rule_of(name, settings) is not None or bool(values_in_order(name, settings))
