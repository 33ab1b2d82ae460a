"""Immutable records: what they take, when they are equal, that they stay as they are."""

from __future__ import annotations

import copy
import pickle
from functools import cached_property

import pytest

from engagement_cli.records import Record, field, items, plain, replace


class Point(Record):
    x: int
    y: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    @cached_property
    def total(self) -> int:
        return self.x + self.y


class Named(Point):
    name: str = ""
    y: int = 5


class Pair(Record):
    one: object
    many: tuple[object, ...]


def test_values_go_by_place_or_by_name_and_defaults_fill_the_rest() -> None:
    assert items(Point(1)) == [("x", 1), ("y", 0), ("seen", {})]
    assert items(Point(1, y=2)) == [("x", 1), ("y", 2), ("seen", {})]
    assert items(Point(1, 2, {"a": 3})) == [("x", 1), ("y", 2), ("seen", {"a": 3})]


def test_a_default_that_is_made_is_made_for_each_record() -> None:
    one, other = Point(1), Point(1)
    one.seen["a"] = 1
    assert other.seen == {}


def test_inherited_fields_come_first_and_may_have_another_default() -> None:
    assert items(Named(1)) == [("x", 1), ("y", 5), ("seen", {}), ("name", "")]


@pytest.mark.parametrize(
    ("args", "given", "said"),
    [
        ((), {}, "Point: missing: x"),
        ((1, 2, {}, 4), {}, "Point takes 3 values, not 4"),
        ((1,), {"z": 1}, "Point: without a field: z"),
        ((1,), {"x": 1}, "Point: twice: x"),
        ((), {"y": 1, "z": 1, "a": 2}, "Point: without a field: a, z; missing: x"),
    ],
)
def test_values_that_do_not_fit_are_an_error_that_names_them(
    args: tuple[object, ...], given: dict[str, object], said: str
) -> None:
    with pytest.raises(TypeError) as error:
        Point(*args, **given)
    assert str(error.value) == said


def test_nothing_changes_later() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="x cannot be set"):
        point.x = 2
    with pytest.raises(AttributeError, match="x cannot be deleted"):
        del point.x
    assert point.x == 1


def test_records_are_equal_and_hash_by_class_and_fields_whatever_was_worked_out() -> None:
    one, other = Pair(1, (2,)), Pair(1, (2,))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Pair(1, (3,))
    worked_out = Point(1, 2)
    assert worked_out.total == 3
    assert worked_out == Point(1, 2)
    assert Point(1, 5) != Named(1, 5)


def test_a_copy_a_pickle_and_a_replacement_are_records_again() -> None:
    point = Named(1, name="a")
    assert copy.copy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point
    assert replace(point, x=2) == Named(2, name="a")
    with pytest.raises(TypeError, match="without a field: z"):
        replace(point, z=2)


def test_what_was_worked_out_is_not_taken_into_a_replacement() -> None:
    point = Point(1, 2)
    assert point.total == 3
    assert replace(point, x=2).total == 4


def test_records_read_as_they_are_written() -> None:
    assert repr(Pair("a", (Point(1),))) == "Pair(one='a', many=(Point(x=1, y=0, seen={}),))"


def test_records_are_plain_dictionaries_all_the_way_down() -> None:
    found = plain(Pair({"a": Point(1)}, (Pair(1, ()), [Point(2)])))
    assert found == {
        "one": {"a": {"x": 1, "y": 0, "seen": {}}},
        "many": ({"one": 1, "many": ()}, [{"x": 2, "y": 0, "seen": {}}]),
    }
