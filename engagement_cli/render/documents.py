"""What can be shown: a whole report, one view, a board of metrics, a plain table of rows, or facts to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.records import Record, field
from engagement_cli.results import Answer, Finished


class Report(Record):
    """Every metric of an answer in sections; `customers` is how many people the exports know, where it was counted."""

    answer: Answer
    customers: int | None = None
    title: str = "Engagement report"


class ViewPage(Record):
    """One view in full: its name as on the command line, the parameters it ran with, its metric, and the answer."""

    name: str
    parameters: Mapping[str, Any]
    finished: Finished
    answer: Answer


class Rows(Record):
    """A plain table with a title (`score`, `metrics list`, `check`).

    `units` gives a unit of the metric row (share, seconds, EUR …) by column; the other columns are shown by their type.
    With an `answer`, json carries its dates, waterfall and warnings, and the table its heading.
    """

    title: str
    table: pl.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    semantics: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    answer: Answer | None = None


FACT_SCHEMA: Mapping[str, Any] = {
    "part": pl.String,
    "item": pl.String,
    "number": pl.Float64,
    "unit": pl.String,
    "text": pl.String,
}


class Facts(Record):
    """What is read rather than compared (`metrics show`, `explain`): facts under headings, one a row of `table`.

    `table` has `FACT_SCHEMA`: the heading, what the fact is about, and a number with its unit and/or a text.
    """

    title: str
    table: pl.DataFrame
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer | None = None


class BoardPage(Record):
    """Many metrics side by side: by the segments `by`, one row each, or, without any, by period.

    `answer` has the board's metrics in its order, `left_out` the labels of those that the exports cannot feed.
    `findings` and `notes` are sentences below the table, the former about its numbers.
    """

    name: str
    title: str
    by: tuple[str, ...]
    parameters: Mapping[str, Any]
    answer: Answer
    left_out: Sequence[str] = ()
    findings: Sequence[str] = ()
    notes: Sequence[str] = ()


class Profile(Record):
    """One customer: the row of the customer table, with which columns stand in which part of the page.

    `changes` name a column now and before; `contributions` are columns of the row, the largest first; `signals` have
    their reasons, `grounds` the columns that their rules read. `weeks` counts events a week, the latest last; `recent`
    holds times and names of the last events.
    """

    customer: str
    row: Mapping[str, Any]
    units: Mapping[str, str]
    parts: Mapping[str, Sequence[str]]
    changes: Mapping[str, tuple[str, str]]
    contributions: Sequence[str]
    signals: Mapping[str, str]
    grounds: Mapping[str, Sequence[str]]
    weeks: Sequence[int]
    recent: Sequence[tuple[str, str]]
    window_days: int
    answer: Answer


class Divisions(Record):
    """How customers are divided, in every way that the answer's metrics (of type `distribution`) have."""

    title: str
    answer: Answer
    parameters: Mapping[str, Any] = field(default_factory=dict)


Document = Report | ViewPage | BoardPage | Rows | Facts | Profile | Divisions
