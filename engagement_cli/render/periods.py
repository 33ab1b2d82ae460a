"""Periods as people name them: `May 2025`, `2025-W23`, `2025-06-30`."""

from __future__ import annotations

from datetime import datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant(text: str | None) -> datetime | None:
    """ISO 8601 text as the wall clock of its own zone, without the offset; None where it is not such text."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def moment(text: str | None) -> str:
    """An instant as `2025-06-30`, or `2025-06-30 14:00` inside a day; other text as it stands."""
    when = instant(text)
    return text or "" if when is None else _moment(when)


def _moment(when: datetime) -> str:
    if (when.hour, when.minute, when.second, when.microsecond) == (0, 0, 0, 0):
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M:%S}" if when.second else f"{when:%Y-%m-%d %H:%M}"


def _last(end: datetime) -> datetime:
    """The last day before an exclusive end, or an end inside a day as it is."""
    return end - timedelta(days=1) if end.time() == datetime.min.time() else end


def _range(start: datetime, end: datetime) -> str:
    """`[start, end)` by its first and last day, as short as can be."""
    if start.time() != datetime.min.time() or end.time() != datetime.min.time():
        return f"{_moment(start)}…{_moment(end)}"
    last = _last(end)
    if last <= start:
        return _moment(start)
    shared = 8 if (start.year, start.month) == (last.year, last.month) else 5 if start.year == last.year else 0
    return f"{_moment(start)}…{_moment(last)[shared:]}"


def period_name(start: str | None, end: str | None, every: str, through: str | None = None) -> str:
    """The name of the period `[start, end)` at the grain `every`; a total that ends with the data is so many days."""
    first, last = instant(start), instant(end)
    if first is None:
        return start or (f"to {_moment(_last(last))}" if last else "all")
    midnight = first.time() == datetime.min.time()
    match every:
        case "month" if midnight and first.day == 1:
            return f"{_MONTHS[first.month - 1]} {first.year}"
        case "quarter" if midnight and first.day == 1 and first.month % 3 == 1:
            return f"{first.year}-Q{first.month // 3 + 1}"
        case "year" if midnight and (first.day, first.month) == (1, 1):
            return str(first.year)
        case "week" if midnight and first.isoweekday() == 1:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        case "hour" | "day":
            return _moment(first)
        case "total" if last is not None and (last.time() != datetime.min.time() or through == _moment(_last(last))):
            days = -((first - last) // timedelta(days=1))  # up to the last row: a day begun is a day
            return f"{days:,} {'day' if days == 1 else 'days'}"
    if last is not None and midnight and (first.month, first.day, last.month, last.day) == (1, 1, 1, 1):
        return str(first.year) if last.year == first.year + 1 else f"{first.year}–{last.year - 1}"
    return _range(first, last) if last is not None else f"from {_moment(first)}"
