"""A list of subscribers that has no dates: a churn rate as a ratio over its rows, in every format, without an as_of."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run
from support.real import CONFIGURATIONS, judged, program, rows_of, value

pytestmark = pytest.mark.real_data

CONFIGURATION = CONFIGURATIONS / "telco_churn.yaml"


def test_churn_is_26_54_percent(real_data: Path) -> None:
    found = program("report", "-c", CONFIGURATION, "--customers", real_data / "telco_churn.csv")
    (row,) = rows_of(found, "churn")
    assert (row["numerator"], row["denominator"], row["n"]) == (1_869, 7_043, 7_043)
    assert round(row["value"], 4) == 0.2654
    # One yes or no a row: the clustered interval is the plain one.
    half = 1.959964 * (row["value"] * (1 - row["value"]) / 7_042) ** 0.5
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((row["value"] - half, row["value"] + half), abs=1e-6)


def test_there_is_no_as_of_where_there_are_no_dates(real_data: Path) -> None:
    found = program("report", "-c", CONFIGURATION, "--customers", real_data / "telco_churn.csv")
    assert (found["as_of"], found["through"]) == (None, None)
    (row,) = rows_of(found, "churn")
    assert [row[name] for name in ("as_of", "through", "period_start", "period_end", "previous")] == [None] * 5
    assert row["complete"]


@pytest.mark.parametrize("form", ["table", "md", "csv", "ndjson"])
def test_every_format_shows_it(real_data: Path, form: str) -> None:
    done = run("report", "-c", CONFIGURATION, "--customers", real_data / "telco_churn.csv", "--format", form)
    assert done.code == 0, done.err
    assert "26.5 %" in done.out or "0.26536" in done.out


def test_by_contract(real_data: Path) -> None:
    found = program("report", "-c", CONFIGURATION, "--customers", real_data / "telco_churn.csv")
    sql = "SELECT Contract, count(*) FILTER (Churn = 'Yes'), count(*) FROM telco GROUP BY 1"
    for contract, churned, all_of_it in judged(sql, telco=real_data / "telco_churn.csv"):
        (row,) = rows_of(found, "churn_by_contract", f"Contract={contract}")
        assert (row["numerator"], row["denominator"]) == (churned, all_of_it)


def test_columns_of_customers_are_averaged(real_data: Path) -> None:
    found = program("report", "-c", CONFIGURATION, "--customers", real_data / "telco_churn.csv")
    sql = "SELECT avg(CAST(MonthlyCharges AS DOUBLE)), median(CAST(tenure AS INT)) FROM telco"
    ((charges, tenure),) = judged(sql, telco=real_data / "telco_churn.csv")
    assert value(found, "monthly_charges") == pytest.approx(charges)
    assert value(found, "median_tenure") == tenure


def test_the_packaged_catalogue_does_not_fail_on_it(real_data: Path) -> None:
    found = program(
        *("report", "--customers", real_data / "telco_churn.csv", "--map", "customers.customer=customerID"),
    )
    assert found["as_of"] is None
    assert found["waterfall"]["read"] == 7_043
