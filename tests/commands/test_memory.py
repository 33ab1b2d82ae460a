"""How much memory the work may take: what is said, else what is free on the machine or in its container."""

from __future__ import annotations

from pathlib import Path

import pytest

from engagement_cli.commands import memory
from engagement_cli.errors import UserError

GB = 10**9


@pytest.mark.parametrize(("given", "size"), [("2GB", 2 * GB), ("1.5 gb", 1_500_000_000), ("500MB", 5 * 10**8)])
def test_what_is_said_counts(given: str, size: int) -> None:
    assert memory.memory_limit(given) == size


@pytest.mark.parametrize("given", ["", "much", "-1GB", "0", "2 pounds"])
def test_what_is_no_size_is_told(given: str) -> None:
    with pytest.raises(UserError, match="is no size"):
        memory.memory_limit(given)


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch, available: int, **files: str) -> int | None:
    """The limit on a machine of so many bytes free, with these files (`__` for slashes)."""
    (folder / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {available // 1024} kB\n")
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(memory, "_PROC", folder)
    monkeypatch.setattr(memory, "_CGROUPS", folder / "groups")
    return memory.memory_limit(None)


def test_without_a_container_it_is_a_share_of_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine(tmp_path, monkeypatch, 1024 * 10**6) == int(0.6 * 1024 * 10**6)


def test_a_container_counts_without_its_pages_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = machine(
        tmp_path,
        monkeypatch,
        16 * GB,
        self__cgroup="0::/a/b\n",
        groups__a__b__memory_max="max\n",
        groups__a__memory_max=f"{4 * GB}\n",
        groups__a__memory_current=f"{3 * GB}\n",
        groups__a__memory_stat=f"anon {GB}\nfile {2 * GB}\n",
    )
    assert found == pytest.approx(0.6 * 3 * GB)


def test_so_does_one_of_version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "groups" / "memory").mkdir(parents=True)
    for name, text in {"limit": 2 * GB, "usage": GB // 2}.items():
        (tmp_path / "groups" / "memory" / f"memory.{name}_in_bytes").write_text(f"{text}\n")
    (tmp_path / "groups" / "memory" / "memory.stat").write_text("total_cache 0\n")
    found = machine(tmp_path, monkeypatch, 16 * GB, self__cgroup="9:cpu,cpuacct:/\n4:memory:/docker/1\n")
    assert found == pytest.approx(0.6 * 1.5 * GB)


def test_where_nothing_is_known_there_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(memory, "_PROC", tmp_path)
    monkeypatch.setattr(memory.os, "sysconf", unknown)
    assert memory.memory_limit(None) is None
