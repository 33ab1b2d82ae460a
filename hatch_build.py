"""Compiles `engagement_cli/native/*.c` to one library beside them, for wheels and for editable installs alike.

`python hatch_build.py` does it after a change of the C sources.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NATIVE = ROOT / "engagement_cli" / "native"


class CompiledLoops(BuildHookInterface[Any]):
    """The build hook of wheels and editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say that the wheel is for this platform."""
        compile_loops()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def compile_loops() -> None:
    """Compile the library where it is loaded from."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    class Library(build_ext):
        def get_export_symbols(self, ext: Extension) -> list[str]:
            return []  # there is no module to initialize: the sources say what they export

    sources = sorted(str(file.relative_to(ROOT)) for file in NATIVE.glob("*.c"))
    flags = ["/O2"] if os.name == "nt" else ["-O3", "-std=c11", "-Wall", "-Wextra", "-Werror", "-g0"]
    headers = [str(file.relative_to(ROOT)) for file in NATIVE.glob("*.h")]
    library = Extension("engagement_cli.native.loops", sources, extra_compile_args=flags, depends=headers)
    os.chdir(ROOT)
    command = Library(Distribution({"name": "engagement-cli", "ext_modules": [library]}))
    command.inplace = True
    command.parallel = os.cpu_count()
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    compile_loops()
