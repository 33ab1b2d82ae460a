"""What Spark calls on an executor: light to import, so that Polars starts with the threads that the task may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def own_versions() -> str:
    """The releases of what has to be the same everywhere; hashes differ between those of Polars."""
    from importlib.metadata import version

    return f"engagement-cli {version('engagement-cli')} with polars {version('polars')}"


def versions(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """One row a partition: the releases there."""
    import pyarrow as pa

    for _ in batches:
        pass
    yield pa.record_batch({"versions": pa.array([own_versions()])})


def run(job: bytes, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Do a job of `tasks` on record batches; what goes wrong comes back as a parcel, not as Spark's own error."""
    from pyspark import TaskContext

    context = TaskContext.get()
    os.environ.setdefault("POLARS_MAX_THREADS", str(context.cpus() if context is not None else 1))
    from engagement_cli.engines.spark.tasks import run_task

    yield from run_task(job, batches)
