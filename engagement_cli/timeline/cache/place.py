"""The folder of a cache, for its user alone: it holds ids of customers where reports print them."""

from __future__ import annotations

from pathlib import Path

_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"  # by which backups know what they may leave out


def made(folder: Path, *below: str) -> Path:
    """A folder below the cache's, both made where they are not there. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (tag := folder / _TAG).exists():
        tag.write_text(_SIGNATURE, encoding="ascii")
    place = folder.joinpath(*below)
    place.mkdir(parents=True, exist_ok=True)
    return place
