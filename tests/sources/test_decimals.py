"""Numbers of the smaller sources are the decimals that the export wrote."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, load_table, open_exports


def test_numbers_are_the_nearest_floats_to_what_is_written(tmp_path: Path) -> None:
    written = ["383.61", "0.1", "7.3", "1013.37", "0.000001"]
    file = tmp_path / "audience.csv"
    file.write_text("date,reach\n" + "".join(f"2025-01-0{i},{text}\n" for i, text in enumerate(written, 1)))
    exports = open_exports(Settings(), None, Overrides(paths={"audience": (str(file),)}))
    assert load_table(exports, "audience").frame["reach"].to_list() == [float(text) for text in written]
