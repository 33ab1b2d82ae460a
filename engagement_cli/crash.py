"""When the program itself is at fault: a report file for a bug report, and one line that says where it is."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from pathlib import Path

from engagement_cli import __version__


def write_report(error: BaseException) -> str:
    """Write the traceback and versions to a temporary file; returns the message for stderr."""
    text = "\n".join(
        [
            f"engagement {__version__}, Python {platform.python_version()}, {platform.platform()}",
            "arguments: " + " ".join(sys.argv[1:]),
            "",
            *traceback.format_exception(error),
        ]
    )
    said = f"error: a bug of ours: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="engagement-crash-", suffix=".txt", delete=False) as file:
            file.write(text)
    except OSError:
        return f"{said}\n{text}"
    return f"{said}\n  hint: please report it with the file {Path(file.name)}"
