"""What entries about contents, regular customers and referrals may not say, and what is missing for them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from support.measuring import one

from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import PARAMETERS

EVENTS = "customer,event,timestamp,content_id,value\na,share,2025-01-01T10:00:00Z,x,1"


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"type": "new_content", "events": "view", "content": "content_id", "new": "36h"}, "new: takes whole days"),
        ({"type": "new_content", "events": "view"}, "content"),
        ({"type": "velocity", "content": "content_id"}, "events"),
        ({"type": "velocity", "events": "share", "content": ""}, "at least 1 character"),
        ({"type": "regular", "periods": 1}, "greater than or equal to 2"),
        ({"type": "regular", "every": "total"}, "the whole range is one"),
        ({"type": "referrals"}, "purchase"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        PARAMETERS[entry["type"]].model_validate(entry)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"type": "velocity", "events": "share", "content": "contnt_id"}, "no column 'contnt_id' in the events export"),
        ({"type": "velocity", "events": "forward", "content": "content_id"}, "no event forward"),
        ({"type": "velocity", "events": "share", "content": "content_id", "from": "publish"}, "no event publish"),
        ({"type": "new_content", "events": "view", "content": "content_id"}, "no event view"),
        ({"type": "referrals", "purchase": "share"}, "no customers export"),
    ],
)
def test_what_the_exports_lack_is_named(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(UserError, match=what):
        one(entry, events=EVENTS)


def test_without_referrers_in_the_customers_export_there_are_no_referrals() -> None:
    with pytest.raises(UserError, match="no column 'referred_by' in the customers export"):
        one({"type": "referrals", "purchase": "share"}, events=EVENTS, customers="customer,country\na,FR")
