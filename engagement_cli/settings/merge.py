"""A configuration laid over the one that it extends.

Sections merge entry by entry and entries field by field; an entry that says anew what it is replaces the inherited one
whole; `null` removes; scalars, lists and the values of fields replace. Metrics that it names come first.
"""

from __future__ import annotations

from engagement_cli.errors import Problem, did_you_mean
from engagement_cli.settings.tree import Tree

# What an entry of the section is made of: stating one of these fields redefines it.
_REDEFINES: dict[str, frozenset[str]] = {
    "metrics": frozenset({"type"}),
    "segments": frozenset({"column", "where"}),
    "events": frozenset({"where"}),
    "exclude": frozenset({"where"}),
    "signals": frozenset(),
    "views": frozenset(),
    "dimensions": frozenset(),
    "sources": frozenset(),
}
SECTIONS = tuple(_REDEFINES)
# Sections in which the order is seen: what a configuration names itself comes before what it inherits.
_NAMED_FIRST = frozenset({"metrics"})


def merge(base: Tree, over: Tree, problems: list[Problem]) -> Tree:
    """`over` laid on `base`, every value keeping its place; what cannot be removed is added to `problems`."""
    merged = dict(base.entries)
    for key, child in over.entries.items():
        inherited = base.entries.get(key)
        if key in _REDEFINES and isinstance(child.value, dict):
            merged[key] = _merge_section(key, inherited, child, problems)
        elif key in _REDEFINES and child.value is None:
            # A section whose entries are all commented out says nothing.
            continue
        elif key in ("score", "profile") and isinstance(child.value, dict):
            merged[key] = _merge_fields(inherited, child)
        elif child.value is None:
            merged.pop(key, None)
        else:
            merged[key] = child
    return Tree(merged, over.place)


def _merge_section(section: str, base: Tree | None, over: Tree, problems: list[Problem]) -> Tree:
    merged = dict(base.entries) if base is not None else {}
    inherited = dict(merged)
    for name, entry in over.entries.items():
        if entry.value is None:
            if merged.pop(name, None) is None:
                hint = did_you_mean(name, inherited) if inherited else None
                what = f"{name!r} is empty, and there is no inherited entry of that name to remove"
                problems.append(Problem(what, f"{entry.place} {section}.{name}", hint or "write {} for the defaults"))
        elif isinstance(entry.value, dict) and not _REDEFINES[section] & entry.value.keys():
            merged[name] = _merge_fields(inherited.get(name), entry)
        else:
            merged[name] = _merge_fields(None, entry)
    if section in _NAMED_FIRST:
        merged = {name: merged[name] for name in over.entries if name in merged} | merged
    return Tree(merged, over.place)


def _merge_fields(base: Tree | None, over: Tree) -> Tree:
    """Fields of `over` on those of `base`; a field that is null falls back to its default."""
    if not isinstance(over.value, dict):
        return over
    fields = {**(base.entries if base is not None else {}), **over.value}
    return Tree({key: child for key, child in fields.items() if child.value is not None}, over.place)
