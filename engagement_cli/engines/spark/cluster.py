"""What runs on the cluster: a first job that reads, and one for each pass that measures."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from engagement_cli.engines.spark import entry
from engagement_cli.engines.spark.failures import refuse_other_versions, told
from engagement_cli.engines.spark.parcels import BUG, ERROR, SCHEMA, Parcel, from_batch, to_batches
from engagement_cli.engines.spark.progress import Report, watched
from engagement_cli.engines.spark.session import open_session
from engagement_cli.engines.spark.tasks import ROWS, Measure, Scan
from engagement_cli.errors import UserError
from engagement_cli.records import Record, field

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
_PARCELS_AT_ONCE = "16"  # in memory, of a few megabytes each
_PARTITIONS_A_CORE = 4


class Cluster(Record):
    """A session, and how many tasks run at once."""

    session: SparkSession
    parallelism: int
    kept: list[DataFrame] = field(default_factory=list)

    def scan(self, job: Scan, progress: Report) -> tuple[DataFrame | None, list[Parcel]]:
        """Read every slice once: rows by bucket stay on the cluster, what was learned comes back."""
        if not (slices := len(job.slices)):
            return None, []
        from pyspark import StorageLevel

        work = self.session.range(0, slices, 1, slices).mapInArrow(_task(job), SCHEMA)
        rows = work.persist(StorageLevel.DISK_ONLY)
        self.kept.append(rows)
        with watched(self.session, progress):
            found = _collected(rows.where(f"part != '{ROWS}'"))
        return rows.where(f"part = '{ROWS}'"), found

    def measure(
        self, job: Measure, parcels: Sequence[Parcel], rows: DataFrame | None, buckets: int, progress: Report
    ) -> list[Parcel]:
        """Measure every bucket, one after another within a partition of buckets."""
        import pyarrow as pa

        start = Parcel("start", b"")  # so that one bucket is measured even where there is no row of any source
        given = self.session.createDataFrame(pa.Table.from_batches(to_batches([start, *parcels])))
        everything = given if rows is None else given.union(rows)
        partitions = min(buckets, _PARTITIONS_A_CORE * self.parallelism)
        by_bucket = everything.repartition(partitions, "bucket").sortWithinPartitions("bucket", "part", "task")
        with watched(self.session, progress):
            return _collected(by_bucket.mapInArrow(_task(job), SCHEMA))

    def release(self) -> None:
        """Give back what the cluster keeps for this report."""
        for rows in self.kept:
            rows.unpersist()


@contextmanager
def open_cluster(remote: str | None, master: str | None) -> Iterator[Cluster]:
    """A cluster that runs the same releases as this process. Raises `UserError` for what goes wrong there."""
    session = open_session(remote, master)
    with told(session):
        batch = session.conf.get(_BATCH)
        session.conf.set(_BATCH, _PARCELS_AT_ONCE)
        cluster = Cluster(session, _parallelism(session))
        try:
            yield cluster
        finally:
            cluster.release()
            session.conf.set(_BATCH, batch)


def _parallelism(session: SparkSession) -> int:
    """How many tasks run at once; each tells its releases. Raises UserError where they are not this process's."""
    said = session.range(1 << 16).mapInArrow(entry.versions, "versions string").toArrow()
    releases: list[str] = said.column("versions").to_pylist()
    refuse_other_versions(releases)
    return max(len(releases), 1)


def _task(job: Scan | Measure) -> partial[Iterator[pa.RecordBatch]]:
    from pyspark import cloudpickle

    return partial(entry.run, cloudpickle.dumps(job))


def _collected(frame: DataFrame) -> list[Parcel]:
    """All parcels of a frame; raises the error that the first failing task met."""
    parcels = list(from_batch(frame.toArrow()))
    for parcel in parcels:
        if parcel.part == ERROR:
            problems, code = pickle.loads(parcel.payload)
            raise UserError(problems, code=code)
        if parcel.part == BUG:
            raise RuntimeError(f"on the cluster:\n{parcel.payload.decode()}")
    return parcels
