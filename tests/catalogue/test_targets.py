"""Goals: absolute ones period by period, changes against the straight path between two windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from support.measuring import one

from engagement_cli.results import Finished

SHARES = {"type": "survey", "measure": "csat"}
MONTHS = [date(2025, month, 1) for month in range(4, 13)]  # April to December


def events(counts: Mapping[date, int]) -> str:
    rows = [f"c,x,{day.isoformat()}T12:00:{second:02}Z" for day, n in counts.items() for second in range(n)]
    return "\n".join(["customer,event,timestamp", *rows])


def counted(
    values: Sequence[int], target: Mapping[str, Any], *, as_of: str, every: str = "month", days: Sequence[date] = MONTHS
) -> Finished:
    """A metric that counts events: so many in each month from April 2025 on."""
    entry = {"type": "aggregate", "count": "events", "every": every, "target": target}
    rows = events(dict(zip(days, values, strict=False)))
    return one(entry, events=rows, asked={"as_of": as_of, "since": days[0].isoformat()})


def status(metric: Finished) -> list[str | None]:
    return metric.rows.sort("period_start")["status"].to_list()


QUARTER = {"increase": "20%", "within": "quarter", "from": "2025-07-01"}


def test_the_last_quarter_before_is_compared_with_the_final_one() -> None:
    # 30 in the second quarter, 36 asked for: exactly that, and one less
    quarterly: dict[str, Any] = {"as_of": "2025-10-01", "every": "quarter", "days": MONTHS[::3]}
    met = counted([30, 36], QUARTER, **quarterly)
    assert status(met) == [None, "met"]
    assert met.rows["target"].to_list() == [None, 36.0]
    assert met.target == "increase 20 % within a quarter from 2025-07-01: from 30 to 36"
    assert status(counted([30, 35], QUARTER, **quarterly)) == [None, "missed"]


def test_months_stand_on_a_straight_path_whose_average_is_the_goal() -> None:
    # 30 a month before, 36 asked for on average. From the middle of May (1 May, 30.33 days a month) to that of August:
    # 1 July is 61 of 61.67 + 30.67 = 92.33 days on: the starts lie at 0, 30, 61 before (mean 30.33) and at 91, 122, 153
    # after (mean 122): shares 60.67, 91.67, 122.67 of 91.67: 0.6618, 1, 1.3382: wanted 33.97, then 34.99 on average
    path: dict[str, Any] = {"target": QUARTER, "as_of": "2025-08-01"}
    assert status(counted([30, 30, 30, 34], **path)) == [None, None, None, "on_track"]
    assert status(counted([30, 30, 30, 33], **path)) == [None, None, None, "behind"]
    path["as_of"] = "2025-09-01"
    assert status(counted([30, 30, 30, 33, 37], **path))[3:] == ["behind", "on_track"]  # 35 on average
    assert status(counted([30, 30, 30, 40, 29], **path))[3:] == ["on_track", "behind"]  # 34.5
    path["as_of"] = "2025-10-01"
    assert status(counted([30, 30, 30, 30, 38, 40], **path))[3:] == ["behind", "behind", "met"]  # 36 on average
    assert status(counted([30, 30, 30, 38, 39, 30], **path))[3:] == ["on_track", "on_track", "missed"]


def test_the_level_before_is_the_mean_of_its_periods() -> None:
    # 10, 20 and 60 before: 30 on average
    assert status(counted([10, 20, 60, 36, 36, 36], QUARTER, as_of="2025-10-01"))[-1] == "met"


def test_what_is_not_over_is_not_judged_and_the_outcome_stays() -> None:
    metric = counted([30, 30, 30, 36, 36, 36, 5, 5], QUARTER, as_of="2025-11-15")
    assert status(metric) == [None, None, None, "on_track", "on_track", "met", "met", None]
    assert metric.rows["target"].to_list() == [None] * 3 + [36.0] * 5


def test_the_pace_needed_while_its_time_runs() -> None:
    one_left = counted([30, 30, 30, 30, 36, 2], QUARTER, as_of="2025-09-15")
    assert one_left.target is not None
    assert one_left.target.endswith("from 30 to 36 on average, 42 in the 1 period left")
    three_left = counted([30, 30, 30, 2], QUARTER, as_of="2025-07-15")
    assert three_left.target is not None
    assert three_left.target.endswith("from 30 to 36 on average, 36 on average in the 3 periods left")


def test_a_decrease_is_met_below() -> None:
    less = {"decrease": "10%", "within": "month", "from": "2025-07-01"}
    assert status(counted([50, 50, 30, 27], less, as_of="2025-08-01")) == [None, None, None, "met"]
    assert status(counted([50, 50, 30, 28], less, as_of="2025-08-01")) == [None, None, None, "missed"]


def test_a_goal_set_inside_a_quarter_compares_the_quarters_that_are_over() -> None:
    inside = {**QUARTER, "from": "2025-07-15"}
    assert status(counted([30, 30, 30, 36, 36, 36], inside, as_of="2025-10-01"))[-1] == "met"
    assert status(counted([30, 30, 30, 36, 36, 35], inside, as_of="2025-10-01"))[-1] == "missed"


def test_a_year_is_the_calendar_s() -> None:
    days = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(24)]
    yearly = {"increase": "50%", "within": "year", "from": "2025-01-01"}
    values = [2] * 12 + [3] * 12
    assert status(counted(values, yearly, as_of="2026-01-01", days=days))[-1] == "met"
    assert status(counted([*values[:-1], 2], yearly, as_of="2026-01-01", days=days))[-1] == "missed"


def test_weeks_begin_where_the_configuration_says() -> None:
    entry = {"type": "aggregate", "count": "events", "every": "day"}
    target = {"increase": "100%", "within": "week", "from": "2025-06-01"}  # a Sunday
    days = {date(2025, 5, 25 + i): 1 for i in range(7)} | {date(2025, 6, 1 + i): 2 for i in range(7)}
    given: dict[str, Any] = {"events": events(days), "asked": {"as_of": "2025-06-08"}}
    sunday = one({**entry, "target": target}, settings={"week_start": "sunday"}, **given)
    assert status(sunday)[-1] == "met"
    # From Monday on the week before is 19 to 25 May, of which there is one day: nothing to compare with.
    monday = one({**entry, "target": target}, **given)
    assert set(status(monday)) == {None}


def test_without_a_whole_window_before_nothing_is_judged() -> None:
    metric = counted([30, 30, 36, 36, 36], QUARTER, as_of="2025-10-01", days=MONTHS[1:])
    assert set(status(metric)) == {None}
    assert metric.target == "increase 20 % within a quarter from 2025-07-01"
    longer = counted([30, 36], {**QUARTER, "within": "month"}, as_of="2025-10-01", every="quarter", days=MONTHS[::3])
    assert set(status(longer)) == {None}


def test_nothing_has_no_share_to_grow_by() -> None:
    metric = counted([0, 0, 0, 1], QUARTER, as_of="2025-08-01")
    assert set(status(metric)) == {None}
    assert set(metric.rows["target"].to_list()) == {None}


COHORTS = """customer,event,timestamp
a,x,2025-05-10
a,x,2025-06-10
b,x,2025-05-10
c,x,2025-06-11
c,x,2025-07-11
d,x,2025-08-30
"""


def test_cohorts_are_judged_by_their_start_at_the_same_interval() -> None:
    target = {"increase": "50%", "within": "month", "from": "2025-06-01"}
    entry = {"type": "retention", "start": "x", "return": "x", "entry": "first_time", "every": "month", "intervals": 4}
    metric = one({**entry, "target": target}, events=COHORTS, asked={"as_of": "2025-09-01", "since": "2025-05-01"})
    rows = metric.rows.filter(metric.rows["index"] == 1, metric.rows["cohort_start"].is_not_null())
    found = {row["cohort_start"]: row["status"] for row in rows.to_dicts() if row["value"] is not None}
    assert found["2025-05-01"] is None  # half of the two came back
    assert found["2025-06-01"] == "met"  # the one of June did


def test_segments_are_judged_each_by_itself() -> None:
    rows = ["customer,event,timestamp,plan"]
    for month, pro, free in ((6, 10, 10), (7, 12, 11)):
        rows += [f"c,x,2025-{month:02}-01T12:00:{i:02}Z,pro" for i in range(pro)]
        rows += [f"c,x,2025-{month:02}-01T13:00:{i:02}Z,free" for i in range(free)]
    target = {"increase": "20%", "within": "month", "from": "2025-07-01"}
    entry = {"type": "aggregate", "count": "events", "every": "month", "by": ["plan"], "target": target}
    asked = {"as_of": "2025-08-01", "since": "2025-06-01"}
    metric = one(entry, events="\n".join(rows), asked=asked)
    judged = metric.rows.filter(metric.rows["period_start"] == "2025-07-01").select("segments", "target", "status")
    assert judged.rows() == [("", 24.0, "missed"), ("plan=free", 12.0, "missed"), ("plan=pro", 12.0, "met")]


def test_months_of_a_zone_with_daylight_saving() -> None:
    rows = ["customer,event,timestamp"]
    rows += [f"c,x,2025-02-28T22:59:{i:02}Z" for i in range(10)]  # the last minute of February in Paris
    rows += [f"c,x,2025-03-31T21:59:{i:02}Z" for i in range(11)]  # the last minute of March in Paris
    target = {"increase": "10%", "within": "month", "from": "2025-03-01"}
    entry = {"type": "aggregate", "count": "events", "every": "month", "target": target}
    asked = {"as_of": "2025-04-01", "since": "2025-02-01"}
    metric = one(entry, events="\n".join(rows), asked=asked, settings={"timezone": "Europe/Paris"})
    assert status(metric) == [None, "met"]


ANSWERS = """customer,survey,timestamp,score
a,csat,2025-01-02,5
b,csat,2025-01-02,4
c,csat,2025-01-03,3
a,csat,2025-02-02,2
"""


def test_an_absolute_goal_is_that_of_the_metric_s_first_number_alone() -> None:
    entry = {**SHARES, "target": {"at_least": "60%"}}
    metric = one(entry, surveys=ANSWERS, asked={"as_of": "2025-03-01", "since": "2025-01-01"})
    rows = metric.rows.select("measure", "period_start", "target", "status").rows()
    assert rows == [
        ("csat", "2025-01-01", 0.6, "met"),
        ("csat", "2025-02-01", 0.6, "missed"),
        ("mean", "2025-01-01", None, None),
        ("mean", "2025-02-01", None, None),
    ]


@pytest.mark.parametrize(("goal", "words"), [({"at_most": 3}, "missed"), ({"at_most": 30}, "met")])
def test_an_absolute_goal_from_above(goal: dict[str, Any], words: str) -> None:
    metric = counted([30, 30], goal, as_of="2025-06-15")
    assert status(metric) == [words, words, None]
