"""Steps of customers' paths: runs of one event inside a stretch of activity, and what lies beside each of them."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s, Integers, elapsed_at_most
from engagement_cli.kernels.runs import starts
from engagement_cli.kernels.sessions import session_starts
from engagement_cli.records import Record

END = -1
"""The node at which a stretch, or the time asked for, has ended."""
BEYOND = -2
"""What lies past an end: nothing."""


class Steps(Record):
    """One value a step, in the order of the rows: the first row, the stretch and the node, first and last instant."""

    row: Int64s
    stretch: Int64s
    node: Int64s
    first: Int64s
    last: Int64s


class Beside(Record):
    """What lies beside steps asked for: `nodes` of shape (depth, asked), the nearest first, and the furthest step.

    `END` follows the last node where less than `depth` steps lie there, then `BEYOND`. `furthest` are the positions of
    the furthest steps, those asked for where nothing lies beside them.
    """

    nodes: Int64s
    furthest: Int64s


def path_steps(customer: Integers, time: Int64s, node: Int64s, gap: int, *, collapse: bool) -> Steps:
    """Rows sorted by (customer, time), each with its node (0 or more), as steps.

    A stretch ends after a gap greater than `gap` ticks. With `collapse`, neighbouring rows of one node in a stretch are
    one step, else each row is one.
    """
    rows = len(time)
    opens = np.zeros(rows, np.bool_)
    opens[session_starts(customer, time, gap)] = True
    stretch = np.cumsum(opens) - 1
    first = starts(stretch, node) if collapse else np.arange(rows)
    last = np.append(first[1:], rows)[: len(first)] - 1
    return Steps(first, stretch[first], node[first], time[first], time[last])


def beside(steps: Steps, at: Int64s, depth: int, *, back: bool, within: int | None) -> Beside:
    """The `depth` steps after those at the positions `at`, or with `back` before them, in the same stretch.

    With `within`, only steps that begin at most so many ticks after the last row of the step asked for (back: that end
    at most so many before its first row).
    """
    nodes = np.full((depth, len(at)), BEYOND, np.int64)
    furthest = at.copy()
    live = np.arange(len(at))
    for number in range(depth):
        there = furthest[live] + (-1 if back else 1)
        found = _in_reach(steps, at[live], there, back=back, within=within)
        nodes[number, live[~found]] = END
        live, there = live[found], there[found]
        nodes[number, live] = steps.node[there]
        furthest[live] = there
    return Beside(nodes, furthest)


def _in_reach(steps: Steps, at: Int64s, there: Int64s, *, back: bool, within: int | None) -> Flags:
    count = len(steps.node)
    inside = (there >= 0) & (there < count)
    near = np.clip(there, 0, max(count - 1, 0))
    found = inside & (steps.stretch[near] == steps.stretch[at]) if count else inside
    if within is None or not count:
        return np.asarray(found, np.bool_)
    later, earlier = (steps.first[at], steps.last[near]) if back else (steps.first[near], steps.last[at])
    # Only inside a stretch is the later one later, so that the difference means anything.
    return np.asarray(found & elapsed_at_most(np.where(found, later, earlier), earlier, within), np.bool_)
