"""Surveys, subscriptions, customers, audience: canonical frames and their waterfalls."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from engagement_cli.sources.exports import load_table, sql_columns

DAY = 86_400_000_000


def test_surveys(write, opened):
    path = write(
        "s.csv",
        "user_id,survey,answered_at,score,comment\n01,nps,1970-01-02,9,great\n02,nps,1970-01-03,x,\n,csat,1970-01-04,4.5,\n",
    )
    table = load_table(opened(surveys=path), "surveys")
    assert table.frame.rows() == [("01", "nps", DAY, 9.0, "great"), (None, "csat", 3 * DAY, 4.5, None)]
    assert table.frame.columns == ["customer", "survey", "time", "score", "comment"]
    w = table.waterfall
    assert (w.read, w.unparseable, w.used, w.without_customer) == (3, 1, 2, 1)


def test_missing_canonical_columns_are_null(write, opened):
    frame = load_table(opened(surveys=write("s.csv", "user_id,score\n1,9\n")), "surveys").frame
    assert frame.schema == {
        "customer": pl.String,
        "survey": pl.String,
        "time": pl.Int64,
        "score": pl.Float64,
        "comment": pl.String,
    }


def test_subscriptions(write, opened):
    path = write(
        "s.csv",
        "user_id,plan,started_at,ended_at,trial_ends_at,mrr,billing\n1,pro,1970-01-02,,1970-01-16,9.99,year\n",
    )
    frame = load_table(opened(subscriptions=path), "subscriptions").frame
    assert frame.row(0, named=True) == {
        "customer": "1",
        "plan": "pro",
        "started": DAY,
        "ended": None,
        "trial_ends": 15 * DAY,
        "mrr": 9_990_000,
        "billing": "year",
    }


def test_an_unknown_billing_is_a_bad_cell(write, opened):
    path = write("s.csv", "user_id,started,amount,billing\n1,2025-01-01,9,month\n2,2025-01-01,9,decade\n")
    assert load_table(opened(subscriptions=path), "subscriptions").waterfall.unparseable == 1


def test_customers_keep_raw_columns_in_types_that_every_cell_has(write, opened):
    path = write("c.csv", "id,country,age,vip,code,note\n1,FR,30,true,007,\n2,NA,,false,8,x\n")
    table = load_table(opened(customers=path), "customers")
    assert table.frame.select("customer", "country", "age", "vip", "code").rows() == [
        ("1", "FR", 30, True, "007"),
        ("2", "NA", None, False, "8"),
    ]


def test_a_property_gets_its_configured_name(write, opened):
    path = write("c.csv", "id,ctry\n1,FR\n")
    frame = load_table(opened(customers=path, maps=("customers.country=ctry",)), "customers").frame
    assert frame["country"].to_list() == ["FR"]
    assert "ctry" not in frame.columns


def test_audience_has_no_customers(write, opened):
    path = write("a.csv", "date,page,followers,reach,likes\n1970-01-02,main,100,5.5,7\n")
    frame = load_table(opened(audience=path), "audience").frame
    row = frame.row(0, named=True)
    assert (row["time"], row["account"], row["followers"], row["reach"], row["likes"]) == (DAY, "main", 100.0, 5.5, 7)
    assert row["sentiment"] is None
    assert "customer" not in row


def test_exclusions_and_aliases_apply_to_tables(write, opened):
    path = write("c.csv", "id,email\n1,a@x.com\n2,b@us.com\n3,c@x.com\n")
    settings = {"exclude": {"internal": {"where": "email LIKE '%@us.com'"}, "bots": {"where": "agent = 'bot'"}}}
    exports = opened(customers=path, identities=write("i.csv", "alias,customer\n3,1\n"), settings=settings)
    table = load_table(exports, "customers")
    assert table.waterfall.excluded == {"internal": 1}
    assert table.frame["customer"].to_list() == ["1", "1"]


def test_nanoseconds(write, opened):
    path = write("s.csv", "user_id,score,time\n1,9,1970-01-01T00:00:01Z\n")
    assert load_table(opened(surveys=path), "surveys", 1_000_000_000).frame["time"].to_list() == [1_000_000_000]


def test_the_order_of_rows_is_kept_without_aliases(write, opened):
    path = write("c.csv", "id\n" + "".join(f"{i}\n" for i in range(1000, 0, -1)))
    frame = load_table(opened(customers=path), "customers").frame
    assert frame["customer"].to_list() == [str(i) for i in range(1000, 0, -1)]


@pytest.mark.real_data
def test_real_exports_are_read_whole(real_data, opened):
    from engagement_cli.sources.exports import Wanted, scan_events

    maps = ("events.event=sql:'purchase'", "events.value=sql:Quantity * UnitPrice")
    exports = opened(events=real_data / "online_retail.parquet", maps=maps)
    frame = scan_events(exports, Wanted(texts=("order",), numbers=("Quantity",))).collect()
    assert frame.height == 541_909
    assert frame["customer"].null_count() == 135_080
    assert frame["customer"].drop_nulls().n_unique() == 4_372
    assert frame["order"].n_unique() == 25_900
    assert frame["Quantity"].sum() == 5_176_450_000_000
    assert frame["fate"].sum() == 0
    telco = load_table(opened(customers=real_data / "telco_churn.csv"), "customers").frame
    assert telco.filter(pl.col("Churn") == "Yes").height == 1869
    assert sql_columns("Churn = 'Yes'") <= set(telco.columns)


def test_whole_numbers_of_several_widths_go_together(opened, tmp_path):
    big = 2**64 - 1
    pl.DataFrame({"user_id": [big]}, schema={"user_id": pl.UInt64}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"user_id": [-7]}, schema={"user_id": pl.Int64}).write_parquet(tmp_path / "2.parquet")
    table = load_table(opened(customers=tmp_path), "customers")
    assert table.frame["customer"].to_list() == [str(big), "-7"]


def test_a_year_that_nanoseconds_cannot_hold_is_a_bad_cell(opened, tmp_path):
    for name, unit, year in (("1", "ns", 2025), ("2", "us", 2500)):
        at = pl.Series([datetime(year, 1, 1)], dtype=pl.Datetime(unit))
        pl.DataFrame({"user_id": ["u"], "plan": ["a"], "started_at": at}).write_parquet(tmp_path / f"{name}.parquet")
    waterfall = load_table(opened(subscriptions=tmp_path), "subscriptions").waterfall
    assert (waterfall.read, waterfall.unparseable, waterfall.used) == (2, 1, 1)
