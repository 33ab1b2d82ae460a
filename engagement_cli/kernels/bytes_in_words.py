"""Numbers of bytes as `--memory` takes them."""

from __future__ import annotations


def bytes_in_words(count: float) -> str:
    """Three digits and a unit, such as 1.25GB or 48MB: 0 for less than a megabyte.

    >>> [bytes_in_words(n) for n in (300_000, 48_000_000, 999_600_000, 5_220_000_000, 42e12)]
    ['0MB', '48MB', '1GB', '5.22GB', '42TB']
    """
    for size, unit in ((10**12, "TB"), (10**9, "GB")):
        if count >= 0.9995 * size:
            return f"{count / size:.3g}{unit}"
    return f"{count / 10**6:.0f}MB"
