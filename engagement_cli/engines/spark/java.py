"""Whether there is a Java that Spark runs on: its own message about that is a page of shell errors."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from engagement_cli.errors import UserError

OLDEST = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def check_java() -> None:
    """Raise UserError where there is no Java, or too old a one."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        raise _error(f"there is no `{java}`") from None
    found = _VERSION.search(said)
    if found is None:
        raise _error(f"`{java} -version` does not tell its version")
    if int(found[1]) < OLDEST:
        raise _error(f"`{java}` is Java {found[1]}")


def _error(why: str) -> UserError:
    return UserError(
        f"Spark needs Java {OLDEST} or newer: {why}",
        where="--engine spark",
        hint="install it and let JAVA_HOME or PATH lead to it, or name a cluster that has it with --spark-remote",
    )
