"""Signals imply metrics: how many customers each marks."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.metrics import distribution
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.settings.loader import load_settings
from engagement_cli.settings.presets import shipped_preset

YAML = """
extends: none
signals:
  keen:
    where: active_days >= 10
    reason: comes often
  named: {where: score > 90, reason: the best}
metrics:
  named: {type: aggregate, count: customers, source: profiles, every: total}
"""


def test_a_signal_is_a_metric_of_its_name_unless_one_is_written(tmp_path: Path) -> None:
    file = tmp_path / "engagement.yaml"
    file.write_text(YAML)
    loaded = load_settings(file, types=PARAMETERS, preset=shipped_preset)
    keen = loaded.settings.metrics["keen"]
    assert isinstance(keen, distribution.Parameters)
    assert (keen.of, keen.only, keen.label, keen.dimension) == ("keen", ("yes",), "Keen", "signals")
    assert "comes often" in (keen.description or "")
    assert loaded.settings.metrics["named"].type == "aggregate"
    assert loaded.entry_files["keen"].endswith("engagement.yaml:4")
    assert loaded.entry_files["named"].endswith("engagement.yaml:9")
