"""On what terms timelines are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engagement_cli.records import Record

if TYPE_CHECKING:
    from engagement_cli.timeline.cache.files import By
    from engagement_cli.timeline.cache.shelf import Shelf

MOST_BYTES = 10 * 10**9
_SHARE_OF_DISK = 0.1


class Terms(Record):
    """Where timelines are kept, by what files are told to be unchanged, how many bytes all may take (None: 10 GB or a
    tenth of what is free), how many rows exports have at least, and who is told where keeping fails.
    """

    folder: Path
    by: By = "file"
    limit: int | None = None
    least_rows: int = 0
    warn: Callable[[str], None] = lambda message: None

    @property
    def shelf(self) -> Shelf:
        """What is kept there."""
        from engagement_cli.timeline.cache.shelf import Shelf  # most calls keep nothing

        return Shelf(self.folder)

    def allowed(self) -> int:
        """How many bytes all segments may take now. Raises `OSError`."""
        if self.limit is not None:
            return self.limit
        taken = sum(each.size for each in self.shelf.all())
        return min(MOST_BYTES, int((self.shelf.free() + taken) * _SHARE_OF_DISK))
