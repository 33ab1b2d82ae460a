from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO

import pytest

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.render.files import write_file


def new(stream: IO[bytes]) -> None:
    stream.write(b"new")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def full(stream: IO[bytes]) -> None:
    stream.write(b"half")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    write_file(tmp_path / "a.csv", new)
    assert (tmp_path / "a.csv").read_bytes() == b"new"
    assert names(tmp_path) == ["a.csv"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    with pytest.raises(UserError, match="No space left"):
        write_file(tmp_path / "a.csv", full)
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert names(tmp_path) == ["a.csv"]


def test_a_disk_that_fills_while_flushing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UserError, match="No space left"):
        write_file(tmp_path / "a.csv", new)
    assert names(tmp_path) == []


def test_an_error_of_ours_passes_and_leaves_nothing(tmp_path: Path) -> None:
    def broken(stream: IO[bytes]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_file(tmp_path / "a.csv", broken)
    assert names(tmp_path) == []


def test_the_file_and_its_folder_are_flushed_in_that_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[bool] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_file(tmp_path / "a.csv", new)
    assert flushed == [False, True]


@pytest.mark.parametrize("place", ["missing/a.csv", "."])
def test_a_missing_folder_or_a_folder_is_a_usage_error(place: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        write_file(tmp_path / place, new)
    assert caught.value.code == ExitCode.USAGE
    assert caught.value.problems[0].hint
    assert names(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_file(tmp_path / "link.csv", new)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    (tmp_path / "kept.csv").write_bytes(b"old")
    (tmp_path / "kept.csv").chmod(0o604)
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "kept.csv", new)
        write_file(tmp_path / "fresh.csv", new)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "kept.csv").stat().st_mode) == 0o604
    assert stat.S_IMODE((tmp_path / "fresh.csv").stat().st_mode) == 0o640


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_file(Path("/dev/null"), new)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_closed_pipe_is_not_our_error(tmp_path: Path) -> None:
    def closed(stream: IO[bytes]) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_file(tmp_path / "a.csv", closed)
