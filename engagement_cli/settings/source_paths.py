"""Paths of exports, relative to the file that names them, made absolute."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.settings.tree import Tree


def absolute_paths(tree: Tree, folder: Path) -> Tree:
    """The configuration with every `path:` of `sources:` resolved against a folder; addresses (s3://…) stay."""
    sources = tree.entries.get("sources")
    if sources is None or not sources.entries:
        return tree
    resolved = {name: _source(source, folder.absolute()) for name, source in sources.entries.items()}
    return Tree({**tree.entries, "sources": Tree(resolved, sources.place)}, tree.place)


def _source(source: Tree, folder: Path) -> Tree:
    path = source.entries.get("path")
    if path is None:
        return source
    return Tree({**source.entries, "path": _absolute(path, folder)}, source.place)


def _absolute(path: Tree, folder: Path) -> Tree:
    if isinstance(path.value, tuple):
        return Tree(tuple(_absolute(item, folder) for item in path.value), path.place)
    if isinstance(path.value, str) and path.value and "://" not in path.value:
        return Tree(str(folder / Path(path.value).expanduser()), path.place)
    return path
