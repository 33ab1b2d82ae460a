"""Bad structure: every fault is a clear error with its place, a hint and the documented exit code."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.sources.diagnosis import diagnose_files
from engagement_cli.sources.exports import Wanted, first_bad_cells, load_table, scan_events
from engagement_cli.sources.headers import Header
from engagement_cli.sources.scans import scan
from engagement_cli.sources.structure import check_rows

HEADER = "user_id,event,timestamp,note\n"
ROW = "u1,login,2025-01-01T00:00:00Z,x\n"


def refusal(opened, path: Path | str, code: ExitCode = ExitCode.INPUT) -> str:
    with pytest.raises(UserError) as caught:
        scan_events(opened(events=path)).collect()
    assert caught.value.code == code
    assert all(p.where and p.hint for p in caught.value.problems)
    return " | ".join(f"{p.where}: {p.what} ({p.hint})" for p in caught.value.problems)


def test_missing_file_suggests_a_near_name(write, opened, tmp_path):
    write("events.csv", HEADER + ROW)
    message = refusal(opened, tmp_path / "event.csv")
    assert "does not exist" in message
    assert "'events.csv'" in message


def test_empty_file(write, opened):
    assert "file is empty" in refusal(opened, write("e.csv", ""))


def test_header_only(write, opened):
    assert "no rows" in refusal(opened, write("e.csv", HEADER), ExitCode.EMPTY)


def test_a_day_without_rows_among_others_is_no_fault(write, opened, tmp_path):
    write("d/1.csv", HEADER + ROW)
    write("d/2.csv", HEADER)
    assert scan_events(opened(events=tmp_path / "d")).collect().height == 1


def test_latin_1_names_line_and_byte(write, opened):
    path = write("e.csv", (HEADER + ROW).encode() * 1 + b"u2,login,2025-01-01T00:00:00Z,caf\xe9\n")
    message = refusal(opened, path)
    assert "not UTF-8: byte 0xE9" in message
    assert f"{path}:3" in message
    assert "iconv" in message


def test_latin_1_far_down_in_a_column_that_is_not_read(write, opened):
    path = write("e.csv", (HEADER + ROW * 50_000).encode() + b"u2,login,2025-01-01T00:00:00Z,caf\xe9\n")
    assert f"{path}:50002" in refusal(opened, path)


def test_utf_16(write, opened):
    assert "UTF-16" in refusal(opened, write("e.csv", (HEADER + ROW).encode("utf-16")))


@pytest.mark.parametrize("bad", ["u2,login,2025-01-01\n", "u2,login,2025-01-01,x,y\n"])
def test_ragged_rows_name_file_and_line(write, opened, bad):
    path = write("e.csv", HEADER + ROW * 20_000 + bad + ROW)
    message = refusal(opened, path)
    assert f"{path}:20002" in message
    assert "the header has 4" in message


def test_ragged_after_cells_that_run_over_lines(write, opened):
    multi = 'u1,login,2025-01-01T00:00:00Z,"a, ""b""\nsecond, line\nthird"\n'
    assert scan_events(opened(events=write("ok.csv", HEADER + multi * 3))).collect().height == 3
    path = write("e.csv", HEADER + multi * 2 + "u2,login\n" + multi)
    assert f"{path}:8" in refusal(opened, path)


def test_delimiters_inside_quotes_are_no_fault(write, opened):
    path = write("e.csv", HEADER + 'u1,login,2025-01-01T00:00:00Z,"a,b,c"\n')
    assert scan_events(opened(events=path)).collect().height == 1


def test_a_quote_that_never_ends(write, opened):
    path = write("e.csv", HEADER + ROW * 200 + 'u1,login,2025-01-01T00:00:00Z,"x\n' + ROW * 3)
    message = refusal(opened, path)
    assert f"{path}:202" in message
    assert "never ends" in message


def test_text_behind_a_closing_quote(write, opened):
    path = write("e.csv", HEADER + ROW * 3 + 'u1,"log"in,2025-01-01T00:00:00Z,x\n')
    message = refusal(opened, path)
    assert f"{path}:5: text stands behind a closing quote" in message


def test_an_odd_quote_inside_a_cell(write, opened):
    path = write("e.csv", HEADER + ROW * 3 + 'u1,log"in,2025-01-01T00:00:00Z,x\n' + ROW)
    message = refusal(opened, path)
    assert f"{path}:5: a quote stands inside a cell" in message


def test_a_quote_opened_behind_another_that_is_inside_a_cell(write, opened):
    path = write("e.csv", HEADER + ROW * 3 + 'u1,log"in,2025-01-01T00:00:00Z,"\n' + ROW)
    message = refusal(opened, path)
    assert f"{path}:5: a quoted cell never ends" in message


@pytest.mark.parametrize("cell", ['5" by 7"', '"x,y"', '"a ""b"", c"', '""'])
def test_quotes_that_are_no_fault(write, opened, cell):
    frame = scan_events(opened(events=write("e.csv", HEADER + f"u1,login,2025-01-01T00:00:00Z,{cell}\n" + ROW)))
    assert frame.collect()["fate"].to_list() == [0, 0]


def test_quotes_inside_two_cells_of_a_line_hide_no_delimiter(write, opened):
    path = write("e.csv", HEADER + 'u1,5" screen,2025-01-01T00:00:00Z,7" tablet\n')
    frame = scan_events(opened(events=path)).collect()
    assert frame.select("customer", "event", "fate").rows() == [("u1", '5" screen', 0)]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='a,"\n', max_size=14))
def test_what_passes_is_read_as_other_readers_do(tmp_path, body):
    path = tmp_path / "e.csv"
    path.write_text("x,y\n" + body + "\n")
    header = Header(path, (("x", pl.String()), ("y", pl.String())), delimiter=",")
    try:
        check_rows([header])
        read = scan([header]).collect()
        alone = scan([header]).select("y").collect()["y"]
    except (UserError, pl.exceptions.PolarsError) as error:
        assert isinstance(error, UserError) or isinstance(diagnose_files([header], "events"), UserError)
        return
    with path.open(newline="") as stream:
        expected = [tuple(row) for row in csv.reader(stream)][1:]
    empty = ("", "")
    assert [r for r in read.fill_null("").rows() if r != empty] == [r for r in expected if r and r != empty]
    assert alone.to_list() == read["y"].to_list()


def test_blank_lines_at_the_end_are_no_rows(write, opened):
    assert scan_events(opened(events=write("e.csv", HEADER + ROW + "\n\n"))).collect().height == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_understood(write, opened, delimiter):
    path = write("e.csv", (HEADER + ROW * 3).replace(",", delimiter))
    frame = scan_events(opened(events=path)).collect()
    assert frame["customer"].to_list() == ["u1"] * 3


def test_a_delimiter_that_splits_only_some_lines(write, opened):
    message = refusal(opened, write("e.csv", "aa;bb\n1\n2;3;4\n"))
    assert "not separated by commas" in message


def test_one_column_lists_what_is_missing(write, opened):
    message = refusal(opened, write("e.csv", "user_id event timestamp\nu1 login 2025-01-01\n"))
    assert "user_id event timestamp" in message
    assert "--map" in message


def test_two_columns_of_one_name(write, opened):
    assert "two columns are named 'a'" in refusal(opened, write("e.csv", "a,user_id,event,timestamp,a\n1,2,3,4,5\n"))


@pytest.mark.parametrize("name", ["*", "^.*$"])
def test_names_that_stand_for_many_columns(write, opened, name):
    assert f"no column can be named '{name}'" in refusal(
        opened, write("e.csv", f"user_id,event,timestamp,{name}\n" + ROW)
    )


def test_doubled_quotes_in_a_name(write, opened):
    path = write("e.csv", HEADER.replace("note", '"say ""hi"""') + ROW)
    frame = scan_events(opened(events=path), Wanted(texts=('say "hi"',))).collect()
    assert frame["fate"].to_list() == [0]


def test_lines_that_end_in_a_carriage_return_alone(write, opened):
    assert "carriage return alone" in refusal(opened, write("e.csv", (HEADER + ROW).replace("\n", "\r")))


def test_a_long_cell_before_a_bad_one(write, opened):
    exports = opened(events=write("e.csv", HEADER + ROW.replace("x", "x" * 200_000) + "u2,login,soon,x\n"))
    assert [cell.row for cell in first_bad_cells(exports, "events")] == [3]


def test_bom_and_crlf_are_no_fault(write, opened):
    path = write("e.csv", b"\xef\xbb\xbf" + (HEADER + ROW * 2).replace("\n", "\r\n").encode())
    frame = scan_events(opened(events=path)).collect()
    assert frame["customer"].to_list() == ["u1", "u1"]
    assert frame["fate"].to_list() == [0, 0]


def test_parquet_cut_off(write, opened, tmp_path):
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"user_id": ["a"] * 100, "event": "x", "timestamp": "2025-01-01"}).write_parquet(whole)
    path = write("e.parquet", whole.read_bytes()[: whole.stat().st_size // 2])
    message = refusal(opened, path)
    assert str(path) in message
    assert "cut off" in message


def test_parquet_that_is_none(write, opened):
    assert "no Parquet file" in refusal(opened, write("e.parquet", HEADER + ROW))


def test_parquet_with_damaged_pages(opened, tmp_path):
    path = tmp_path / "e.parquet"
    users = [f"user-{i * 7919 % 100_003}" for i in range(20_000)]
    pl.DataFrame({"user_id": users, "event": "x", "timestamp": "2025-01-01"}).write_parquet(path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\x55" * 1996
    path.write_bytes(bytes(content))
    from engagement_cli.sources.exports import diagnose

    exports = opened(events=path)
    with pytest.raises((pl.exceptions.PolarsError, OSError)) as caught:
        scan_events(exports).collect()
    found = diagnose(exports, caught.value)
    assert isinstance(found, UserError)
    assert "user_id" in str(found.problems[0].where)


def test_empty_parquet(opened, tmp_path):
    path = tmp_path / "e.parquet"
    pl.DataFrame({"user_id": [], "event": [], "timestamp": []}, schema_overrides={"user_id": pl.String}).write_parquet(
        path
    )
    assert "no rows" in refusal(opened, path, ExitCode.EMPTY)


def test_folder_without_exports(write, opened, tmp_path):
    write("folder/readme.txt", "x")
    assert "holds no exports" in refusal(opened, tmp_path / "folder")


def test_glob_that_matches_nothing(opened, tmp_path):
    assert "no file matches" in refusal(opened, tmp_path / "*.csv")


def test_a_file_that_is_no_export(write, opened):
    assert "no export" in refusal(opened, write("e.xlsx", "x"))


def test_files_whose_columns_differ(write, opened, tmp_path):
    write("d/1.csv", HEADER + ROW)
    second = write("d/2.csv", "user_id,event,timestamp,extra\nu1,login,2025-01-01,x\n")
    message = refusal(opened, tmp_path / "d")
    assert f"{second} lacks note and has extra besides" in message


def test_files_whose_columns_stand_in_another_order(write, opened, tmp_path):
    write("d/1.csv", HEADER + ROW)
    write("d/2.csv", "note,timestamp,event,user_id\nx,2025-01-02,login,u2\n")
    frame = scan_events(opened(events=tmp_path / "d")).collect()
    assert sorted(frame["customer"]) == ["u1", "u2"]


def test_parquet_files_of_other_types(opened, tmp_path):
    frame = pl.DataFrame({"user_id": [1], "event": ["x"], "timestamp": ["2025-01-01"]})
    frame.write_parquet(tmp_path / "1.parquet")
    frame.with_columns(pl.col("user_id").cast(pl.Int32)).write_parquet(tmp_path / "2.parquet")
    assert scan_events(opened(events=tmp_path / "*.parquet")).collect()["customer"].to_list() == ["1", "1"]
    frame.with_columns(pl.col("user_id").cast(pl.String)).write_parquet(tmp_path / "3.parquet")
    message = refusal(opened, tmp_path / "*.parquet")
    assert "3.parquet, column user_id" in message


def test_csv_and_parquet_in_one_source(write, opened, tmp_path):
    write("d/1.csv", HEADER + ROW)
    pl.DataFrame({"user_id": ["a"], "event": "x", "timestamp": "2025-01-01", "note": ""}).write_parquet(
        tmp_path / "d" / "2.parquet"
    )
    assert "two formats" in refusal(opened, tmp_path / "d")


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_compressed_csv_whole_and_cut(opened, tmp_path, kind):
    text = HEADER + "".join(f"u{i},login,2025-01-01T00:00:{i % 60:02d}Z,{i * 7919 % 1009}\n" for i in range(5000))
    path = tmp_path / f"e.csv.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        pl.read_csv(text.encode(), infer_schema=False).lazy().sink_csv(path, compression="zstd", check_extension=False)
    assert scan_events(opened(events=path)).collect().height == 5000
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged or cut off" in refusal(opened, path)


def test_all_problems_at_once(write, opened, tmp_path):
    with pytest.raises(UserError) as caught:
        opened(events=tmp_path / "no.csv", surveys=write("s.csv", "a,b\n1,2\n"))
    assert len(caught.value.problems) == 3
    assert caught.value.code == ExitCode.INPUT


def test_tables_are_checked_too(write, opened):
    path = write("s.csv", "user_id,score,comment\na,1,x\nb,2\n")
    with pytest.raises(UserError) as caught:
        load_table(opened(surveys=path), "surveys")
    assert caught.value.problems[0].where == f"{path}:3"


def test_unreadable_file_is_told_by_the_system_user(write, opened, monkeypatch):
    path = write("e.csv", HEADER + ROW)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "permission" in refusal(opened, path)


def test_many_files_are_sampled_together(write, opened, tmp_path):
    for day in range(120):
        write(f"d/{day:03}.csv", HEADER + ROW.replace("x", "soon" if day == 119 else "7"))
    export = opened(events=tmp_path / "d").sources["events"]
    assert len(export.files) == 120
    assert export.raw["note"] == pl.String


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("", "an empty path"),
        ("  ", "an empty path"),
        ("x" * 5000, "cannot be looked up: File name too long"),
        ("~nobody-of-this-name/e.csv", "cannot be looked up"),
        ("link.csv", "a link to nothing"),
        ("pipe.csv", "no regular file"),
    ],
)
def test_paths_that_lead_nowhere(opened, tmp_path, monkeypatch, written, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert what in refusal(opened, written)
