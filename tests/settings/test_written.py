"""Values of the configuration's language: what fields of each give, write again, and tell editors."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.values import Duration, Every, Grain, Instant, Names, Number, Strict


class Entry(Strict):
    length: Duration = timedelta(days=1)
    every: Every = Grain("month")
    limit: Annotated[Number, Field(gt=0)] = 1.0
    start: Instant | None = None
    names: Annotated[Names, Field(min_length=2)] = ("a", "b")
    where: Predicate | None = None


def test_values_are_parsed_once_and_written_as_they_may_be_read_again() -> None:
    entry = Entry.model_validate({"length": "36h", "every": "2w", "limit": "70%", "start": "2025-06-30"})
    assert (entry.length, entry.every, entry.limit) == (timedelta(hours=36), Grain("week", 2), 0.7)
    written = entry.model_dump(mode="json")
    assert written["length"] == "36h"
    assert written["every"] == "2w"
    assert written["start"] == "2025-06-30"
    assert Entry.model_validate(written) == entry


def test_a_word_is_a_list_of_one_and_constraints_of_a_field_hold_for_it_alone() -> None:
    assert Entry.model_validate({"names": ["x", "y"]}).names == ("x", "y")
    with pytest.raises(ValidationError, match="at least 2 items"):
        Entry.model_validate({"names": "x"})
    with pytest.raises(ValidationError, match="greater than 0"):
        Entry.model_validate({"limit": 0})

    class Other(Strict):
        names: Names
        limit: Number

    assert Other.model_validate({"names": "x", "limit": 0}).names == ("x",)


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, 1])
def test_names_are_text(value: object) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate({"names": value})


def test_a_predicate_is_some_text() -> None:
    for value in ("  ", 1):
        with pytest.raises(ValidationError):
            Entry.model_validate({"where": value})
    assert Entry.model_validate({"where": "x > 1"}).where == "x > 1"


def test_editors_are_told_how_values_are_written_with_what_a_field_says_besides() -> None:
    class Told(Strict):
        every: Every
        where: Predicate | None = Field(None, description="rows")

    properties = Told.model_json_schema()["properties"]
    assert properties["every"]["type"] == "string"
    assert properties["where"] == {
        "anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "null"}],
        "default": None,
        "description": "rows",
        "title": "Where",
    }
