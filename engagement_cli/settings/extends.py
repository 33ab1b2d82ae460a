"""The chain of files that a configuration extends, from itself down to the one that extends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.records import Record
from engagement_cli.settings.places import Place, show_path
from engagement_cli.settings.ready import Ready, ready
from engagement_cli.settings.tree import Parsed

Preset = Callable[[str], Path]


class Document(Record):
    """One file of the chain, what it says, and whether it is a shipped preset rather than the user's own."""

    file: Path
    said: Parsed | Ready
    preset: bool


def read_chain(path: Path | None, preset: Preset, problems: list[Problem]) -> list[Document]:
    """The configuration, then what it extends, and so on; `None` reads the preset `default`.

    Mistakes that leave the files readable are added to `problems`. Raises UserError for a file that cannot be read, an
    unknown preset and a circle.
    """
    chain: list[Document] = []
    file, shipped, place = (preset("default"), True, None) if path is None else (path, False, None)
    while True:
        _refuse_circle(chain, file, place)
        try:
            chain.append(_document(file, shipped, problems))
        except UserError as error:
            raise _at(error, place) from None
        following = _following(chain[-1], preset)
        if following is None:
            return chain
        file, shipped, place = following


def _document(file: Path, shipped: bool, problems: list[Problem]) -> Document:
    if shipped and (kept := ready(file)) is not None:
        return Document(file, kept, shipped)
    from engagement_cli.settings.yaml_lines import read_yaml  # PyYAML, where there is YAML to read

    tree, found = read_yaml(file)
    problems.extend(found)
    return Document(file, Parsed(tree), shipped)


def _following(document: Document, preset: Preset) -> tuple[Path, bool, Place | None] | None:
    """The file that a document extends, whether it is a preset, and where that is said; None for none."""
    if isinstance(document.said, Ready):
        return None
    stated = document.said.tree.entries.get("extends")
    if stated is None:
        default = preset("default")
        return None if _same(default, document.file) else (default, True, None)
    name, where = stated.value, f"{stated.place} extends"
    if not isinstance(name, str) or not name:
        raise UserError("extends: names a preset or a file", where=where, hint="write none to start from nothing")
    if name == "none":
        return None
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        # A preset that extends a file beside it stays a preset.
        return document.file.parent / Path(name).expanduser(), document.preset, stated.place
    return _named(name, preset, stated.place), True, stated.place


def _named(name: str, preset: Preset, place: Place) -> Path:
    try:
        file = preset(name)
    except UserError as error:
        raise _at(error, place) from None
    if not file.is_file():
        known = {"none", *(p.stem for p in file.parent.glob("*.yaml"))}
        raise UserError(f"there is no preset {name!r}", where=f"{place} extends", hint=did_you_mean(name, known))
    return file


def _refuse_circle(chain: list[Document], file: Path, place: Place | None) -> None:
    if any(_same(document.file, file) for document in chain):
        names = " → ".join(show_path(f) for f in [*(d.file for d in chain), file])
        raise UserError(f"extends: goes in a circle: {names}", where=f"{place} extends" if place else None)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _at(error: UserError, place: Place | None) -> UserError:
    """An error about a file with the line that names it, where it has no line of its own."""
    where = f"{place} extends" if place else None
    return UserError([Problem(p.what, p.where or where, p.hint) for p in error.problems], code=error.code)
