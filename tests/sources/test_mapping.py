"""Names: what is recognised, what a mapping may say, and what is refused."""

from __future__ import annotations

import pytest

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.sources.exports import load_table, scan_events
from engagement_cli.sources.fields import FIELDS
from engagement_cli.sources.mapping import decide, parse_maps
from engagement_cli.sources.recognise import RECOGNISED, candidates

ROWS = "u1,login,2025-01-01,5\n"


@pytest.mark.parametrize(
    "header",
    [
        "user_id,event_name,occurred_at,value",
        "Customer ID,Event,Timestamp,Amount",
        "userId,action,createdAt,revenue",
        "uid,activity,ts,total",
        "distinct_id,name,time,amount",
        "account_id,type,InvoiceDate,value",
    ],
)
def test_common_names_need_no_mapping(write, opened, header):
    export = opened(events=write("e.csv", f"{header}\n{ROWS}")).sources["events"]
    assert {"customer", "event", "timestamp", "value"} <= set(export.columns)


def test_better_names_win_over_weaker_ones():
    assert candidates("events", "customer", ["account_id", "user_id", "visitor_id"]) == ("user_id",)
    assert candidates("events", "event", ["name", "event_name"]) == ("event_name",)


def test_two_names_of_one_rank_are_an_error_that_names_both(write, opened):
    with pytest.raises(UserError) as caught:
        opened(events=write("e.csv", f"user_id,event,timestamp,customer_id\n{ROWS}"))
    (problem,) = caught.value.problems
    assert problem.what == "events.customer could be 'user_id' or 'customer_id'"
    assert problem.hint == "say which: --map events.customer=user_id"


def test_map_settles_it(write, opened):
    path = write("e.csv", f"user_id,event,timestamp,customer_id\n{ROWS}")
    frame = scan_events(opened(events=path, maps=("events.customer=customer_id",))).collect()
    assert frame["customer"].to_list() == ["5"]


def test_a_required_column_that_is_not_found_lists_columns_names_and_the_map_to_write(write, opened):
    with pytest.raises(UserError) as caught:
        opened(events=write("e.csv", "who,what,timestamp\na,b,2025-01-01\n"))
    assert caught.value.code == ExitCode.INPUT
    assert len(caught.value.problems) == 2
    customer = caught.value.problems[0]
    assert "it has: who, what, timestamp" in customer.what
    assert '--map "events.customer=COLUMN"' in str(customer.hint)


def test_a_mapping_to_a_column_that_is_not_there_suggests_and_exits_2(write, opened):
    path = write("e.csv", f"user_id,event,timestamp,value\n{ROWS}")
    with pytest.raises(UserError) as caught:
        opened(events=path, maps=("events.value=valeu",))
    assert caught.value.code == ExitCode.USAGE
    assert "'value'" in str(caught.value.problems[0].hint)


def test_a_configured_mapping_of_a_missing_column_names_its_key(write, opened):
    path = write("e.csv", f"user_id,event,timestamp,value\n{ROWS}")
    events = {"path": str(path), "columns": {"customer": "uid"}}
    with pytest.raises(UserError) as caught:
        opened(settings={"sources": {"events": events}})
    assert caught.value.problems[0].where == "sources.events.columns.customer"


def test_one_column_mapped_to_two_fields(write, opened):
    path = write("e.csv", f"user_id,event,timestamp,value\n{ROWS}")
    with pytest.raises(UserError) as caught:
        opened(events=path, maps=("events.customer=user_id", "events.event=user_id"))
    assert "mapped twice: to customer and event" in caught.value.problems[0].what


@pytest.mark.parametrize(
    ("maps", "what"),
    [
        (("events.customer",), "reads SOURCE.FIELD=COLUMN"),
        (("event.customer=a",), "no source is called 'event'"),
        (("events.customer=a", "events.customer=b"), "events.customer is mapped twice"),
    ],
)
def test_maps_that_make_no_sense(maps, what):
    with pytest.raises(UserError) as caught:
        parse_maps(maps)
    assert what in caught.value.problems[0].what


def test_a_map_for_a_source_without_export(write, opened):
    path = write("e.csv", f"user_id,event,timestamp,value\n{ROWS}")
    with pytest.raises(UserError) as caught:
        opened(events=path, maps=("surveys.score=x",))
    assert caught.value.problems[0].hint == "add --surveys PATH"


def test_sql_mappings_see_numbers_and_constants(write, opened):
    path = write("e.csv", "user_id,date,qty,price\na,2025-01-01,2,1.25\n")
    maps = ("events.event=sql:'purchase'", "events.value=sql:qty * price")
    frame = scan_events(opened(events=path, maps=maps), _wanted(numbers=("value",))).collect()
    assert frame.select("event", "value").row(0) == ("purchase", 2_500_000)


def test_further_names_are_properties(write, opened):
    path = write("e.csv", "user_id,event,timestamp,utm_source\na,x,2025-01-01,mail\n")
    exports = opened(events=path, maps=("events.channel=utm_source",))
    assert {"channel", "utm_source"} <= exports.names()["events"]
    assert scan_events(exports, _wanted(texts=("channel",))).collect()["channel"].to_list() == ["mail"]


def test_paths_of_the_command_line_replace_the_configured_ones(write, opened):
    one, two = (
        write("one.csv", f"user_id,event,timestamp,value\n{ROWS}"),
        write("two.csv", "uid,event,ts\nu2,x,2025-01-01\n"),
    )
    exports = opened(events=two, settings={"sources": {"events": {"path": str(one)}}})
    assert scan_events(exports).collect()["customer"].to_list() == ["u2"]


def test_every_canonical_field_but_properties_is_recognised():
    assert {s: set(f) for s, f in RECOGNISED.items()} == {s: set(f) for s, f in FIELDS.items()}


def test_amount_and_billing_are_enough_for_subscriptions(write, opened):
    path = write("s.csv", "user_id,start_date,amount,billing_interval\na,2025-01-01,120,year\nb,2025-01-01,10,month\n")
    assert load_table(opened(subscriptions=path), "subscriptions").frame["mrr"].to_list() == [10_000_000, 10_000_000]


def test_explicit_columns_are_not_taken_a_second_time():
    decision = decide(
        "events", {"event": "name", "timestamp": "at", "customer": "user_id"}, {}, ["name", "at", "user_id"]
    )
    assert set(decision.columns) == {"event", "timestamp", "customer"}
    assert not decision.usage + decision.structure


def _wanted(**kwargs):
    from engagement_cli.sources.exports import Wanted

    return Wanted(**kwargs)
