"""Tickets of customers: how many were resolved after they were opened, are open, are open for long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Flags = NDArray[np.bool_]
Int64s = NDArray[np.int64]
_counts = function(
    "tickets_counts",
    *(np.uint32, np.int64, np.uint32, np.uint64, int),
    *(np.bool_, np.bool_, int),
    *(np.int64, np.int64, np.int64),
)


def ticket_counts(
    rows: tuple[NDArray[np.uint32], Int64s, NDArray[np.uint32], NDArray[np.uint64]],
    opens: Flags,
    resolves: Flags,
    late: int,
    customers: int,
) -> Int64s:
    """Tickets of each customer that are resolved, open, and open since before `late`: (3, customers).

    `rows` are customers, times, kinds and tickets, sorted by customer. `opens` and `resolves` have a flag a kind. A
    ticket that was never opened is none; it is resolved if a resolution comes at or after its first opening. Raises
    IndexError for a customer who is not among `customers` and for a kind without a flag.
    """
    customer, time, kind, ticket = (np.ascontiguousarray(column) for column in rows)
    if len(time) and (int(customer[-1]) >= customers or int(kind.max()) >= min(len(opens), len(resolves))):
        raise IndexError(f"a customer is not among {customers}, or a kind not among {len(opens)}")
    found = np.zeros((3, customers), np.int64)
    flags = (np.ascontiguousarray(opens), np.ascontiguousarray(resolves))
    _counts(customer, time, kind, ticket, len(time), *flags, late, *found)
    return found
