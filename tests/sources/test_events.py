"""The scan of events: columns, predicates, fates, identities, duplicates."""

from __future__ import annotations

import polars as pl
import pytest

from engagement_cli.errors import UserError
from engagement_cli.results import Waterfall
from engagement_cli.sources.events import number_column, text_column
from engagement_cli.sources.exports import (
    Wanted,
    first_bad_cells,
    scan_events,
    sql_columns,
    too_many_bad_cells,
)

CSV = """event_id,user_id,event,timestamp,value,zip,flag,email
e1,0001,login,2025-01-01T00:00:00Z,1.5,75001,true,a@x.com
e2,NA,login,2025-01-01T00:00:01Z,,33000,false,
e3,,buy,2025-01-01T00:00:02Z,2,75002,TRUE,bot@ourcompany.com
e3,0001,buy,2025-01-01T00:00:03Z,3,13001,,c@x.com
"""


@pytest.fixture
def path(write):
    return write("e.csv", CSV)


def scan(exports, **wanted) -> pl.DataFrame:
    return scan_events(exports, Wanted(**wanted)).collect()


def test_the_own_columns(path, opened):
    frame = scan(opened(events=path))
    assert frame.schema == {"customer": pl.String, "event": pl.String, "time": pl.Int64, "fate": pl.UInt8}
    assert frame["customer"].to_list() == ["0001", "NA", None, "0001"]
    assert frame["time"][1] - frame["time"][0] == 1_000_000


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("value > 1.5", [False, False, True, True]),
        ("event LIKE 'lo%'", [True, True, False, False]),
        ("event ILIKE '%UY'", [False, False, True, True]),
        ("email IS NULL", [False, True, False, False]),
        ("email <> 'a@x.com'", [False, False, True, True]),
        ("customer = '0001'", [True, False, False, True]),
        ("zip LIKE '75%'", [True, False, True, False]),
        ("zip = '75001'", [True, False, False, False]),
        ("zip > 50000 AND value > 1", [True, False, True, False]),
        ("flag", [True, False, True, False]),
        ("flag = 'true'", [True, False, True, False]),
        ("event IN ('buy') AND NOT (value = 2)", [False, False, False, True]),
        ("timestamp >= TIMESTAMP '2025-01-01 00:00:02'", [False, False, True, True]),
        ("timestamp >= DATE '2025-01-02'", [False, False, False, False]),
    ],
)
def test_predicates_see_numbers_texts_and_times(path, opened, sql, expected):
    assert scan(opened(events=path), predicates={"p": sql})["p"].to_list() == expected


def test_texts_are_the_same_whether_or_not_they_are_hashed_as_well(write, opened):
    cells = ["0001", "", " ", "  ", '""', "\t", "NA", " a"]
    path = write("e.csv", "user_id,event,timestamp,zip\n" + "".join(f"{c},buy,2025-01-01,{c}\n" for c in cells))
    plain = scan(opened(events=path), texts=("zip",))
    hashed = scan(opened(events=path), texts=("zip",), hashes=("zip", "customer", "event"))
    assert plain["zip"].to_list() == ["0001", None, None, "  ", None, "\t", "NA", " a"]
    assert plain.equals(hashed.select(plain.columns))


def test_predicates_of_both_kinds_of_seeing_live_side_by_side(path, opened):
    frame = scan(opened(events=path), predicates={"a": "zip LIKE '75%'", "b": "zip > 50000"}, texts=("zip",))
    assert frame["a"].to_list() == [True, False, True, False]
    assert frame["b"].to_list() == [True, False, True, False]
    assert frame["zip"].to_list() == ["75001", "33000", "75002", "13001"]


def test_instants_in_predicates_are_the_wall_clock_of_the_report(path, opened):
    exports = opened(events=path, settings={"timezone": "Asia/Tokyo"})
    assert scan(exports, predicates={"p": "EXTRACT(hour FROM timestamp) = 9"})["p"].all()


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("vlaue > 1", "no column 'vlaue'"),
        ("value >", "cannot read the SQL"),
        ("SUM(value) > 1", "more than one row"),
        ("email > 5", "does not fit"),
        ("value + 1", "not true or false"),
        ("timestamp > '2025-01-01'", "does not fit"),
    ],
)
def test_predicates_that_make_no_sense(path, opened, sql, what):
    with pytest.raises(UserError) as caught:
        scan_events(opened(events=path), Wanted(predicates={"p": sql}))
    assert what in caught.value.problems[0].what


def test_double_quotes_around_a_text_are_explained(path, opened):
    with pytest.raises(UserError) as caught:
        scan_events(opened(events=path), Wanted(predicates={"p": 'event = "buy"'}))
    assert "texts stand in single quotes" in str(caught.value.problems[0].hint)


def test_aggregate_names_inside_texts_are_no_aggregates():
    assert sql_columns("event = 'sum(x)'") == {"event"}


def test_texts_and_numbers(path, opened):
    frame = scan(opened(events=path), texts=("email", "value"), numbers=("value", "zip"))
    assert frame["value"].to_list() == [1_500_000, None, 2_000_000, 3_000_000]
    assert frame["text:value"].to_list() == ["1.5", None, "2", "3"]
    assert frame["zip"][0] == 75_001_000_000
    assert frame["email"].to_list() == ["a@x.com", None, "bot@ourcompany.com", "c@x.com"]


def test_outputs_never_take_each_others_names(write, opened):
    path = write("e.csv", "user_id,event,timestamp,time,p0\na,x,2025-01-01,7,8\n")
    wanted = Wanted(predicates={"p0": "p0 = 8"}, texts=("time", "p0", "event"), numbers=("p0", "time"))
    row = scan_events(opened(events=path), wanted).collect().row(0, named=True)
    assert row["p0"] is True
    assert [row[text_column(wanted, name)] for name in wanted.texts] == ["7", "8", "x"]
    assert [row[number_column(wanted, name)] for name in wanted.numbers] == [8_000_000, 7_000_000]


def test_an_unknown_name_is_suggested(path, opened):
    with pytest.raises(UserError) as caught:
        scan_events(opened(events=path), Wanted(texts=("emial",)))
    assert caught.value.problems[0].hint == "did you mean 'email'?"


def test_exclusions_where_all_columns_are_there(path, opened):
    exclude = {
        "internal": {"where": "email LIKE '%@ourcompany.com'"},
        "bots": {"where": "user_agent ILIKE '%bot%'"},
        "logins": {"where": "event = 'login' OR email LIKE '%@ourcompany.com'"},
    }
    exports = opened(events=path, settings={"exclude": exclude})
    assert exports.exclusions["events"] == ("internal", "logins")
    assert scan(exports)["fate"].to_list() == [3, 3, 2, 0]


def test_bad_cells_make_their_row_unparseable(write, opened):
    rows = "".join(f"u,x,2025-01-01T00:00:{i:02d}Z,{i}\n" for i in range(10))
    bad = "u,x,31/31/2025,1\nu,x,2025-01-01,abc\nu,x,2025-01-01,inf\nu,x,2025-01-01,NaN\nu,,2025-01-01,1\nu,x,,1\n"
    exports = opened(events=write("e.csv", "user_id,event,timestamp,value\n" + rows + bad))
    assert scan(exports)["fate"].to_list() == [0] * 10 + [1, 0, 0, 0, 1, 1]
    wanted = Wanted(numbers=("value",))
    frame = scan_events(exports, wanted).collect()
    assert frame["fate"].to_list() == [0] * 10 + [1] * 6
    cells = first_bad_cells(exports, "events", wanted, limit=10)
    assert [(c.row, c.column, c.text) for c in cells] == [
        (12, "timestamp", "31/31/2025"),
        (13, "value", "abc"),
        (14, "value", "inf"),
        (15, "value", "NaN"),
        (16, "event", None),
        (17, "timestamp", None),
    ]
    assert first_bad_cells(exports, "events", wanted, limit=1)[0].why == (
        "'31/31/2025' is no timestamp between 1900 and 2262"
    )


def test_a_cell_unlike_its_sampled_column_is_bad_where_it_is_read(write, opened):
    rows = "u,x,2025-01-01,1\n" * 10_000 + "u,x,2025-01-01,many\n"
    exports = opened(events=write("e.csv", "user_id,event,timestamp,count\n" + rows))
    assert scan(exports)["fate"].sum() == 0
    assert scan(exports, predicates={"p": "count > 0"})["fate"].to_list()[-1] == 1


def test_lines_of_bad_cells_count_quoted_newlines(write, opened):
    path = write("e.csv", 'user_id,event,timestamp,note\nu,x,2025-01-01,"a\nb\nc"\nu,x,never,d\n')
    assert [c.row for c in first_bad_cells(opened(events=path), "events")] == [5]


def test_rows_of_bad_cells_in_parquet(opened, tmp_path):
    path = tmp_path / "e.parquet"
    pl.DataFrame({"user_id": "u", "event": "x", "timestamp": ["2025-01-01", "never"]}).write_parquet(path)
    assert [(c.file, c.row) for c in first_bad_cells(opened(events=path), "events")] == [(path, 2)]


def test_bad_cells_of_a_later_file_with_narrower_types(opened, tmp_path):
    rows = {"user_id": [1], "event": ["x"], "timestamp": ["2025-01-01"], "value": [1.5]}
    pl.DataFrame(rows).write_parquet(tmp_path / "1.parquet")
    second = pl.DataFrame(rows | {"timestamp": ["never"], "value": [None]}, schema_overrides={"user_id": pl.Int16})
    second.write_parquet(tmp_path / "2.parquet")
    (cell,) = first_bad_cells(opened(events=tmp_path / "*.parquet"), "events", Wanted(numbers=("value",)))
    assert (cell.file.name, cell.row, cell.text) == ("2.parquet", 1, "never")


def test_too_many_bad_cells_above_one_percent_or_any_when_strict():
    assert too_many_bad_cells(Waterfall("events", 1000, 10), strict=False) is None
    assert too_many_bad_cells(Waterfall("events", 1000, 0), strict=True) is None
    error = too_many_bad_cells(Waterfall("events", 1000, 11), strict=False)
    assert error is not None
    assert error.code == 3
    assert too_many_bad_cells(Waterfall("events", 1000, 1), strict=True) is not None


def test_identity_by_id_and_by_row(write, opened):
    events = {"path": str(write("e.csv", CSV))}
    by_id = scan(opened(settings={"sources": {"events": events | {"dedupe": "id"}}}))["identity"]
    assert by_id[2] == by_id[3]
    assert by_id.n_unique() == 3
    by_row = scan(opened(settings={"sources": {"events": events | {"dedupe": "row"}}}))["identity"]
    assert by_row.n_unique() == 4
    twice = {"path": str(write("t.csv", CSV + CSV.splitlines()[1] + "\n")), "dedupe": "row"}
    assert scan(opened(settings={"sources": {"events": twice}}))["identity"].n_unique() == 4


def test_a_row_without_an_id_is_nobodys_duplicate(write, opened):
    path = write("e.csv", "id,user_id,event,timestamp\n,a,x,2025-01-01\n,a,x,2025-01-01\n")
    events = {"path": str(path), "dedupe": "id"}
    assert scan(opened(settings={"sources": {"events": events}}))["identity"].to_list() == [None, None]


def test_aliases_become_customers_through_chains(write, opened):
    path = write(
        "e.csv",
        "user_id,event,timestamp\na,x,2025-01-01\nb,x,2025-01-01\nc,x,2025-01-01\nd,x,2025-01-01\n,x,2025-01-01\n",
    )
    identities = write("i.csv", "anonymous_id,user_id\na,b\nb,c\nc,c\nz,d\n")
    exports = opened(events=path, identities=identities)
    assert sorted(scan(exports)["customer"].to_list(), key=str) == [None, "c", "c", "c", "d"]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("a,b\na,c\n", "alias 'a' stands for two customers, 'b' and 'c'"),
        ("a,b\nb,a\n", "run in a circle"),
        ("x,a\na,b\nb,c\nc,a\n", "run in a circle"),
    ],
)
def test_aliases_that_make_no_sense(write, opened, rows, what):
    with pytest.raises(UserError) as caught:
        opened(identities=write("i.csv", "alias,customer\n" + rows))
    assert what in caught.value.problems[0].what


def test_parquet_ids_keep_their_text_and_categories_are_text(opened, tmp_path):
    path = tmp_path / "e.parquet"
    pl.DataFrame({"user_id": [17850, 1], "event": ["x", "y"], "timestamp": ["2025-01-01"] * 2}).with_columns(
        pl.col("event").cast(pl.Categorical)
    ).write_parquet(path)
    frame = scan(opened(events=path), predicates={"p": "event LIKE 'x%'"})
    assert frame["customer"].to_list() == ["17850", "1"]
    assert frame["p"].to_list() == [True, False]


def test_nested_columns_and_durations_do_not_get_in_the_way(opened, tmp_path):
    path = tmp_path / "e.parquet"
    data = {"user_id": ["a", "a"], "event": ["x", "x"], "timestamp": ["2025-01-01"] * 2, "tags": [["p"], ["q"]]}
    odd = {"took": pl.duration(seconds=1), "signed": pl.lit(b"\xff")}
    pl.DataFrame(data).with_columns(**odd).write_parquet(path)
    events = {"path": str(path), "dedupe": "row"}
    exports = opened(settings={"sources": {"events": events}})
    assert not {"tags", "took", "signed"} & {*exports.names()["events"]}
    assert scan(exports)["identity"].n_unique() == 2


def test_only_the_columns_needed_are_read(opened, tmp_path):
    path = tmp_path / "e.parquet"
    pl.DataFrame({"user_id": ["a"], "event": "x", "timestamp": "2025-01-01", "a": 1, "b": 2}).write_parquet(path)
    plan = scan_events(opened(events=path), Wanted(numbers=("a",))).explain()
    assert "PROJECT 4/5 COLUMNS" in plan


def test_two_sources_of_rows_hint(path, opened, tmp_path):
    assert opened(events=path).sources["events"].rows_hint in range(2, 10)
    parquet = tmp_path / "e.parquet"
    pl.DataFrame({"user_id": ["a"] * 7, "event": "x", "timestamp": "2025-01-01"}).write_parquet(parquet)
    assert opened(events=parquet).sources["events"].rows_hint == 7


def test_date_only_exports_say_so(path, write, opened):
    assert not opened(events=path).sources["events"].date_only
    assert opened(events=write("d.csv", "user_id,event,date\na,x,2025-01-01\n")).sources["events"].date_only
