"""What the validation library complains about, in plain words, at the file and line where the value stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engagement_cli.errors import Problem, did_you_mean
from engagement_cli.settings.mistakes import SettingError, shown
from engagement_cli.settings.places import Key, KeyPath, Places

_LENGTHS = {"too_long": ("max_length", "at most"), "too_short": ("min_length", "no fewer than")}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "dataclass_type": "a mapping (key: value)",
}
_YAML_1_1_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


Located: TypeAlias = tuple[KeyPath, Problem]


def translate(
    error: ValidationError, model: type[BaseModel], data: object, places: Places, prefix: KeyPath = ()
) -> list[Located]:
    """The problems of one validated mapping, each once, with the path of keys that it concerns.

    `data` is what was validated, `prefix` the path at which it stands in the configuration.
    """
    grouped: dict[KeyPath, list[ErrorDetails]] = {}
    found: list[Located] = []
    for detail in error.errors(include_url=False):
        path = _written(detail["loc"], data)
        if detail["loc"][-1:] == ("[key]",):
            what, hint = _describe(path, [detail], model, path[-1])
            found.append(((*prefix, *path), Problem(what, places.where((*prefix, *path)), hint)))
            continue
        if detail["type"] == "missing":
            path = path if path == detail["loc"] else (*path, detail["loc"][-1])
        grouped.setdefault(path, []).append(detail)
    for path, details in grouped.items():
        what, hint = _describe(path, details, model, _at(data, path))
        found.append(((*prefix, *path), Problem(what, places.where((*prefix, *path)), hint)))
    return found


def _describe(
    path: KeyPath, details: list[ErrorDetails], model: type[BaseModel], given: object
) -> tuple[str, str | None]:
    """What is wrong with one value, in plain words, and what to do about it."""
    detail = details[0]
    kind = detail["type"]
    context = detail.get("ctx", {})
    name = path[-1] if path else ""
    if kind == "missing":
        return f"`{name}:` is missing", None
    if kind == "extra_forbidden":
        return f"unknown key {name!r}", did_you_mean(str(name), known_keys(model, path[:-1]))
    if kind in ("value_error", "assertion_error"):
        mistake = context.get("error")
        return str(mistake), mistake.hint if isinstance(mistake, SettingError) else None
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        if isinstance(given, str) and words:
            close = did_you_mean(given, words) or ""
            return f"{given!r} is not one of {', '.join(words)}", close if close.startswith("did you") else None
        return f"{context.get('expected')} is expected, not {shown(given)}", None
    if kind in _BOUNDS:
        bound, words_ = _BOUNDS[kind]
        return f"{shown(given)} must be {words_} {context[bound]}", None
    if kind in _LENGTHS:
        bound, words_ = _LENGTHS[kind]
        number = context[bound]
        return f"{words_} {number} entr{'y' if number == 1 else 'ies'} can stand here", None
    if all(d["type"] in _KINDS for d in details):
        expected = list(dict.fromkeys(_KINDS[d["type"]] for d in details))
        hint = _quoting(given) if "text" in expected else _boolean(given) if expected == ["true or false"] else None
        return f"{' or '.join(expected)} is expected, not {shown(given)}", hint
    return detail["msg"].replace("Input should be", "must be"), None


def _quoting(given: object) -> str | None:
    if isinstance(given, bool):
        return f'put it in quotes: "{str(given).lower()}"'
    if isinstance(given, int | float):
        return f'put it in quotes as it is to be read: "{given}"'
    return None


def _boolean(given: object) -> str | None:
    word = _YAML_1_1_BOOLEANS.get(given.lower()) if isinstance(given, str) else None
    return f"write {word}" if word else None


def _written(location: tuple[Key, ...], data: object) -> KeyPath:
    """The part of an error's location that exists in what the user wrote: names of union branches fall away."""
    path: list[Key] = []
    for key in location:
        children = _children(data)
        if key in children:
            path.append(key)
            data = children[key]
    return tuple(path)


def _at(data: object, path: KeyPath) -> object:
    for key in path:
        data = _children(data).get(key)
    return data


def _children(data: object) -> dict[Key, object]:
    if isinstance(data, tuple | list):
        return dict(enumerate(data))
    return dict(data) if isinstance(data, dict) else {}


def known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the mapping at a path of a model may have; none where it is free or unknown."""
    found: Any = model
    for key in path:
        found = _child(found, key)
        if found is None:
            return []
    return [info.alias or name for option in _models(found) for name, info in option.model_fields.items()]


def _child(annotation: Any, key: Key) -> Any:
    """The annotation of what stands under a key or index of an annotated value; None if that cannot be told."""
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, info in option.model_fields.items():
                if key == (info.alias or name):
                    return info.annotation
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) in (tuple, list) and isinstance(key, int):
            return get_args(option)[0]
    return None


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    return [o for o in _options(annotation) if isinstance(o, type) and issubclass(o, BaseModel)]


def _options(annotation: Any) -> list[Any]:
    """The branches of a union, without their annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _options(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [inner for branch in get_args(annotation) for inner in _options(branch)]
    return [annotation]
