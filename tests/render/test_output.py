from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.errors import UserError
from engagement_cli.render.documents import Rows
from engagement_cli.render.layout import layout_of, plain_layout
from engagement_cli.render.output import write

ROWS = Rows("Numbers", pl.DataFrame({"name": ["one", "two"], "n": [1, 2000]}))


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


class Full(io.BytesIO):
    def write(self, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_stdout_gets_plain_text(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write(ROWS)
    assert capsysbinary.readouterr().out.decode() == "Numbers\n\nname      n\none       1\ntwo   2,000\n"


def test_a_dash_is_stdout(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write(ROWS, "csv", Path("-"))
    assert capsysbinary.readouterr().out == b"name,n\none,1\ntwo,2000\n"


def test_a_file_is_written_in_the_format_of_its_ending(tmp_path: Path) -> None:
    write(ROWS, out=tmp_path / "a.ndjson")
    assert (tmp_path / "a.ndjson").read_text() == '{"name":"one","n":1}\n{"name":"two","n":2000}\n'


def test_binary_formats_do_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO()))
    with pytest.raises(UserError, match="not for a terminal"):
        write(ROWS, "parquet")


def test_a_terminal_gets_styles_and_a_pipe_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(shown, encoding="utf-8"))
    write(ROWS)
    assert b"\x1b[1m" in shown.getvalue()
    monkeypatch.undo()
    assert not layout_of(io.StringIO()).styled


@pytest.mark.parametrize(("columns", "width"), [("77", 77), ("", 120), ("wide", 120), ("0", 120)])
def test_plain_text_is_columns_wide_or_120(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert plain_layout().width == width


def test_a_stdout_that_is_full_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Full()))
    with pytest.raises(UserError, match="cannot write to stdout: No space left"):
        write(ROWS)


def test_a_closed_pipe_is_left_to_the_program() -> None:
    code = (
        "import polars as pl\n"
        "from engagement_cli.render.documents import Rows\n"
        "from engagement_cli.render.output import write\n"
        "try:\n    write(Rows('', pl.DataFrame({'a': range(100000)})), 'csv')\n"
        "except BrokenPipeError:\n    import os; os._exit(9)\n"
    )
    root = str(Path(__file__).parents[2])
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writer, env={**os.environ, "PYTHONPATH": root}, check=False
    )
    os.close(writer)
    assert done.returncode == 9
