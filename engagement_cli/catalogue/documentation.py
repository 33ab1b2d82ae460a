"""A metric type's documentation: the headings of its module's docstring, by name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping

from engagement_cli.metrics.protocol import MetricType

HEADINGS = ("What", "Formula", "Reads", "Parameters", "Example", "Source")
_HEADING = re.compile(rf"^({'|'.join(HEADINGS)}): ?(.*)$")


def documentation(type_: MetricType) -> Mapping[str, str]:
    """The first line under `Summary`, then each heading's text with its lines joined; an example keeps its lines."""
    lines = inspect.cleandoc(getattr(type_, "__doc__", None) or "").splitlines()
    found: dict[str, list[str]] = {"Summary": lines[:1]}
    name = ""
    for line in lines[1:]:
        if match := _HEADING.match(line):
            name = match[1]
            found[name] = [match[2]]
        elif name:
            found[name].append(line.strip())
    return {name: ("\n" if name == "Example" else " ").join(p for p in parts if p) for name, parts in found.items()}
