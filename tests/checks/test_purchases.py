from __future__ import annotations

import pytest

HEADER = "user_id,event,timestamp,value\n"
ROWS = "a,purchase,2025-01-02,20\na,purchase,2025-01-03,-5\nb,order,2025-01-03,-1\nb,order,2025-01-04,-2\n"


def test_purchases_below_zero_are_a_warning(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER + ROWS))
    finding = report.one("negative_purchase")
    assert (finding["severity"], finding["where"]) == ("warning", "events.csv")
    assert finding["what"] == "3 purchases have a negative value: order (2), purchase (1)"
    assert report.code == 0


def test_one_is_said_in_the_singular(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER + "a,purchase,2025-01-03,-0.01\n"))
    assert report.one("negative_purchase")["what"] == "1 purchase has a negative value: purchase (1)"


@pytest.mark.parametrize(
    "rows",
    [
        "a,refund,2025-01-03,-5\na,purchase,2025-01-02,20\n",  # what is paid back may be written so
        "a,login,2025-01-03,-5\na,purchase,2025-01-02,\n",
        "a,purchase,2025-01-02,0\n",
    ],
)
def test_other_values_are_none(write, checked, rows) -> None:
    assert checked("--events", write("events.csv", HEADER + rows)).of("negative_purchase") == []


def test_an_export_without_values_has_none(write, checked) -> None:
    report = checked("--events", write("events.csv", "user_id,event,timestamp\na,purchase,2025-01-02\n"))
    assert report.of("negative_purchase") == []


def test_a_purchase_may_be_an_entry_of_its_own_predicate(write, checked) -> None:
    write("events.csv", "user_id,event,timestamp,value,kind\na,deal,2025-01-02,-9,shop\na,deal,2025-01-02,-9,gift\n")
    config = "sources:\n  events: {path: events.csv}\nevents:\n  purchase: {where: kind = 'shop', weight: 10}\n"
    write("engagement.yaml", config)
    assert checked().one("negative_purchase")["what"].startswith("1 purchase has")
