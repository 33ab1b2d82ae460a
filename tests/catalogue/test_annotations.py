"""Dated notes beside a metric: the periods before and after, and where they are shown."""

from __future__ import annotations

import pytest
from support.commands import run
from support.measuring import measured

WEEKS = {"2025-01-06": 1, "2025-01-13": 2, "2025-01-20": 3, "2025-01-27": 8, "2025-02-03": 10, "2025-02-10": 9}
EVENTS = "customer,event,timestamp\n" + "\n".join(
    f"c{i},visit,{monday}T10:00:00Z" for monday, visits in WEEKS.items() for i in range(visits)
)


def notes(date: str, every: str = "week") -> list[tuple[str, int, float | None, float | None]]:
    outcome = measured(
        {"it": {"type": "aggregate", "count": "events", "every": every}},
        settings={"annotations": [{"date": date, "text": "launch"}]},
        asked={"since": "2025-01-06", "until": "2025-02-17", "as_of": "2025-02-17"},
        events=EVENTS,
    )
    return [(n.date, n.periods, n.before, n.after) for n in outcome.answer.metrics[0].notes]


def test_means_of_as_many_periods_on_either_side() -> None:
    # Weeks of 6, 13 and 20 January before; of 27 January, 3 and 10 February after: (1 + 2 + 3) / 3, (8 + 10 + 9) / 3
    assert notes("2025-01-27") == [("2025-01-27", 3, 2.0, 9.0)]


def test_the_period_in_which_it_lies_counts_for_neither_side() -> None:
    assert notes("2025-01-29") == [("2025-01-29", 2, 2.5, 9.5)]


def test_at_the_edge_there_is_nothing_to_compare() -> None:
    assert notes("2025-01-06") == [("2025-01-06", 0, None, None)]
    assert notes("2025-02-14") == []  # after the last row


def test_no_more_than_four_periods() -> None:
    found = notes("2025-01-27", every="day")
    # Days 23 to 26 January are empty, of 27 to 30 the first has 8.
    assert found == [("2025-01-27", 4, 0.0, 2.0)]


@pytest.fixture
def configured(tmp_path):
    file = tmp_path / "engagement.yaml"
    file.write_text("annotations:\n  - {date: 2025-05-12, text: new onboarding}\n")
    return file


def test_a_view_marks_the_period_and_a_report_lists_it(configured) -> None:
    view = run("sessions", "--sample", "--quiet", "-c", configured).out
    assert next(line for line in view.splitlines() if "new onboarding" in line).startswith("May 2025")
    assert "◆ 2025-05-12 new onboarding" in run("report", "--sample", "--quiet", "-c", configured).out


def test_explain_tells_before_and_after(configured) -> None:
    rows = run("explain", "sessions", "--sample", "--quiet", "-c", configured, "--format", "json").json["rows"]
    told = {row["item"]: row["number"] for row in rows if row["part"] == "2025-05-12 new onboarding"}
    monthly = run("sessions", "--sample", "--quiet", "--format", "json").json["rows"]
    of = {row["period_start"]: row["sessions"] for row in monthly}
    assert told == {"before, mean of 1 period": of["2025-04-01"], "after, mean of 1 period": of["2025-06-01"]}
