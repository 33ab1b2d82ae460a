"""A finding: how bad it is, what it is, where, what to do; and the exit code that several of them lead to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from engagement_cli.errors import ExitCode, Problem, UserError
from engagement_cli.records import Record

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

# Never renamed: scripts read them.
CODES = {
    "configuration": "the configuration cannot be used",
    "mapping": "a mapping or predicate names what does not exist",
    "structure": "a file cannot be read",
    "empty": "a source holds no rows",
    "bad_cells": "how many rows of a source cannot be read",
    "bad_cell": "one of the cells that cannot be read",
    "no_customer": "rows without a customer",
    "duplicates": "rows that repeat another",
    "join": "ids of a source that the events do not know",
    "unweighted": "events of the export without an entry in the configuration",
    "unknown_name": "names of the configuration that nothing defines",
    "predicate": "a predicate that does not fit the export",
    "negative_purchase": "purchases with a value below zero",
    "currency": "amounts in several currencies, or in another than the report's",
    "out_of_scale": "survey answers outside their scale",
    "overlap": "subscriptions of one customer that overlap",
    "reversed": "subscriptions that end before they start",
    "far_date": "a last day that stands apart from all others",
    "gap": "days without a row",
    "stale": "the last row is older than max_age",
    "undated": "max_age for a source without dates",
}

# From the gravest: what hides everything behind it comes first.
GRAVITY = (ExitCode.USAGE, ExitCode.INPUT, ExitCode.EMPTY, ExitCode.FAILED, ExitCode.STALE, ExitCode.GAP)

_BY_EXIT = {ExitCode.USAGE: "mapping", ExitCode.EMPTY: "empty"}


class Finding(Record):
    """One thing to know before a run. `exit` is the exit code that it leads to where it is an error."""

    severity: Severity
    code: str
    what: str
    where: str | None = None
    hint: str | None = None
    exit: ExitCode = ExitCode.FAILED


def of_problem(problem: Problem, code: str, exit_code: ExitCode = ExitCode.FAILED) -> Finding:
    """A problem as a finding of severity error; files of the working folder lose its name."""
    where = problem.where.replace(f"{Path.cwd()}{os.sep}", "") if problem.where is not None else None
    return Finding("error", code, problem.what, where, problem.hint, exit_code)


def of_error(error: UserError, code: str | None = None) -> list[Finding]:
    """The problems of an error as findings, with the error's exit code."""
    name = code or _BY_EXIT.get(error.code, "structure")
    return [of_problem(problem, name, error.code) for problem in error.problems]


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, the gravest severity first, else in the order in which they were found."""
    return sorted(dict.fromkeys(findings), key=lambda f: SEVERITIES.index(f.severity))


def exit_code(findings: Iterable[Finding], *, strict: bool = False) -> ExitCode:
    """The gravest exit code of the errors, in the order of `GRAVITY`; 1 for warnings under `strict`; else 0."""
    findings = list(findings)
    codes = {f.exit for f in findings if f.severity == "error"}
    if strict and any(f.severity == "warning" for f in findings):
        codes.add(ExitCode.FAILED)
    return next((code for code in GRAVITY if code in codes), ExitCode.DONE)


def findings_table(findings: Sequence[Finding]) -> pl.DataFrame:
    """Columns severity, code, what, where, hint, all String; one row a finding."""
    columns = ("severity", "code", "what", "where", "hint")
    rows = {name: [getattr(finding, name) for finding in findings] for name in columns}
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
