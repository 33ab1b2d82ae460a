from __future__ import annotations

import pytest

HEADER = "user_id,event,timestamp,value\n"


def rows(count: int, start: int = 0) -> str:
    return "".join(
        f"u{i % 7},login,2025-01-{1 + i % 28:02}T10:00:{i % 60:02}Z,{i}\n" for i in range(start, start + count)
    )


def test_few_bad_cells_warn_and_are_named(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER + rows(300) + "u1,login,yesterday,1\n" + rows(20)))
    assert report.code == 0
    assert report.one("bad_cells")["what"] == "1 of 321 rows of events cannot be read (0.31%)"
    assert report.one("bad_cell")["where"] == "events.csv:302, column timestamp"
    assert report.json["waterfall"]["unparseable"] == 1


def test_above_one_per_cent_bad_cells_are_an_error(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER + rows(50) + "u1,login,yesterday,1\n"))
    assert report.code == 3
    assert report.one("bad_cells")["severity"] == "error"


def test_under_strict_one_bad_cell_is_an_error(write, checked) -> None:
    report = checked("--strict", "--events", write("events.csv", HEADER + rows(300) + "u1,login,yesterday,1\n"))
    assert report.code == 3


def test_a_value_that_is_no_number_is_a_bad_cell(write, checked) -> None:
    content = HEADER + rows(10_500) + "u1,login,2025-01-05T10:00:00Z,a lot\n"
    report = checked("--events", write("events.csv", content))
    assert report.one("bad_cell")["where"] == "events.csv:10502, column value"


@pytest.mark.parametrize(("nobody", "severity"), [(5, "info"), (60, "warning")])
def test_rows_without_a_customer_are_counted(write, checked, nobody, severity) -> None:
    content = HEADER + rows(100) + ",login,2025-01-05T10:00:00Z,1\n" * nobody
    report = checked("--events", write("events.csv", content))
    assert report.one("no_customer")["severity"] == severity
    assert f"{nobody} rows of events" in report.one("no_customer")["what"]


def test_rows_with_one_event_id_warn_while_nothing_is_deduplicated(write, checked) -> None:
    content = "event_id,user_id,event,timestamp\n1,a,login,2025-01-01\n1,a,login,2025-01-01\n2,a,login,2025-01-02\n"
    write("events.csv", content)
    finding = checked("--events", "events.csv").one("duplicates")
    assert finding["severity"] == "warning"
    assert finding["what"].startswith("1 rows of events repeat the event id")
    write("engagement.yaml", "sources:\n  events: {path: events.csv, dedupe: id}\n")
    report = checked()
    assert report.of("duplicates") == []
    assert report.json["waterfall"]["duplicate"] == 1


def test_equal_rows_without_an_event_id_are_mentioned_only(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER + "a,login,2025-01-01,1\n" * 3))
    assert report.one("duplicates")["severity"] == "info"
    assert report.one("duplicates")["what"].startswith("2 rows")


def test_duplicates_found_part_by_part_are_those_of_the_whole(write, checked, monkeypatch) -> None:
    lines = [f"{i % 90},u{i % 9},login,2025-01-{1 + i % 28:02}\n" for i in range(300)]
    lines += [f"{i % 90},,login,2025-01-{1 + i % 28:02}\n" for i in range(100)]
    write("events.csv", "event_id,user_id,event,timestamp\n" + "".join(lines))
    write("engagement.yaml", "sources:\n  events: {path: events.csv, dedupe: id}\n")
    whole = checked().json["waterfall"]
    monkeypatch.setattr("engagement_cli.checks.events.ROWS_A_PART", 50)
    assert checked().json["waterfall"] == whole
    assert (whole["duplicate"], whole["used"], whole["without_customer"]) == (220, 180, 90)
    write("engagement.yaml", "sources:\n  events: {path: events.csv}\n")
    assert checked().one("duplicates")["what"].startswith("about ")


def test_the_waterfall_is_that_of_a_report(sample_waterfalls) -> None:
    mine, theirs = sample_waterfalls
    assert mine == theirs


def test_events_without_an_entry_are_listed_by_frequency(write, checked) -> None:
    content = HEADER + "a,flew,2025-01-01,1\n" + "a,sang,2025-01-02,1\n" * 2 + "a,login,2025-01-03,1\n"
    finding = checked("--events", write("events.csv", content)).one("unweighted")
    assert finding["severity"] == "info"
    assert finding["what"] == "2 events of the export have no entry and weigh 1: sang (2), flew (1)"


def test_an_entry_with_a_predicate_takes_its_events(write, checked) -> None:
    write("events.csv", HEADER + "a,flew,2025-01-01,1\nb,flew,2025-01-02,2\n")
    write("engagement.yaml", "events:\n  flight: {where: \"event = 'flew' AND value > 1\", weight: 3}\n")
    assert checked("--events", "events.csv").of("unweighted") == []


def test_a_predicate_on_a_missing_column_is_an_error_at_its_line(write, checked) -> None:
    write("events.csv", HEADER + "a,flew,2025-01-01,1\nb,flew,2025-01-02,2\n")
    write("engagement.yaml", 'events:\n  flight: {where: "vale > 1", weight: 3}\n')
    report = checked("--events", "events.csv")
    finding = report.one("predicate")
    assert (report.code, finding["severity"]) == (1, "error")
    assert finding["where"].startswith("engagement.yaml:2")
    assert "value" in finding["hint"]


def test_an_exclusion_that_applies_nowhere_warns(write, checked) -> None:
    write("events.csv", HEADER + "a,login,2025-01-01,1\nb,login,2025-01-02,2\n")
    write("engagement.yaml", "exclude:\n  bots: {where: \"agent = 'bot'\"}\n")
    report = checked("--events", "events.csv")
    assert report.one("predicate")["severity"] == "warning"
    assert checked("--strict", "--events", "events.csv").code == 1


def test_unknown_events_of_metrics_and_events_that_never_occur(write, checked) -> None:
    write("events.csv", HEADER + "a,login,2025-01-01,1\nb,login,2025-01-02,2\n")
    write(
        "engagement.yaml",
        "events:\n  flew: {weight: 2}\nmetrics:\n  it: {type: aggregate, count: events, events: [logn]}\n",
    )
    report = checked("--events", "events.csv")
    found = {f["what"]: f["severity"] for f in report.of("unknown_name")}
    assert report.code == 1
    assert found == {"unknown event 'logn'": "error", "unknown event 'flew'": "warning"}


def test_currencies_need_rates(write, checked) -> None:
    content = "user_id,event,timestamp,value,currency\na,purchase,2025-01-01,1,EUR\na,purchase,2025-01-02,1,usd\n"
    write("events.csv", content)
    report = checked("--events", "events.csv")
    assert report.code == 1
    assert "EUR (1 rows), USD (1 rows)" in report.one("currency")["what"]
    write("engagement.yaml", "currency: EUR\n")
    assert "USD" in checked("--events", "events.csv").one("currency")["what"]
    write("engagement.yaml", "currency: EUR\nrates: {USD: 0.9}\n")
    assert checked("--events", "events.csv").of("currency") == []


def test_one_currency_is_mentioned_where_the_configuration_has_none(write, checked) -> None:
    content = "user_id,event,timestamp,value,currency\na,purchase,2025-01-01,1,EUR\na,purchase,2025-01-02,1,EUR\n"
    finding = checked("--events", write("events.csv", content)).one("currency")
    assert (finding["severity"], finding["hint"]) == ("info", "write currency: EUR")


def test_answers_outside_their_scale(write, checked) -> None:
    content = "user_id,survey,answered_at,score\na,nps,2025-01-01,10\nb,csat,2025-01-02,7\nc,nps,2025-01-03,-1\n"
    report = checked("--surveys", write("surveys.csv", content))
    found = {f["where"]: f["what"] for f in report.of("out_of_scale")}
    assert report.code == 0
    assert found == {
        "surveys.csv:4, column score": "1 of 2 nps answers lie outside the scale of 0 to 10, such as -1",
        "surveys.csv:3, column score": "1 of 1 csat answers lie outside the scale of 1 to 5, such as 7",
    }


def test_overlapping_and_reversed_subscriptions(write, checked) -> None:
    content = """user_id,plan,started,ended
a,x,2025-01-01,2025-03-01
a,y,2025-02-01,
b,x,2025-01-01,2025-02-01
b,y,2025-02-01,
c,x,2025-02-01,2025-01-01
"""
    report = checked("--subscriptions", write("subs.csv", content))
    assert report.one("overlap")["what"].startswith(
        "1 of 3 customers have subscriptions that overlap, the first being 'a'"
    )
    assert report.one("reversed")["where"] == "subs.csv:6, column ended"


def test_ids_that_do_not_match_warn_and_say_why(write, checked) -> None:
    write("events.csv", HEADER + "001,login,2025-01-01,1\n002,login,2025-01-02,2\n003,login,2025-01-02,2\n")
    write("crm.csv", "customer_id,country\n1,FR\n2,DE\n3,FR\n")
    finding = checked("--events", "events.csv", "--customers", "crm.csv").one("join")
    assert finding["severity"] == "warning"
    assert finding["what"] == "0 of 3 customers of customers occur in the events (0.0%)"
    assert "leading zeros" in finding["hint"]


def test_ids_that_match_say_nothing(write, checked) -> None:
    write("events.csv", HEADER + "a,login,2025-01-01,1\nb,login,2025-01-02,2\n")
    write("crm.csv", "customer_id,country\na,FR\nz,DE\n")
    assert checked("--events", "events.csv", "--customers", "crm.csv").of("join") == []
