"""95 % confidence intervals: Wilson's for one yes or no a customer, Newcombe's for the difference of two such shares,
the delta method where a customer counts often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
Floats = NDArray[np.float64]
_ROUNDING = 1e-14  # of the sums of squares: what rounding leaves of a residual that is none


def wilson(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share; NaN where there are no trials. Source: Wilson (1927), JASA 22:209-212."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = successes / trials
        centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
        half = Z / (1 + Z**2 / trials) * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return np.where(trials > 0, np.where(successes == 0, 0.0, low), np.nan), np.where(
        trials > 0, np.where(successes == trials, 1.0, high), np.nan
    )


def newcombe(first: Floats, trials: Floats, second: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """The difference `first ÷ trials − second ÷ others` of two independent shares, and its interval's ends.

    NaN where either has no trials. Source: Newcombe (1998), Statistics in Medicine 17:873-890, method 10.
    """
    low_1, high_1 = wilson(first, trials)
    low_2, high_2 = wilson(second, others)
    with np.errstate(divide="ignore", invalid="ignore"):
        share_1, share_2 = first / trials, second / others
        difference = np.where((trials > 0) & (others > 0), share_1 - share_2, np.nan)
        below = np.sqrt((share_1 - low_1) ** 2 + (high_2 - share_2) ** 2)
        above = np.sqrt((high_1 - share_1) ** 2 + (share_2 - low_2) ** 2)
    return difference, difference - below, difference + above


def clustered_ratio(x: Floats, y: Floats, xx: Floats, yy: Floats, xy: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Interval of Σx ÷ Σy over n independent customers, from their sums, squares and products (delta method).

    NaN where fewer than two customers, no denominator, or customers who are all alike: that nothing varied among these
    says nothing of how sure their ratio is. Source: Deng, Knoblich, Lu (2018), KDD, section 3.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x / y
        residual = xx - 2 * ratio * xy + ratio**2 * yy
        varied = residual > _ROUNDING * (xx + ratio**2 * yy)
        half = Z * np.sqrt(np.maximum(residual, 0.0) * n / (n - 1)) / np.abs(y)
    known = (n >= 2) & (y != 0) & varied
    return np.where(known, ratio - half, np.nan), np.where(known, ratio + half, np.nan)


def mean_interval(total: Floats, squares: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Interval of a mean of n independent values from their sum and sum of squares; NaN below two distinct values."""
    return clustered_ratio(total, n, squares, n, total, n)
