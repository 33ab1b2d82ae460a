"""A folder of configuration files with a few small metric types to load them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from engagement_cli.errors import Problem, UserError
from engagement_cli.settings.loader import Loaded, load_settings
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.values import Duration, Select, Share, parse_duration


class Amount(MetricParameters, Aggregate):
    type: Literal["aggregate"] = "aggregate"


class Ratio(MetricParameters):
    type: Literal["ratio"] = "ratio"
    numerator: Aggregate
    denominator: Aggregate
    least_share: Share = 0.0


class Retention(MetricParameters):
    type: Literal["retention"] = "retention"
    start: Select
    return_event: Select = Field(alias="return")
    intervals: int = Field(3, ge=1)
    entry: Literal["recurring", "first_time"] = "recurring"


class Funnel(MetricParameters):
    type: Literal["funnel"] = "funnel"
    steps: tuple[Select, ...]
    window: Duration = parse_duration("14d")


class Subscription(MetricParameters):
    type: Literal["subscription"] = "subscription"
    measure: Literal["churn_rate", "mrr"]


class Scored(MetricParameters):
    type: Literal["score"] = "score"


class Derived(MetricParameters):
    type: Literal["derived"] = "derived"
    of: tuple[str, ...]

    def metrics_read(self) -> tuple[str, ...]:
        return self.of


TYPES: Mapping[str, type[MetricParameters]] = {
    "aggregate": Amount,
    "ratio": Ratio,
    "retention": Retention,
    "funnel": Funnel,
    "subscription": Subscription,
    "score": Scored,
    "derived": Derived,
}

Load = Callable[..., Loaded]
Refuse = Callable[..., list[Problem]]


@pytest.fixture
def types() -> Mapping[str, type[MetricParameters]]:
    return TYPES


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a configuration's text; further texts are presets (`saas=…`), or files by `files={path: text}`."""
    monkeypatch.chdir(tmp_path)
    presets = Path("presets")

    def loader(text: str | bytes | None, files: Mapping[str, str] | None = None, **texts: str) -> Loaded:
        presets.mkdir(exist_ok=True)
        for name, content in {"default": "", **texts}.items():
            (presets / f"{name}.yaml").write_text(content, encoding="utf-8")
        for name, content in (files or {}).items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(content, encoding="utf-8")
        path = None if text is None else Path("engagement.yaml")
        if isinstance(text, str):
            text = text.encode()
        if path is not None and text is not None:
            path.write_bytes(text)
        return load_settings(path, types=TYPES, preset=lambda name: presets / f"{name}.yaml")

    return loader


@pytest.fixture
def refuse(load: Load) -> Refuse:
    """The problems of a configuration that must not load."""

    def refused(text: str | bytes | None, files: Mapping[str, str] | None = None, **texts: str) -> list[Problem]:
        with pytest.raises(UserError) as caught:
            load(text, files, **texts)
        assert caught.value.code == 2
        return list(caught.value.problems)

    return refused
