"""Where the rows of each bucket wait until they are measured: in memory, or in temporary files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engagement_cli.errors import UserError

Array = NDArray[np.generic]


class Store(Protocol):
    """Columns of rows by bucket; `append` may be called from several threads, `take` once a bucket."""

    def append(self, bucket: int, columns: Sequence[Array]) -> None:
        """Keep one run of rows, one array a column, all of one length."""

    def take(self, bucket: int, *, keep: bool = False) -> list[Array]:
        """All rows of a bucket, one array a column; they are forgotten here unless they are to be kept."""

    def close(self) -> None:
        """Give back memory and files."""


class MemoryStore:
    """Buckets as lists of arrays."""

    def __init__(self, buckets: int, dtypes: Sequence[np.dtype[np.generic]]) -> None:
        self._dtypes = dtypes
        self._parts: list[list[Sequence[Array]]] = [[] for _ in range(buckets)]

    def append(self, bucket: int, columns: Sequence[Array]) -> None:
        """Keep one run of rows (a list's append is atomic)."""
        self._parts[bucket].append(columns)

    def take(self, bucket: int, *, keep: bool = False) -> list[Array]:
        """All rows of a bucket, concatenated column by column."""
        parts, self._parts[bucket] = self._parts[bucket], []
        if not parts:
            return [np.empty(0, dtype) for dtype in self._dtypes]
        whole = [np.concatenate(column) for column in zip(*parts, strict=True)]
        if keep:
            self._parts[bucket] = [whole]
        return whole

    def close(self) -> None:
        """Forget all rows."""
        self._parts = []


class DiskStore:
    """Buckets as files, one a column, in a temporary folder that `close` removes."""

    def __init__(self, buckets: int, dtypes: Sequence[np.dtype[np.generic]], folder: Path | None = None) -> None:
        self._dtypes = dtypes
        self._folder = Path(tempfile.mkdtemp(prefix="engagement-", dir=folder))
        self._locks = [Lock() for _ in range(buckets)]

    def _file(self, bucket: int, column: int) -> Path:
        return self._folder / f"{bucket}.{column}"

    def append(self, bucket: int, columns: Sequence[Array]) -> None:
        """Write one run of rows behind the bucket's others; a full disk is a clear error."""
        try:
            with self._locks[bucket]:
                for i, column in enumerate(columns):
                    with self._file(bucket, i).open("ab") as file:
                        file.write(np.ascontiguousarray(column).data)
        except OSError as error:
            raise UserError(
                f"cannot write temporary files: {error.strerror}",
                where=str(self._folder),
                hint="free some space, point TMPDIR at a larger disk, or allow more with --memory",
            ) from error

    def take(self, bucket: int, *, keep: bool = False) -> list[Array]:
        """Read a bucket's rows and, unless they are to be kept, delete its files."""
        columns: list[Array] = []
        for i, dtype in enumerate(self._dtypes):
            file = self._file(bucket, i)
            columns.append(np.fromfile(file, dtype) if file.exists() else np.empty(0, dtype))
            if not keep:
                file.unlink(missing_ok=True)
        return columns

    def close(self) -> None:
        """Remove the folder with whatever is left in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
