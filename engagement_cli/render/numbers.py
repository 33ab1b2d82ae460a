"""Numbers as people read them, by unit. Missing is an en dash, negatives carry U+2212, thousands a comma."""

from __future__ import annotations

import math
import re

from engagement_cli.records import Record

MINUS = "−"
MISSING = "–"

_CURRENCY = re.compile(r"[A-Z]{3}")
# ISO 4217 minor units other than 2.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class Quantity(Record):
    """A number and its unit apart, so that a column can align both."""

    number: str
    unit: str = ""

    @property
    def text(self) -> str:
        """Both, with a space between."""
        return f"{self.number} {self.unit}".strip()


def is_currency(unit: str) -> bool:
    """Whether the unit is an ISO 4217 code."""
    return _CURRENCY.fullmatch(unit) is not None


def is_number(value: float | None) -> bool:
    """Whether there is a finite value to show."""
    return value is not None and math.isfinite(value)


def fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    """The value with so many decimals and thousands separators; what rounds to zero has no sign."""
    digits = f"{abs(value):,.{decimals}f}"
    if not any(c in "123456789" for c in digits):
        return digits
    return f"{MINUS if value < 0 else '+' if signed else ''}{digits}"


def adaptive(value: float, digits: int = 3) -> str:
    """A number of unknown scale: whole ones whole, small ones with so many significant digits."""
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.2e}".replace("-", MINUS)
    if value == int(value):
        return fixed(value, 0)
    if size >= 1:
        return fixed(value, 1 if size >= 1000 else 2)
    return fixed(value, digits - 1 - math.floor(math.log10(size)))


def duration(seconds: float) -> Quantity:
    """Seconds as `45.2 s`, `5.0 min`, `1 h 12 min` or `3 d 4 h`; rounding never shows 60 of a smaller unit."""
    size = abs(seconds)
    sign = MINUS if seconds < 0 else ""
    if round(size, 1) < 60:
        small = 0 < size < 0.95
        return Quantity(adaptive(seconds, 2) if small else fixed(seconds, 1 if size else 0), "s")
    if round(size / 60, 1) < 60:
        return Quantity(fixed(seconds / 60, 1), "min")
    minutes = round(size / 60)
    if minutes < 24 * 60:
        return Quantity(f"{sign}{minutes // 60} h {minutes % 60}", "min")
    hours = round(size / 3600)
    return Quantity(f"{sign}{hours // 24:,} d {hours % 24}", "h")


def money(value: float, currency: str) -> Quantity:
    """An amount with its ISO 4217 code; from 10,000 on without cents."""
    decimals = _DECIMALS.get(currency, 2)
    return Quantity(fixed(value, 0 if round(abs(value), decimals) >= 10_000 else decimals), currency)


def quantity(value: float | None, unit: str, *, signed: bool = True) -> Quantity:
    """A value in a unit of the metric row; `signed` off leaves the plus of points out.

    A share of 0.123 is 12.3 %; nothing, NaN and infinity are an en dash.
    """
    if value is None or not math.isfinite(value):
        return Quantity(MISSING)
    if abs(value) >= 1e15:
        return Quantity(adaptive(value), unit if is_currency(unit) else "")
    if is_currency(unit):
        return money(value, unit)
    match unit:
        case "share":
            percent = value * 100
            return Quantity(adaptive(percent, 2) if 0 < abs(percent) < 0.05 else fixed(percent, 1), "%")
        case "ratio":
            return Quantity(adaptive(value, 2) if 0 < abs(value) < 0.095 else fixed(value, 2))
        case "count":
            return Quantity(fixed(value, 0) if value == int(value) else fixed(value, 2 if abs(value) < 100 else 1))
        case "seconds":
            return duration(value)
        case "days":
            return Quantity(fixed(value, 1), "d")
        case "points":
            return Quantity(fixed(value, 1, signed=signed))
        case "score":
            return Quantity(fixed(value, 1))
        case "number" | "":
            return Quantity(adaptive(value))
        case _:
            return Quantity(adaptive(value), unit)


def bound(value: float, unit: str) -> Quantity:
    """A bound or goal as it was written, without idle decimals: `70 %`, `1.5`, `40 EUR`."""
    if unit == "seconds" or abs(value) >= 1e15:
        return quantity(value, unit)
    if unit == "share":
        return Quantity(_written(value * 100), "%")
    return Quantity(_written(value), quantity(value, unit).unit)


def _written(value: float) -> str:
    digits = f"{abs(value):,.9f}".rstrip("0").rstrip(".")
    return f"{MINUS if value < 0 and digits != '0' else ''}{digits}"


def interval(low: float | None, high: float | None, value: float | None, unit: str) -> str:
    """A 95 % interval: `± 0.9 pp` where it is symmetric as shown, else `11.4–13.3 %`; empty without one."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if value is not None and math.isfinite(value):
        below, above = quantity(value - low, unit, signed=False), quantity(high - value, unit, signed=False)
        if below == above and value >= low:
            return f"± {below.number} pp" if unit == "share" else f"± {below.text}"
    first, last = quantity(low, unit, signed=False), quantity(high, unit, signed=False)
    if first.unit != last.unit or " " in first.number + last.number:
        return f"{first.text} – {last.text}"
    joint = " to " if MINUS in first.number + last.number else "–"
    return f"{first.number}{joint}{last.text}"


def difference(value: float | None, previous: float | None, change: float | None, unit: str) -> Quantity | None:
    """How a value moved, with its sign; None where it cannot be said.

    Shares move by percentage points, points and scores by points, all else by per cent of before; but where either
    value is negative, a per cent would say nothing: then by the difference in their own unit.
    """
    if value is None or previous is None:
        return None
    moved = 0.0 if math.isclose(value, previous, rel_tol=1e-12) else value - previous
    if unit in ("share", "points", "score"):
        scale, name = (100, "pp") if unit == "share" else (1, "pts")
        return Quantity(fixed(moved * scale, 1, signed=True), name) if math.isfinite(moved * scale) else None
    if value < 0 or previous < 0:
        return _signed(quantity(moved, unit)) if math.isfinite(moved) else None
    if change is None or not math.isfinite(change * 100):
        return None
    return Quantity(fixed(change * 100, 1 if abs(change) < 1 else 0, signed=True), "%")


def _signed(amount: Quantity) -> Quantity:
    """The quantity with a plus where it is above zero as shown."""
    bare = amount.number.startswith(MINUS) or not any(c in "123456789" for c in amount.number)
    return amount if bare else Quantity(f"+{amount.number}", amount.unit)
