"""What a user may get wrong about the columns of a source is said in words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from support.measuring import one

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import PARAMETERS

CUSTOMERS = """
    customer,country,charges
    a,FR,10
    b,DE,20
"""


@pytest.mark.parametrize(
    ("entry", "what", "hint"),
    [
        ({"count": "rows", "where": "contry = 'FR'"}, "no column 'contry' in the customers export", "country"),
        ({"sum": "charge"}, "no column 'charge' in the customers export", "charges"),
        ({"mean": "country"}, "mean needs numbers, but 'country' of the customers export holds other", "distinct"),
    ],
)
@pytest.mark.parametrize("buckets", [1, 7])
def test_a_wrong_column_is_named(entry: dict[str, Any], what: str, hint: str, buckets: int) -> None:
    with pytest.raises(UserError, match=what) as error:
        one(
            {"type": "aggregate", "source": "customers", "every": "total", **entry},
            limits=Limits(buckets=buckets),
            customers=CUSTOMERS,
        )
    problem = error.value.problems[0]
    assert hint in f"{problem.what} {problem.hint}"


def test_a_ratio_says_so_too() -> None:
    sides = {
        "numerator": {"sum": "chrges", "source": "customers"},
        "denominator": {"count": "rows", "source": "customers"},
    }
    with pytest.raises(UserError, match="no column 'chrges'"):
        one({"type": "ratio", "every": "total", **sides}, customers=CUSTOMERS)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"last": "followers"}, "takes source: audience, not events"),
        ({"last": "followers", "source": "audience", "absolute": True}, "not with last"),
        ({"sum": "followers", "source": "audience", "of": "account"}, "of: and at: go with last, not with sum"),
        ({"count": "rows", "source": "audience", "at": "start"}, "of: and at: go with last, not with count"),
    ],
)
def test_what_does_not_go_with_the_last_known_value_is_said(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        PARAMETERS["aggregate"].model_validate({"type": "aggregate", **entry})


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"last": "folowers"}, "no column 'folowers' in the audience export"),
        ({"last": "followers", "of": "page"}, "no column 'page' in the audience export"),
        ({"last": "account"}, "last needs numbers, but 'account' of the audience export holds other"),
    ],
)
def test_a_wrong_column_of_the_audience_is_named(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(UserError, match=what):
        one({"type": "aggregate", "source": "audience", **entry}, audience="date,account,followers\n2025-01-01,a,5")


AUDIENCE = "date,account,followers\n2025-01-01,main,5"
LOGIN = "customer,event,timestamp\na,like,2025-01-01T10:00:00Z"
FOLLOWERS = {"type": "aggregate", "last": "followers", "source": "audience"}
RATE = {"type": "ratio", "numerator": {"count": "events"}, "denominator": {"last": "followers", "source": "audience"}}


@pytest.mark.parametrize(
    ("entry", "by", "why"),
    [
        (FOLLOWERS, "country", "country is a column of customers, and rows of the audience belong to no customer"),
        (RATE, "account", "account is a column of the audience, and what it measures is not of the audience alone"),
        ({"type": "aggregate", "count": "events"}, "account", "is not of the audience alone"),
    ],
)
def test_what_a_column_cannot_divide_is_said(entry: dict[str, Any], by: str, why: str) -> None:
    exports = {"audience": AUDIENCE, "events": LOGIN, "customers": CUSTOMERS}
    with pytest.raises(UserError, match=why):
        one({**entry, "by": [by]}, **exports)
