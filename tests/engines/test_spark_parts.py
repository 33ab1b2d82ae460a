"""What the Spark engine is made of, without a Spark."""

from __future__ import annotations

import pickle
import random
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.commands import run
from support.random_data import random_export

from engagement_cli.engines.spark.failures import refuse_other_versions
from engagement_cli.engines.spark.java import check_java
from engagement_cli.engines.spark.parcels import Parcel, from_batch, in_parcels, to_batches, unpacked
from engagement_cli.engines.spark.slices import cut
from engagement_cli.engines.spark.tasks import run_task
from engagement_cli.errors import UserError
from engagement_cli.native.kinds import Marked
from engagement_cli.records import replace
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.sources.headers import Header, read_header
from engagement_cli.sources.pieces import in_pieces
from engagement_cli.timeline.hashing import customer_hash, text_hash
from engagement_cli.timeline.kind_keys import joined
from engagement_cli.timeline.kind_registry import KindRegistry
from engagement_cli.timeline.needs import Demand


def parquet(folder: Path, name: str, rows: int, group: int) -> Header:
    pl.DataFrame({"row": range(rows)}).write_parquet(folder / name, row_group_size=group)
    return read_header(folder / name, "events")


def test_small_files_share_a_slice_and_large_ones_are_cut_between_row_groups(tmp_path: Path) -> None:
    headers = [parquet(tmp_path, f"{n}.parquet", rows, 10) for n, rows in enumerate((12, 15, 64, 3))]
    slices = cut(headers, 30)
    found = [[(header.file.stem, header.only) for header in piece] for piece in slices]
    assert found == [[("0", None), ("1", None)], [("2", (0, 30))], [("2", (30, 30))], [("2", (60, 4)), ("3", None)]]


def test_a_part_of_a_file_is_read_in_pieces_of_that_part(tmp_path: Path) -> None:
    rows = {"customer": ["u"] * 200, "event": ["e"] * 200, "timestamp": [date(2025, 1, 1)] * 200}
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet", row_group_size=10)
    exports = open_exports(Settings(), None, Overrides(paths={"events": (str(tmp_path / "a.parquet"),)}))
    events = exports.sources["events"]
    part = replace(events, headers=(replace(events.headers[0], only=(100, 50)),))
    pieces = in_pieces(replace(exports, sources={"events": part}), "events", 20)
    assert pieces is not None
    assert [piece.sources["events"].headers[0].only for piece in pieces] == [(100, 16), (116, 17), (133, 17)]


def test_csv_files_are_not_cut(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("customer,event\n" + "u1,an event with a name\n" * 100)
    slices = cut([read_header(tmp_path / f"{name}.csv", "events") for name in ("a", "b")], 10)
    assert [[header.file.stem for header in piece] for piece in slices] == [["a"], ["b"]]


def test_kinds_of_parts_merge_to_those_of_the_whole() -> None:
    export = random_export(random.Random(1), rows=300, customers=9, days=20, place=("UTC", date(2025, 3, 1)))
    rows = export.events.select(customer_hash().fill_null(0), "event", t0="channel", p0=pl.col("value") > 10)
    fates = np.zeros(rows.height, dtype=np.uint8)

    def registered(part: pl.DataFrame) -> tuple[KindRegistry, np.ndarray]:
        registry = KindRegistry(("value > 10",), ("channel",))
        names = ("event", "t0")
        marked = Marked([text_hash(part[name]).to_numpy() for name in names], part["customer"].to_numpy(), [part["p0"]])
        codes = registry.encode(
            marked, fates[: part.height], lambda at: [part[name].gather(at).to_list() for name in names]
        )
        return registry, codes

    registry, provisional = registered(rows)
    whole, final = registry.finish()
    pieces = [rows[:120], rows[120:125], rows[125:]]
    parts = [registered(piece) for piece in pieces]
    finished = [part.finish() for part, _ in parts]
    merged, codes = joined([kinds for kinds, _ in finished], Demand(("value > 10",), (), (), ("channel",)))
    assert (merged.events, merged.texts) == (whole.events, whole.texts)
    assert merged.anonymous.tolist() == whole.anonymous.tolist()
    assert merged.flags["value > 10"].tolist() == whole.flags["value > 10"].tolist()
    found = [codes[i][finished[i][1][own]] for i, (_, own) in enumerate(parts)]
    assert np.concatenate(found).tolist() == final[provisional].tolist()


def test_no_parts_have_no_kinds() -> None:
    merged, codes = joined([], Demand(("a > 1",), (), (), ("channel",)))
    assert len(merged) == 0
    assert merged.texts == {"channel": ()}
    assert codes == []


def test_parcels_come_back_as_they_were_sent() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": ["x", None], "c": pl.Series([2, 3], dtype=pl.Int128)})
    sent = [*in_parcels("table", frame, 3), Parcel("start", b"")]
    (batch,) = to_batches(sent)
    assert list(from_batch(batch)) == sent
    assert unpacked(sent[0].payload).equals(frame)


def test_an_error_in_a_task_travels_as_a_parcel() -> None:
    (batch,) = run_task(pickle.dumps("no job"), iter(()))
    (parcel,) = from_batch(batch)
    assert parcel.part == "bug"
    assert b"AttributeError" in parcel.payload


def test_another_release_on_the_cluster_is_refused() -> None:
    with pytest.raises(UserError, match="; this machine has engagement-cli"):
        refuse_other_versions(["engagement-cli 0.0 with polars 1.0"])


def test_pyspark_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    found = run("report", "--sample", "--engine", "spark")
    assert found.code == 2
    assert "pyspark is not installed" in found.err
    assert "pip install" in found.err


def test_two_clusters_at_once_are_refused() -> None:
    found = run("report", "--sample", "--spark-remote", "sc://there", "--spark-master", "local[2]")
    assert found.code == 2
    assert "name two clusters" in found.err


def test_the_local_engine_beside_a_cluster_is_refused() -> None:
    found = run("report", "--sample", "--spark-remote", "sc://there", "--engine", "local")
    assert found.code == 2
    assert "--engine local does not work on a cluster" in found.err


def java(folder: Path, version: str) -> None:
    (folder / "bin").mkdir()
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)


@pytest.mark.parametrize(("version", "named"), [("1.8.0_412", "8"), ("11.0.2", "11")])
def test_an_old_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, named: str) -> None:
    java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UserError, match=f"Spark needs Java 17 or newer: .* is Java {named}$"):
        check_java()


def test_a_java_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="there is no `java`"):
        check_java()


@pytest.mark.parametrize("version", ["17", "17.0.15", "21.0.1"])
def test_a_java_that_is_new_enough_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    check_java()
