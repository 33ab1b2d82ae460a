"""PyYAML's parser with YAML 1.2's plain scalars: null, true and false, decimal numbers; everything else is text."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.nodes import Node

_TAG = "tag:yaml.org,2002:"
# Leading zeros and more than 18 digits belong to identifiers, not to quantities.
_WHOLE = r"[-+]?(?:0|[1-9][0-9]{0,17})"
_PLAIN = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", _WHOLE, list("-+0123456789")),
    ("float", rf"(?:{_WHOLE}\.[0-9]*|[-+]?\.[0-9]+|{_WHOLE}(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", "<<", ["<"]),
)


def _core_loader(base: type) -> Any:
    """A loader class of PyYAML with the scalars of `_PLAIN` instead of those of YAML 1.1."""
    loader: Any = type("CoreLoader", (base,), {"yaml_implicit_resolvers": {}})
    for name, pattern, first in _PLAIN:
        loader.add_implicit_resolver(_TAG + name, re.compile(rf"(?:{pattern})\Z"), first)
    return loader


# libyaml, where PyYAML has it, is about three times as fast, but its recursion is unguarded.
_fast_loader = _core_loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
_plain_loader = _core_loader(yaml.SafeLoader)


def compose(text: str) -> Node | None:
    """The one document of a YAML text as nodes with their lines; None for an empty text.

    Raises yaml.YAMLError, and RecursionError for extreme nesting.
    """
    loader = (_plain_loader if _may_nest_deeply(text) else _fast_loader)(text)
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _may_nest_deeply(text: str) -> bool:
    """Whether libyaml, which recurses without a limit and then crashes the process, must not see the text."""
    return text.count("[") + text.count("{") > 2000 or re.search(r"^[\s?-]{500}", text, re.MULTILINE) is not None
