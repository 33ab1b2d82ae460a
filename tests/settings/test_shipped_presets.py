from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jsonschema import Draft202012Validator

from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.settings.loader import load_settings
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.settings.schema import json_schema
from engagement_cli.settings.yaml_lines import read_yaml

CONFIGS = Path(__file__).parents[2] / "configs"
TYPES: Mapping[str, type[MetricParameters]] = {name: module.Parameters for name, module in METRIC_TYPES.items()}


def test_every_shipped_preset_loads() -> None:
    for file in CONFIGS.glob("*.yaml"):
        loaded = load_settings(file, types=TYPES, preset=shipped_preset)
        assert loaded.settings.metrics.keys() == loaded.entry_files.keys()


def test_every_shipped_preset_fits_the_schema() -> None:
    validator = Draft202012Validator(json_schema(TYPES))
    for file in CONFIGS.glob("*.yaml"):
        tree, problems = read_yaml(file)
        assert problems == []
        validator.validate(json.loads(json.dumps(tree.plain())))
