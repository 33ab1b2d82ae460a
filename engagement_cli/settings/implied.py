"""Metrics that need no entry of their own: how many customers each signal marks."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

_TYPE = "distribution"


def implied_by_signals(signals: object, types: Container[str]) -> dict[str, dict[str, Any]]:
    """By the name of each signal the entry of a metric: customers whom it marks ÷ all of the customer table.

    Signals that are not written as they should be imply nothing; an entry of the same name takes the place of its own.
    """
    if not isinstance(signals, dict) or _TYPE not in types:
        return {}
    return {name: _entry(name, signal) for name, signal in signals.items() if isinstance(signal, dict)}


def _entry(name: str, signal: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": _TYPE,
        "of": name,
        "only": ["yes"],
        "label": name.replace("_", " ").capitalize(),
        "description": f"customers whom the signal {name} marks ÷ all customers known: {signal.get('reason')}",
        "dimension": "signals",
    }
