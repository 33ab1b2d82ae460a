"""Which kept segments a run over some files reads, and which of them it puts together anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from engagement_cli.records import Record
from engagement_cli.timeline.cache.files import File
from engagement_cli.timeline.cache.shelf import Kept
from engagement_cli.timeline.needs import Demand

MOST = 8  # segments that one timeline is read from
_SMALL = 0.25  # of the largest: what is put together without it


class Choice(Record):
    """Segments to read as they are, those to write anew with what is new, and the files that are in none of them."""

    standing: tuple[Kept, ...]
    rewritten: tuple[Kept, ...]
    missing: tuple[File, ...]


def choose(there: Sequence[Kept], files: Sequence[File], demand: Demand) -> Choice:
    """Of the segments there those of unchanged files that have what is asked for, the largest first, no file twice.

    All have the same number of buckets. When they become many, the small ones are written anew as one.
    """
    missing = {file.mark: file for file in files}
    chosen: list[Kept] = []
    fitting = (kept for kept in there if kept.manifest.serves(demand))
    for kept in sorted(fitting, key=lambda k: (-k.manifest.rows, k.manifest.demand != demand, str(k.folder))):
        marks = [file.mark for file in kept.manifest.files]
        alike = not chosen or kept.manifest.buckets == chosen[0].manifest.buckets
        if alike and missing.keys() >= set(marks):
            chosen.append(kept)
            for mark in marks:
                del missing[mark]
    small = _small(chosen, demand) if len(chosen) + bool(missing) > MOST else []
    standing = tuple(kept for kept in chosen if kept not in small)
    return Choice(standing, tuple(small), tuple(missing.values()))


def _small(chosen: Sequence[Kept], demand: Demand) -> list[Kept]:
    """The segments that become one: all but the largest, or that as well where the others have grown."""
    mine = [kept for kept in chosen if kept.manifest.demand == demand]
    others = sum(kept.manifest.rows for kept in mine[1:])
    return mine if mine and others > _SMALL * mine[0].manifest.rows else mine[1:]


def segment_name(files: Sequence[File], demand: Demand) -> str:
    """The name of the segment of some files, read for a demand: 32 hexadecimal digits."""
    said = repr((sorted(file.mark for file in files), demand))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
