"""The lines about metrics: a few examples on the events at hand, live, and what else could be written, in comments."""

from __future__ import annotations

from engagement_cli.settings.names import ACTIVE
from engagement_cli.setup.found import Found
from engagement_cli.setup.vocabulary import kind_of_event
from engagement_cli.setup.words import word

_PRESENCE = ("being there", "looking")
_ACTION = ("using", "acting", "creating", "judging", "collecting")


def metric_sections(found: Found) -> list[list[str]]:
    """`metrics:` and, in comments, `gates:`; nothing without events."""
    names = [event for event in found.events["event"].to_list() if event != ACTIVE]
    if not names:
        return []
    kinds = {name: kind_of_event(name).name for name in reversed(names)}
    purchases = [name for name in names if kinds[name] == "purchase"]
    bought = next((name for name in purchases if "checkout" not in name.lower()), next(iter(purchases), None))
    acted = next((name for name in names if kinds[name] in _ACTION), None) or names[0]
    came = next((name for name in names if kinds[name] in _PRESENCE and name != bought), None)
    first = came or next((name for name in names if name != bought), None)
    lines = [
        "# Metrics of your own, beside the catalogue's; an entry of the same name as one of those changes it.",
        "metrics:",
        "  my_weekly_actions:",
        "    type: aggregate",
        f"    label: {word(f'{bought or acted} a week')}",
        "    count: events",
        f"    events: [{word(bought or acted)}]",
        "    every: week",
        f"    dimension: {'value' if bought else 'interaction'}",
        "    better: higher",
    ]
    if bought is not None and first is not None:
        lines += [
            "  my_buyers_per_visitor:",
            "    type: ratio",
            f"    label: {word(f'Customers with {bought} for each with {first}')}",
            "    every: month",
            f"    numerator: {{count: customers, events: [{word(bought)}]}}",
            f"    denominator: {{count: customers, events: [{word(first)}]}}",
            "    dimension: value",
            "    better: higher",
        ]
    start = first or names[0]
    lines += [
        f"  # my_return: {{type: retention, start: {word(start)}, return: active, every: week, intervals: 5}}",
        f"  # my_funnel: {{type: funnel, steps: [{word(start)}, {word(bought or acted)}], window: 14d}}",
        "  # A goal: target: {increase: 20%, within: quarter, from: 2025-07-01}, or target: {at_least: 500}",
    ]
    return [lines]
