"""Which shipped preset speaks the language of an export, if one does."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import polars as pl

from engagement_cli.settings.presets import shipped_preset, shipped_presets
from engagement_cli.settings.tree import Tree
from engagement_cli.settings.yaml_lines import read_yaml

_FEWEST_NAMES = 3
_LEAST_SHARE = 0.1  # of all rows


def own_vocabularies() -> dict[str, frozenset[str]]:
    """The event names that each shipped preset adds to those of the catalogue."""
    named = {preset: _events_of(preset) for preset in shipped_presets()}
    common = named.pop("default")
    return {preset: names - common for preset, names in named.items()}


def _events_of(preset: str) -> frozenset[str]:
    tree, _ = read_yaml(shipped_preset(preset))
    return frozenset(tree.entries.get("events", Tree({}, tree.place)).entries)


def fitting_preset(events: pl.DataFrame, vocabularies: Mapping[str, AbstractSet[str]]) -> str | None:
    """The preset whose own event names the export uses most; None where no preset clearly fits.

    `events` has columns event and rows, one row an event; `vocabularies` are the names that each preset adds to the
    catalogue. A preset fits when the export has at least three of them, with a tenth of all rows or more; the one with
    the most names is taken, and none where two have equally many.
    """
    total = int(events["rows"].sum())
    fitting = []
    for preset, names in vocabularies.items():
        known = events.filter(pl.col("event").is_in(sorted(names)))
        if known.height >= _FEWEST_NAMES and known["rows"].sum() >= _LEAST_SHARE * total:
            fitting.append((known.height, preset))
    best = max((count for count, _ in fitting), default=0)
    winners = [preset for count, preset in fitting if count == best]
    return winners[0] if len(winners) == 1 else None
