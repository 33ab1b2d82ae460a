"""Names inside a configuration that no export can make good: of metrics, and the reserved `active`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from engagement_cli.errors import Problem, did_you_mean
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath, Places
from engagement_cli.settings.problems import Located

ACTIVE = "active"


def name_problems(settings: Settings, places: Places, inherited: AbstractSet[Path] = frozenset()) -> list[Located]:
    """Gates, alerts, metrics and boards that name unknown metrics, metrics that need themselves, misuse of `active`.

    `inherited` are the shipped files that a user's own extends: a board of theirs may name a metric that he removed.
    """
    found = [*_metrics(settings, places), *_circles(settings, places), *_reserved(settings, places)]
    return [*found, *_boards(settings, places, inherited)]


def _metrics(settings: Settings, places: Places) -> Iterator[Located]:
    used: list[tuple[KeyPath, str]] = [
        *((("gates", index, "metric"), gate.metric) for index, gate in enumerate(settings.gates)),
        *((("alerts", index, "metric"), alert.metric) for index, alert in enumerate(settings.alerts)),
        *((("metrics", name), read) for name, metric in settings.metrics.items() for read in metric.metrics_read()),
    ]
    for path, name in used:
        if name not in settings.metrics:
            what = f"there is no metric {name!r}"
            yield path, Problem(what, places.where(path), did_you_mean(name, settings.metrics))


def _boards(settings: Settings, places: Places, inherited: AbstractSet[Path]) -> Iterator[Located]:
    used: list[tuple[KeyPath, str]] = []
    for name, board in settings.views.items():
        used += [(("views", name, "metrics", index), metric) for index, metric in enumerate(board.metrics)]
        for number, finding in enumerate(board.findings):
            for key, metrics in (("high", finding.high), ("low", finding.low)):
                used += [(("views", name, "findings", number, key), metric) for metric in metrics]
    for path, metric in used:
        place = places.nearest(path)
        if metric not in settings.metrics and (place is None or place.file not in inherited):
            what = f"there is no metric {metric!r}"
            yield path, Problem(what, places.where(path), did_you_mean(metric, settings.metrics))


def _circles(settings: Settings, places: Places) -> Iterator[Located]:
    for name in settings.metrics:
        seen: set[str] = set()
        reached = [*settings.metrics[name].metrics_read()]
        while reached:
            read = reached.pop()
            if read not in seen and read in settings.metrics:
                seen.add(read)
                reached += settings.metrics[read].metrics_read()
        if name in seen:
            path = ("metrics", name)
            yield path, Problem(f"the metric {name!r} is computed from itself", places.where(path))


def _reserved(settings: Settings, places: Places) -> Iterator[Located]:
    if ACTIVE in settings.events:
        path: KeyPath = ("events", ACTIVE)
        hint = "name it otherwise, with where: \"event = 'active'\""
        yield path, Problem("`active` is reserved for what `active:` says", places.where(path), hint)
    if settings.active is not None and ACTIVE in (settings.active.events or ()):
        yield ("active",), Problem("`active:` cannot name itself", places.where(("active",)))
