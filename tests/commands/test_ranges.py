"""What the options of time say together."""

from __future__ import annotations

import pytest
from support.commands import run


@pytest.mark.parametrize("command", [("report",), ("stickiness", "--active", "signup"), ("score",)])
def test_a_range_has_one_start(command):
    done = run(*command, "--sample", "--last", "90d", "--since", "2025-01-01")
    assert done.code == 2
    assert "--last and --since both say where the range starts" in done.err


@pytest.mark.parametrize("option", ["--since", "--until", "--as-of"])
@pytest.mark.parametrize("date", ["0001-01-01", "1899-12-31", "2262-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00"])
def test_dates_lie_where_rows_can(option, date):
    done = run("report", "--sample", option, date, "--timezone", "America/New_York")
    assert done.code == 2
    assert f"'{date}' is out of range" in done.err
    assert option in done.err


def test_the_earliest_and_the_latest_date_can_be_asked_for():
    done = run("churn", "--sample", "--since", "1900-01-01", "--as-of", "2261-12-31", "--every", "quarter", "-q")
    assert done.code == 0


@pytest.mark.parametrize("name", ["posix/Europe/Paris", "right/UTC", "localtime", "Factory", "", "../UTC", "Europe"])
def test_a_zone_is_one_that_every_machine_has(name):
    done = run("report", "--sample", "--timezone", name)
    assert done.code == 2
    assert f"{name!r} is no time zone" in done.err
    assert "--timezone" in done.err
