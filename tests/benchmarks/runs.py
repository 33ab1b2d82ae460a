"""Runs of commands: what each costs, medians and the lines of the table."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sides import HERE

THREADS = 2  # as many as every peer is given


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds and bytes."""

    wall: float
    cpu: float
    peak: float


def measured(command: list[str], folder: Path) -> Cost:
    """Run a command in a folder, from a small process of its own. Raises CalledProcessError where it fails."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(THREADS), "RETENTIONEERING_NO_TRACK": "1"}
    done = subprocess.run(
        [sys.executable, str(HERE / "timing.py"), *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Cost(**json.loads(done.stdout))


def median(costs: list[Cost]) -> Cost:
    """The median of each number by itself."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")))


def heading(title: str = "") -> str:
    """The first line of the table."""
    return f"{title:<42}{'wall s':>9}{'CPU s':>9}{'peak GB':>9}"


def line(name: str, cost: Cost) -> str:
    """One row of the table: seconds, and peak memory in GB of 10⁹ bytes."""
    return f"{name:<42}{cost.wall:>9.2f}{cost.cpu:>9.2f}{cost.peak / 1e9:>9.2f}"


def ratio(name: str, above: Cost, below: Cost) -> str:
    """One row of quotients: above one, the side below took less."""
    quotients = (above.wall / below.wall, above.cpu / below.cpu, above.peak / below.peak)
    return f"{name:<42}" + "".join(f"{quotient:>9.2f}" for quotient in quotients)
