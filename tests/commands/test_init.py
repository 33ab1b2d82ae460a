from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
import yaml
from support.commands import run

from engagement_cli.samples.shipped import shipped_sample

EVENTS = """who,what,when,how_much
ann,logged in,2025-01-01 10:00:00,
ann,"ORDER: placed",2025-01-02 11:00:00,12.5
bob,logged in,2025-01-03 10:00:00,
bob,logged in,2025-01-04 10:00:00,
bob,on,2025-01-05 10:00:00,
cyd,123,2025-01-06 10:00:00,
cyd,"#tag, ""quoted"" it",2025-01-07 10:00:00,
cyd,active,2025-01-08 10:00:00,
cyd,logged in,2025-01-09 10:00:00,
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def metrics_of(*arguments: object) -> set[str]:
    ran = run("report", "--format", "json", "-q", *arguments)
    assert ran.code == 0, ran.err
    return {row["metric"] for row in ran.json["metrics"]}


def test_the_sample_as_raw_exports_runs_at_once(here: Path) -> None:
    folder = shipped_sample()["events"].parent
    ran = run("init", *sorted(folder.glob("*.csv")))
    assert ran.code == 0
    written = yaml.safe_load((here / "engagement.yaml").read_text())
    assert set(written["sources"]) == {"events", "surveys", "subscriptions", "customers", "audience", "identities"}
    assert written["sources"]["events"]["dedupe"] == "id"
    assert written["events"]["purchase"]["weight"] > written["events"]["login"]["weight"] > 0
    assert written["events"]["cancel_page"]["weight"] < 0
    assert "email_delivered" not in written["active"]
    assert {"my_weekly_actions", "my_buyers_per_visitor"} <= metrics_of()
    assert run("check").code == 0


def test_odd_columns_are_found_by_their_cells_and_odd_events_quoted(here: Path) -> None:
    (here / "log.csv").write_text(EVENTS)
    ran = run("init")
    assert ran.code == 0
    assert "a guess" in ran.err
    text = (here / "engagement.yaml").read_text()
    written = yaml.safe_load(text)
    assert written["sources"]["events"]["path"] == "log.csv"
    assert written["sources"]["events"]["columns"] == {"customer": "who", "event": "what", "timestamp": "when"}
    assert set(written["events"]) == {"logged in", "ORDER: placed", "on", "123", '#tag, "quoted" it', "active_event"}
    assert "my_weekly_actions" in metrics_of()
    assert run("check", "--format", "json").json["rows"] == []


def test_a_mapping_decides_what_cells_do_not_show(here: Path) -> None:
    (here / "x.csv").write_text("a1,a2,a3\np,login,2025-01-01\nq,login,2025-01-02\np,buy,2025-01-03\n")
    refused = run("init", "x.csv")
    assert refused.code == 2
    assert "a1, a2, a3" in refused.err
    assert not (here / "engagement.yaml").exists()
    maps = ("--map", "events.customer=a1", "--map", "events.event=a2", "--map", "events.timestamp=a3")
    assert run("init", "--events", "x.csv", *maps).code == 0
    assert "my_weekly_actions" in metrics_of()


def test_lines_of_orders_without_an_event_are_purchases(here: Path) -> None:
    rows = [("i1", 2, 3.5, "c1"), ("i1", 1, 2.0, "c1"), ("i2", 4, 1.0, "c2"), ("i3", 1, 9.0, "c1")]
    frame = pl.DataFrame(rows, schema=["InvoiceNo", "Quantity", "UnitPrice", "CustomerID"], orient="row")
    dates = pl.Series([f"2025-01-0{day} 10:00:00" for day in range(1, 5)])
    frame.with_columns(InvoiceDate=dates).write_parquet("r.parquet")
    assert run("init", "r.parquet").code == 0
    columns = yaml.safe_load((here / "engagement.yaml").read_text())["sources"]["events"]["columns"]
    assert columns["event"] == {"sql": "'purchase'"}
    assert columns["value"] == {"sql": "Quantity * UnitPrice"}
    assert columns["order"] == "InvoiceNo"
    assert "my_weekly_actions" in metrics_of()


def test_a_list_of_customers_with_a_date_is_no_log_of_events(here: Path) -> None:
    (here / "c.csv").write_text("user_id,signed_up_at,country\na,2025-01-01,FR\nb,2025-01-02,DE\nc,2025-01-03,FR\n")
    run("init", "c.csv")
    assert set(yaml.safe_load((here / "engagement.yaml").read_text())["sources"]) == {"customers"}


@pytest.mark.parametrize(
    ("name", "header", "row", "source"),
    [
        ("a.csv", "user_id,event_name,ts,score", "a,login,2025-01-01,3", "events"),
        ("b.csv", "user_id,type,date,score", "a,nps,2025-01-01,9", "surveys"),
        ("c.csv", "customer_id,plan,start_date,end_date", "a,pro,2025-01-01,", "subscriptions"),
        ("d.csv", "day,page,followers,reach", "2025-01-01,x,3,4", "audience"),
        ("e.csv", "id,country,referred_by", "a,FR,b", "customers"),
    ],
)
def test_each_source_is_recognised_by_its_columns(here: Path, name, header, row, source) -> None:
    (here / name).write_text(f"{header}\n{row}\n{row}\n")
    assert run("init", name).code == 0
    assert set(yaml.safe_load((here / "engagement.yaml").read_text())["sources"]) == {source}


def test_files_of_one_source_become_a_list_and_strangers_are_skipped(here: Path) -> None:
    rows = "user_id,event,timestamp\na,login,2025-01-0{}\nb,login,2025-01-0{}\n"
    (here / "e1.csv").write_text(rows.format(1, 2))
    (here / "e2.csv.gz").write_bytes(gzip.compress(rows.format(3, 4).encode()))
    (here / "prices.csv").write_text("sku,price\nx,1\ny,2\n")
    ran = run("init")
    assert ran.code == 0
    written = yaml.safe_load((here / "engagement.yaml").read_text())
    assert written["sources"]["events"]["path"] == ["e1.csv", "e2.csv.gz"]
    assert "prices.csv" in ran.err


def test_nothing_is_overwritten_without_force(here: Path) -> None:
    (here / "e.csv").write_text("user_id,event,timestamp\na,login,2025-01-01\na,login,2025-01-02\n")
    (here / "engagement.yaml").write_text("mine")
    refused = run("init")
    assert refused.code == 2
    assert "--force" in refused.err
    assert (here / "engagement.yaml").read_text() == "mine"
    assert run("init", "--force").code == 0
    assert (here / "engagement.yaml").read_text() != "mine"


def test_a_dash_writes_to_standard_output(here: Path) -> None:
    (here / "e.csv").write_text("user_id,event,timestamp\na,login,2025-01-01\na,login,2025-01-02\n")
    ran = run("init", "e.csv", "-o", "-", "--timezone", "Europe/Paris")
    assert yaml.safe_load(ran.out)["timezone"] == "Europe/Paris"
    assert [p.name for p in here.iterdir()] == ["e.csv"]


def test_paths_are_relative_to_where_the_configuration_lies(here: Path) -> None:
    (here / "conf" / "data").mkdir(parents=True)
    rows = "user_id,event,timestamp\na,login,2025-01-01\na,login,2025-01-02\n"
    (here / "conf" / "data" / "e.csv").write_text(rows)
    (here / "s.csv").write_text("user_id,survey,score\na,nps,9\n")
    assert run("init", "conf/data", "s.csv", "-o", "conf/engagement.yaml").code == 0
    written = yaml.safe_load((here / "conf" / "engagement.yaml").read_text())
    assert written["sources"]["events"]["path"] == "data/e.csv"
    assert written["sources"]["surveys"]["path"] == str(here / "s.csv")
    assert metrics_of("-c", "conf/engagement.yaml")


def test_an_empty_folder_says_what_to_do(here: Path) -> None:
    ran = run("init")
    assert ran.code == 3
    assert "engagement sample" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"), [(("missing.csv",), 3), (("e.csv", "--timezone", "Pari"), 2), (("e.csv", "--map", "x"), 2)]
)
def test_mistakes_leave_nothing_behind(here: Path, arguments: tuple[str, ...], code: int) -> None:
    (here / "e.csv").write_text("user_id,event,timestamp\na,login,2025-01-01\na,login,2025-01-02\n")
    assert run("init", *arguments).code == code
    assert [p.name for p in here.iterdir()] == ["e.csv"]


def test_very_many_events_are_not_all_listed_and_stay_active(here: Path) -> None:
    lines = [f"u{i % 9},event {i % 300},2025-01-{1 + i % 28:02}" for i in range(900)]
    (here / "e.csv").write_text("user_id,event,timestamp\n" + "\n".join(lines) + "\n")
    assert run("init").code == 0
    text = (here / "engagement.yaml").read_text()
    assert len(yaml.safe_load(text)["events"]) == 60
    assert "240 rarer events" in text
    assert "active" not in yaml.safe_load(text)


def test_damaged_pages_are_told_as_such(here: Path) -> None:
    path, rows = here / "events.parquet", 20_000
    users = [f"user-{i * 7919 % 100_003}" for i in range(rows)]
    times = pl.Series([0] * rows, dtype=pl.Datetime("ms", "UTC"))
    pl.DataFrame({"user_id": users, "event": "x", "timestamp": times}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\x55" * 1996
    path.write_bytes(bytes(content))
    ran = run("init", path)
    assert ran.code == 3
    assert "the Parquet file is damaged: column 'user_id' cannot be read" in ran.err
