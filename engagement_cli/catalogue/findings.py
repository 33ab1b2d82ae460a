"""What a board's numbers say together: a segment with one metric above that of the others, and another below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from engagement_cli.render.boards import NONE, Lane, lanes, values_of
from engagement_cli.render.documents import BoardPage
from engagement_cli.render.numbers import interval, quantity
from engagement_cli.results import SMALL_N
from engagement_cli.settings.boards import Finding

_FEWEST = 10  # an interval of fewer says more than it knows


def findings(page: BoardPage, rules: Sequence[Finding]) -> list[str]:
    """A sentence for each segment and rule where the intervals support it; none of a board without segments.

    The 95 % interval of the first metric must lie above the pooled rate of all other segments, that of the second below
    theirs, each of 10 customers or more (of under 30 it is said). What has no name is not one
    of the others.
    """
    found = {lane.finished.name: lane for lane in lanes(page)} if page.by else {}
    return [
        sentence
        for rule in rules
        for high in rule.high
        for low in rule.low
        if high in found and low in found and _period(found[high]) == _period(found[low])
        for sentence in _sentences(page, found[high], found[low], rule.says)
    ]


def _period(lane: Lane) -> tuple[str | None, str | None]:
    return lane.start, lane.end


def _against_others(lane: Lane) -> pl.DataFrame:
    """Each named segment with `others`, the quotient of the sums of all the other ones."""
    named = lane.cells.filter(
        pl.col("segments") != "",
        ~pl.col("segments").str.contains(f"={NONE}", literal=True),
        pl.col("value").is_not_null(),
    )
    above = pl.col("numerator").sum() - pl.col("numerator")
    below = pl.col("denominator").sum() - pl.col("denominator")
    return named.with_columns(others=pl.when(below > 0).then(above / below)).filter(pl.col("n") >= _FEWEST)


def _sentences(page: BoardPage, high: Lane, low: Lane, says: str) -> Iterator[str]:
    above = _against_others(high).filter(pl.col("ci_low") > pl.col("others"))
    below = _against_others(low).filter(pl.col("ci_high") < pl.col("others"))
    for row in above.join(below, on="segments", suffix="_low").sort("segments").iter_rows(named=True):
        segment = ", ".join(value or "" for value in values_of(row["segments"], page.by))
        first, second = _told(high, row, ""), _told(low, row, "_low")
        yield f"{segment}: {first[0]} is above the others' {first[1]}, and {second[0]} below their {second[1]}: {says}"


def _told(lane: Lane, row: dict[str, float | None], suffix: str) -> tuple[str, str]:
    """A segment's value with its interval, and that of the others."""
    value, low, high = (row[f"{name}{suffix}"] for name in ("value", "ci_low", "ci_high"))
    few = ", small n" if (row[f"n{suffix}"] or 0) < SMALL_N else ""
    span = interval(low, high, value, lane.unit)
    told = f"{lane.finished.label} {quantity(value, lane.unit).text} ({span}{few})"
    return told, quantity(row[f"others{suffix}"], lane.unit).text
