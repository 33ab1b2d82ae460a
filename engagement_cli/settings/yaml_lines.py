"""YAML text → a tree whose every value knows its file and line; YAML 1.2's plain words, none of 1.1's traps.

Only `true` and `false` are booleans and only plain decimal numbers are numbers: `no`, `on`, `12:30`, `0123`, `0x1F` and
dates stay the text that was written. Keys are always text.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engagement_cli.errors import Problem, UserError
from engagement_cli.settings.places import Place, show_path
from engagement_cli.settings.tree import Scalar, Tree
from engagement_cli.settings.yaml_compose import compose
from engagement_cli.settings.yaml_syntax import syntax_problem

_TAG = "tag:yaml.org,2002:"
# An alias may be used many times; nested aliases grow exponentially.
_MOST_VALUES = 200_000
_DEEPEST = 50


def read_yaml(file: Path) -> tuple[Tree, list[Problem]]:
    """Read one file: its mapping (empty for an empty file), and what is wrong without making the rest unreadable.

    Raises UserError for a file that is missing, not UTF-8, not YAML, or whose top is no mapping.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise UserError(f"there is no configuration file {show_path(file)}") from None
    except OSError as error:
        reason = "it is a folder" if file.is_dir() else (error.strerror or "unknown reason").lower()
        raise UserError(f"the configuration {show_path(file)} cannot be read: {reason}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            "the file is not UTF-8 text", where=str(Place(file, line)), hint="save it in the encoding UTF-8"
        ) from None
    return parse_yaml(text, file)


def parse_yaml(text: str, file: Path) -> tuple[Tree, list[Problem]]:
    """`read_yaml` for text that is at hand; `file` names it in messages."""
    try:
        node = compose(text)
    except yaml.YAMLError as error:
        raise UserError([syntax_problem(error, text, file)]) from None
    except RecursionError:
        raise _too_deep(file) from None
    if node is None or (isinstance(node, ScalarNode) and node.tag == f"{_TAG}null"):
        return Tree({}, Place(file, 1)), []
    if not isinstance(node, MappingNode):
        raise UserError(
            "a configuration is a mapping of key: value",
            where=str(Place(file, node.start_mark.line + 1)),
            hint="such as: timezone: Europe/Paris",
        )
    builder = _Builder(file)
    tree = builder.build(node, node.start_mark.line + 1)
    return tree, builder.problems


def _too_deep(file: Path) -> UserError:
    return UserError(f"the file nests more than {_DEEPEST} levels", where=show_path(file))


class _Builder:
    """Turns composed nodes into trees and gathers what is wrong on the way."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: Node, line: int) -> Tree:
        """The tree of a node, at the line of its key."""
        self._count += 1
        if self._count > _MOST_VALUES:
            raise UserError(f"the file expands to more than {_MOST_VALUES:,} values", where=show_path(self.file))
        if len(self._open) > _DEEPEST:
            raise _too_deep(self.file)
        place = Place(self.file, line)
        if id(node) in self._open:
            self._note("an anchor contains itself", node)
            return Tree(None, place)
        self._open.add(id(node))
        try:
            return Tree(self._value(node), place)
        finally:
            self._open.discard(id(node))

    def _value(self, node: Node) -> Scalar | tuple[Tree, ...] | dict[str, Tree]:
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            return tuple(self.build(item, item.start_mark.line + 1) for item in node.value)
        if isinstance(node, ScalarNode) and (value := _scalar(node.tag, node.value)) is not _REFUSED:
            return value
        self._note(f"the tag {node.tag.replace(_TAG, '!!')} is not understood", node, "remove the tag")
        return None

    def _mapping(self, node: MappingNode) -> dict[str, Tree]:
        own: dict[str, Tree] = {}
        merged: dict[str, Tree] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._note("a key must be text", key)
            elif key.tag == f"{_TAG}merge":
                # The first of several merged mappings wins, and own keys win over all.
                merged = {**self._merged(value), **merged}
            elif key.value in own:
                first = own[key.value].place.line
                self._note(f"the key {key.value!r} stands twice, in line {first} and in line {line}", key, "keep one")
            else:
                own[key.value] = self.build(value, line)
        return {**merged, **own}

    def _merged(self, node: Node) -> dict[str, Tree]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Tree] = {}
        for part in parts:
            tree = self.build(part, part.start_mark.line + 1)
            if not isinstance(tree.value, dict):
                self._note("<<: merges mappings only", node)
            merged = {**tree.entries, **merged}
        return merged

    def _note(self, what: str, node: Node, hint: str | None = None) -> None:
        self.problems.append(Problem(what, str(Place(self.file, node.start_mark.line + 1)), hint))


_REFUSED: str = "\0refused"


def _scalar(tag: Hashable, text: str) -> Scalar:
    """The value of a scalar, `_REFUSED` for a foreign tag or one that its text does not fit."""
    try:
        if tag == f"{_TAG}str":
            return text
        if tag == f"{_TAG}null" and text in ("", "~", "null", "Null", "NULL"):
            return None
        if tag == f"{_TAG}bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if tag == f"{_TAG}int":
            return int(text)
        if tag == f"{_TAG}float":
            return float(text)
    except ValueError:
        pass
    return _REFUSED
