"""Small marks behind a value, and the legend that explains those in use."""

from __future__ import annotations

from collections.abc import Iterable

from engagement_cli.results import SMALL_N

PARTIAL = "partial"

_MARKS = {
    PARTIAL: ("*", "incomplete period"),
    "small_n": ("†", f"small n (under {SMALL_N})"),
    "provisional": ("~", "provisional: may still change"),
    "unreliable": ("?", "unreliable: days are missing"),
    "history_start": ("‡", "the history begins here: everyone is new"),
    "short_window": ("§", "less history behind it than its window is long"),
    "above_one": ("^", "above 100 %: some of what is counted is not in what it is divided by"),
    "no_amounts": ("¶", "no amounts in the export"),
    "no_times": ("¤", "dates without times of day: how long visits last is unknown"),
    "undated_costs": ("¢", "costs without dates: told for the whole range alone (--every total)"),
    "carried_over": ("↺", "last known earlier: the period itself has no value"),
    "rejected": ("×", "answers off the scale were left out"),
}
_OTHER = "#"
WHY_MISSING = frozenset({"no_amounts", "no_times", "undated_costs"})  # flags that say why there is no value


def named(complete: bool | None, flags: str | None) -> tuple[str, ...]:
    """The names of what is to be marked; a row that does not say is complete."""
    partial = (PARTIAL,) if complete is False else ()
    return (*partial, *(flag for flag in (flags or "").split(";") if flag))


def marks(names: Iterable[str]) -> str:
    """One character for each name, each once."""
    return "".join(dict.fromkeys(_MARKS[name][0] if name in _MARKS else _OTHER for name in names))


def words(names: Iterable[str]) -> list[str]:
    """What each name means, in words."""
    return [_MARKS[name][1] if name in _MARKS else name.replace("_", " ") for name in names]


def small(n: float | None, value: float | None) -> tuple[str, ...]:
    """The mark of a value that rests on few; none where there is no value."""
    return ("small_n",) if n is not None and value is not None and n < SMALL_N else ()


def legend(names: Iterable[str]) -> str:
    """The marks in use with their meaning, in a fixed order; empty where there is none."""
    used = set(names)
    known = [f"{mark} {meaning}" for name, (mark, meaning) in _MARKS.items() if name in used]
    others = sorted(used - _MARKS.keys())
    return "   ".join([*known, *([f"{_OTHER} {', '.join(others).replace('_', ' ')}"] if others else [])])
