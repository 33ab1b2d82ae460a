"""Metrics that read other metrics: which must be measured with them, and in what order all are finished."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.settings.metric import MetricParameters

Metrics = Mapping[str, MetricParameters]


def with_those_read(asked: Metrics, known: Metrics) -> dict[str, MetricParameters]:
    """The metrics asked for and, after them, those of `known` that they read, directly or not.

    Raises `UserError` for a metric that is read and nowhere defined.
    """
    found = dict(asked)
    waiting = list(asked)
    while waiting:
        name = waiting.pop(0)
        for read in found[name].metrics_read():
            if read in found:
                continue
            if read not in known:
                raise UserError(
                    f"{name} reads the metric {read!r}, which is not there", hint=did_you_mean(read, {*known, *asked})
                )
            found[read] = known[read]
            waiting.append(read)
    return found


def finishing_order(metrics: Metrics) -> list[str]:
    """All names, each after those that it reads, otherwise as given. Raises `UserError` for a circle."""
    done: dict[str, None] = {}

    def visit(name: str, within: tuple[str, ...]) -> None:
        if name in within:
            circle = " → ".join((*within[within.index(name) :], name))
            raise UserError(f"the metric {name!r} is computed from itself: {circle}")
        if name not in done and name in metrics:
            for read in metrics[name].metrics_read():
                visit(read, (*within, name))
            done[name] = None

    for name in metrics:
        visit(name, ())
    return list(done)


def lacking(metrics: Metrics, unavailable: Mapping[str, str]) -> dict[str, str]:
    """Which metrics cannot be computed because one that they read cannot, and why: `needs NAME: no such column`."""
    reasons = dict(unavailable)
    for name in finishing_order(metrics):
        missing = next((read for read in metrics[name].metrics_read() if read in reasons), None)
        if name not in reasons and missing is not None:
            reasons[name] = f"it reads {missing}: {reasons[missing]}"
    return {name: why for name, why in reasons.items() if name not in unavailable}
