"""What an answer should be read with: warnings about what was left out, not divided, or is as of another time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engagement_cli.planning import Feasible
from engagement_cli.settings.loader import Loaded
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.segments import PROFILES


def own_unavailable(loaded: Loaded | None, missing: Mapping[str, str]) -> list[str]:
    """A warning for each metric of the user's own configuration that cannot be measured."""
    if loaded is None:
        return []
    own = [name for name in missing if loaded.owns_metric(name)]
    return [f"the metric {name} cannot be measured: {missing[name]}" for name in own]


def uncounted(sources: Mapping[str, str]) -> list[str]:
    """One warning for all sources of which no row counts, and why."""
    if not sources:
        return []
    return [f"left out is what {' and '.join(sources)} tell: {'; '.join(sources.values())}"]


def as_of_the_end(plan: Feasible, by: Sequence[str]) -> list[str]:
    """A warning where periods are divided by what the customer table says of the report's end."""
    names = [name for name in by if plan.segments[name].source == PROFILES]
    if not names or all(plan.needs[name].sources == {PROFILES} for name in plan.metrics):
        return []
    told = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} as of the report's end in every period"
    return [f"{told}: who left may be low because they left"]


def undivided(plan: Feasible, by: Sequence[str], loaded: Loaded | None) -> list[str]:
    """One warning for all metrics that are shown without the breakdown that was asked for, or that their entry has."""
    names = [name for name in plan.undivided if name in plan.metrics]
    if not by and loaded is not None:  # of the catalogue's own breakdowns nobody asked
        names = [name for name in names if loaded.owns_metric(name)]
    if not names:
        return []
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [f"not divided by {', '.join(by) or 'their segments'}: {shown} ({plan.undivided[names[0]]})"]


def gaps(clock: Clock) -> list[str]:
    """A warning about days without a row where rows were expected."""
    if not clock.unreliable:
        return []
    days = [d.isoformat() for d in clock.unreliable]
    shown = ", ".join(days[:5]) + (f" and {len(days) - 5} more" if len(days) > 5 else "")
    return [f"no row on {shown}: the metrics of these days' periods are marked unreliable"]
