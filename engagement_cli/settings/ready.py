"""What the program ships, ready as it was read and validated, so that a start need not do it again.

`default.ready` stands beside `default.yaml`; `pytest --renew-golden` writes it. What was made of another text than the
one beside it, or of models with other fields, counts for nothing: then the text is read and validated as any other.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engagement_cli.records import Record
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import Place
from engagement_cli.settings.tree import Tree

_OUTDATED = (AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError, pickle.UnpicklingError)


class Ready(Record):
    """A file that extends none, ready: its settings, and what its text says, which few calls ask for."""

    file: Path
    settings: Settings
    said: bytes

    @cached_property
    def tree(self) -> Tree:
        """What the text says, merged with nothing."""
        return _placed(pickle.loads(self.said), self.file)

    def unchanged(self, merged: Tree) -> dict[str, MetricParameters]:
        """The metrics of which a configuration that extends the file says nothing else."""
        shipped, entries = (tree.entries.get("metrics", tree).entries for tree in (self.tree, merged))
        return {name: self.settings.metrics[name] for name, entry in entries.items() if entry is shipped.get(name)}


def ready_file(file: Path) -> Path:
    """Where it stands ready."""
    return file.with_suffix(".ready")


def ready(file: Path) -> Ready | None:
    """A shipped file ready; None where it is not."""
    try:
        text, settings, said = pickle.loads(ready_file(file).read_bytes())
        return Ready(file, pickle.loads(settings), said) if text == _digest(file) else None
    except (OSError, *_OUTDATED):
        return None


def make_ready(file: Path, settings: Settings, tree: Tree) -> None:
    """Write beside a shipped file what it says."""
    kept = io.BytesIO()
    _Writer(kept, protocol=5).dump(settings)
    content = _digest(file), kept.getvalue(), pickle.dumps(_lines(tree), protocol=5)
    ready_file(file).write_bytes(pickle.dumps(content, protocol=5))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class _Writer(pickle.Pickler):
    """Models as their fields alone, which are the same under any version of Pydantic."""

    def reducer_override(self, value: object) -> Any:
        """How a model is kept; other values in their own way."""
        if not isinstance(value, BaseModel):
            return NotImplemented
        values = {name: getattr(value, name) for name in type(value).model_fields}
        return _restored, (type(value), tuple(sorted(value.model_fields_set)), values)


def _restored(model: type[BaseModel], stated: tuple[str, ...], values: dict[str, Any]) -> BaseModel:
    """A model of values that were validated. Raises `TypeError` where it has other fields by now."""
    if values.keys() != model.model_fields.keys():
        raise TypeError(model)
    return model.model_construct({*stated}, **values)


def _lines(tree: Tree) -> tuple[Any, int]:
    """A tree as plain values, each with its line."""
    value: Any = tree.value
    if isinstance(value, dict):
        value = {key: _lines(child) for key, child in value.items()}
    elif isinstance(value, tuple):
        value = [_lines(child) for child in value]
    return value, tree.place.line


def _placed(said: tuple[Any, int], file: Path) -> Tree:
    """What `_lines` gave as a tree again."""
    value, line = said
    if isinstance(value, dict):
        value = {key: _placed(child, file) for key, child in value.items()}
    elif isinstance(value, list):
        value = tuple(_placed(child, file) for child in value)
    return Tree(value, Place(file, line))
