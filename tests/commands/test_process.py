"""The process as the shell sees it: exit codes, streams, signals, closed pipes, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "engagement_cli"]
EVENTS = "user_id,event_name,occurred_at\na,visit,2025-01-01T10:00:00Z\nb,visit,2025-01-02T10:00:00Z\n"

# The program with another body of `report`, to stop it in the middle or let it fail.
REPLACED = """
import sys, time
from engagement_cli import app
from engagement_cli.commands import report
def body():
    {body}
report.report = body
sys.argv = ["engagement", "report"]
app.main()
"""


def shell(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False, cwd=cwd)


def test_without_a_command_it_shows_help() -> None:
    done = shell()
    assert done.returncode == 0
    assert "report" in done.stdout


def test_without_exports_it_says_what_it_needs(tmp_path: Path) -> None:
    done = shell("report", cwd=tmp_path)
    assert done.returncode == 2
    assert "--sample" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, 3), ("", 3), ("user_id,event_name,occurred_at\n", 6), ("nothing,of,this\n1,2,3\n", 3)],
)
def test_what_cannot_be_read_has_its_exit_code_and_writes_nothing(
    tmp_path: Path, content: str | None, code: int
) -> None:
    file, out = tmp_path / "e.csv", tmp_path / "out.json"
    if content is not None:
        file.write_text(content)
    done = shell("report", "--events", str(file), "--out", str(out))
    assert done.returncode == code, done.stderr
    assert str(file) in done.stderr
    assert not out.exists()


def test_a_mistaken_option_is_told_without_a_traceback() -> None:
    done = shell("report", "--sampel")
    assert done.returncode == 2
    assert "--sample" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_goes_to_stdout_and_talk_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(EVENTS + "c,visit,2025-01-02T10:00:00Z\n" * 200 + "c,visit,not a time\n")
    done = shell("report", "--events", "e.csv", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["waterfall"]["unparseable"] == 1
    assert done.stderr.startswith("warning: ")
    assert shell("report", "--events", "e.csv", "--format", "json", "--quiet", cwd=tmp_path).stderr == ""


def test_a_closed_pipe_ends_quietly() -> None:
    command = [*PROGRAM, "report", "--sample", "--format", "csv", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.close()
        said = writer.stderr.read().decode()
        assert writer.wait() == 0
    assert "Traceback" not in said
    assert "Broken" not in said


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_has_its_exit_code(number: signal.Signals, expected: int) -> None:
    code = REPLACED.format(body="print('up', flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.wait(timeout=20) == expected


def test_a_bug_of_ours_leaves_a_report_and_exits_70(tmp_path: Path) -> None:
    code = REPLACED.format(body="1 / 0")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    (report,) = tmp_path.glob("engagement-crash-*.txt")
    assert "ZeroDivisionError: division by zero" in report.read_text()


@pytest.mark.parametrize("command", [("report", "--sample", "-q"), ("schema",), ("metrics", "list")])
@pytest.mark.parametrize("target", [">&-", ">/dev/full"])
def test_data_that_cannot_be_written_is_told(command: tuple[str, ...], target: str) -> None:
    line = f'"$@" {target}'
    done = subprocess.run(["sh", "-c", line, "sh", *PROGRAM, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "a bug of ours" not in done.stderr


def test_a_closed_stdout_does_not_matter_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    line = '"$@" >&- 2>&- <&-'
    command = [*PROGRAM, "nps", "--sample", "--format", "json", "--out", str(out)]
    done = subprocess.run(["sh", "-c", line, "sh", *command], capture_output=True, check=False)
    assert done.returncode == 0
    assert json.loads(out.read_text())["view"] == "nps"


def test_an_export_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(EVENTS)
    (tmp_path / "link.csv").symlink_to("e.csv")
    for out in ("e.csv", "link.csv"):
        done = shell("report", "--events", "e.csv", "--out", out, cwd=tmp_path)
        assert done.returncode == 2
        assert f"{out} is one of the exports" in done.stderr
        assert (tmp_path / "e.csv").read_text() == EVENTS
