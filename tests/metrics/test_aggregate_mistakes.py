"""What a user may get wrong about the columns of a source is said in words."""

from __future__ import annotations

from typing import Any

import pytest
from support.measuring import one

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError

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
