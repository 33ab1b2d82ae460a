"""What the catalogue's file says stands ready beside it, and is what reading and validating it gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.settings.loader import Loaded, load_settings
from engagement_cli.settings.presets import shipped_preset, shipped_presets
from engagement_cli.settings.ready import Ready, make_ready, ready, ready_file
from engagement_cli.settings.said import fields_said

OWN = """
timezone: Europe/Paris
signals: {quiet: {where: days_since_active > 60, reason: away}}
metrics:
  mine: {type: aggregate, count: customers, events: [purchase]}
  nps: {label: Ours}
  csat: null
"""
MISTAKEN = OWN + "  clv: {margin: much}\n  funnel: {stpes: [a, b]}\nweek_start: noday\n"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """The shipped files without what stands ready."""
    for name in shipped_presets():
        shutil.copy(shipped_preset(name), tmp_path)
    return tmp_path


def loaded(folder: Path, own: str | None = None) -> Loaded:
    file = folder.parent / "own.yaml"
    file.write_text(own or "")
    return load_settings(file if own else None, types=PARAMETERS, preset=lambda name: folder / f"{name}.yaml")


def test_the_catalogue_stands_ready(texts: Path, renew_golden: bool) -> None:
    file, read = shipped_preset("default"), loaded(texts)
    if renew_golden:
        make_ready(file, read.settings, read.said.tree)
    shutil.copy(ready_file(file), texts)
    found = ready(texts / "default.yaml")
    assert found is not None, "run pytest --renew-golden"
    assert found.settings == read.settings
    assert repr(found.settings) == repr(read.settings)
    assert [sorted(p.model_fields_set) for p in found.settings.metrics.values()] == [
        sorted(p.model_fields_set) for p in read.settings.metrics.values()
    ]
    assert found.settings.extends == "none"
    assert found.tree == read.said.tree


def test_a_start_without_a_configuration_takes_it() -> None:
    assert isinstance(load_settings(None, types=PARAMETERS, preset=shipped_preset).said, Ready)


def test_another_text_is_read_anew(texts: Path) -> None:
    file = texts / "default.yaml"
    shutil.copy(ready_file(shipped_preset("default")), texts)
    assert ready(file) is not None
    assert isinstance(loaded(texts).said, Ready)
    file.write_text(file.read_text() + "# another word\n")
    assert ready(file) is None
    assert not isinstance(loaded(texts).said, Ready)


@pytest.mark.parametrize("content", [b"", b"nothing of this kind", b"\x80\x05K\x01."])
def test_what_is_damaged_counts_for_nothing(texts: Path, content: bytes) -> None:
    ready_file(texts / "default.yaml").write_bytes(content)
    assert ready(texts / "default.yaml") is None


def test_a_configuration_says_the_same_over_what_is_ready(texts: Path) -> None:
    read = loaded(texts, OWN)
    shutil.copy(ready_file(shipped_preset("default")), texts)
    over = loaded(texts, OWN)
    assert over.settings == read.settings
    assert list(over.settings.metrics) == list(read.settings.metrics)
    assert over.entry_files == read.entry_files
    assert over.settings.metrics["nps"].label == "Ours"


def test_mistakes_are_told_the_same_over_what_is_ready(texts: Path) -> None:
    def mistakes() -> list[tuple[str, str | None, str | None]]:
        with pytest.raises(UserError) as raised:
            loaded(texts, MISTAKEN)
        return [(p.what, p.where, p.hint) for p in raised.value.problems]

    read = mistakes()
    shutil.copy(ready_file(shipped_preset("default")), texts)
    assert mistakes() == read
    assert len(read) >= 3


@pytest.mark.parametrize("name", shipped_presets())
def test_settings_are_said_in_plain_values_as_pydantic_says_them(name: str) -> None:
    settings = load_settings(shipped_preset(name), types=PARAMETERS, preset=shipped_preset).settings
    assert fields_said(settings) == settings.model_dump(mode="json", by_alias=True)
