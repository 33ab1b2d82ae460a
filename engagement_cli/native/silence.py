"""Which of the customers who were active in a period fell silent after it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
_after = function("silence_after", np.uint32, np.int64, np.int32, int, int, int, np.int64, np.bool_)


def silent_after(
    customer: NDArray[np.uint32], time: Int64s, period: NDArray[np.int32], since: int, until: int, ends: Int64s
) -> NDArray[np.bool_]:
    """One flag for each distinct (customer, period) of the rows in `[since, until)`, in their order.

    It is set where the customer's next row, of all given, does not come before the period's own of `ends`. Rows are
    sorted by (customer, time). Raises IndexError for a period without an end.
    """
    if len(period) and not 0 <= int(period.min()) <= int(period.max()) < len(ends):
        raise IndexError(f"a period is not among {len(ends)}")
    silent = np.empty(len(time), np.bool_)
    columns = (np.ascontiguousarray(column) for column in (customer, time, period))
    return silent[: _after(*columns, len(time), since, until, ends, silent)]
