"""Immutable records, whose annotated attributes are what their constructor takes.

As `dataclasses.dataclass(frozen=True)`, which writes and compiles six functions for each class: for the many records of
this program that was a tenth of a small report. Here all classes share one function each, and making one costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import get_annotations
from operator import attrgetter
from typing import Any, Never, TypeVar, cast, dataclass_transform

R = TypeVar("R", bound="Record")
T = TypeVar("T")


class _Made:
    """A default that is made anew for each record."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], T]) -> T:
    """The default of a field that is made anew for each record, such as an empty dictionary."""
    return cast(T, _Made(default_factory))


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """Base of immutable records: every annotation of a subclass is a field, what it is set to is its default.

    Records are equal if they are of one class and all fields are; they hash, print and pickle by their fields.
    """

    _fields: tuple[str, ...] = ()  # the fields' names in order, inherited ones first
    _names: frozenset[str] = frozenset()
    _values: Callable[[Any], Any]  # those of all fields
    _defaults: Mapping[str, Any] = {}
    _made: Mapping[str, Callable[[], object]] = {}  # defaults that are made anew

    def __init_subclass__(cls) -> None:
        own = get_annotations(cls)
        stated = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
        made = {name: default.make for name, default in stated.items() if isinstance(default, _Made)}
        cls._fields = tuple(dict.fromkeys((*cls._fields, *own)))
        cls._names = frozenset(cls._fields)
        cls._values = attrgetter(*cls._fields)
        cls._defaults = {**cls._defaults, **{name: each for name, each in stated.items() if name not in made}}
        cls._made = {**cls._made, **made}

    def __init__(self, *args: Any, **given: Any) -> None:
        if len(args) == len(self._fields) and not given:  # most records, of which there are some thousand a bucket
            self.__dict__.update(zip(self._fields, args, strict=True))
            return
        values = stated = {**dict(zip(self._fields, args, strict=False)), **given} if args else given
        if len(stated) < len(self._fields):
            values = {**self._defaults, **stated}
            for name, make in self._made.items():
                if name not in values:
                    values[name] = make()
        wrong = len(stated) != len(args) + len(given) or len(values) != len(self._fields)
        if wrong or (given and values.keys() != self._names):
            raise TypeError(_mismatch(type(self), args, given))
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return self is other or (
            self._values(self) == self._values(other) if type(other) is type(self) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self._values(self))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in items(self))})"


def items(record: Record) -> list[tuple[str, Any]]:
    """A record's fields, name and value, in order."""
    return [(name, getattr(record, name)) for name in record._fields]


def replace(record: R, **changes: Any) -> R:
    """The record with some fields changed. Raises `TypeError` for a field that there is not."""
    return type(record)(**dict(items(record)) | changes)


def plain(value: Any) -> Any:
    """Records as dictionaries by field, all the way down through lists, tuples and dictionaries."""
    if isinstance(value, Record):
        return {name: plain(each) for name, each in items(value)}
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items()}
    return type(value)(plain(each) for each in value) if isinstance(value, list | tuple) else value


def _mismatch(kind: type[Record], args: tuple[Any, ...], given: Mapping[str, Any]) -> str:
    names = kind._fields
    if len(args) > len(names):
        return f"{kind.__name__} takes {len(names)} values, not {len(args)}"
    positional = names[: len(args)]
    unknown, twice = [*given.keys() - {*names}], [*given.keys() & {*positional}]
    missing = [
        name for name in names[len(args) :] if not (name in given or name in kind._defaults or name in kind._made)
    ]
    parts = (("without a field", unknown), ("twice", twice), ("missing", missing))
    return f"{kind.__name__}: " + "; ".join(f"{what}: {', '.join(sorted(found))}" for what, found in parts if found)
