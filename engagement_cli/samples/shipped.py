"""The sample exports shipped with the program, in the wheel too."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.settings.sources import EventSource, Source, Sources

_PACKAGE = Path(__file__).resolve().parent.parent
# Inside the package when it is installed, beside it in a checkout.
_FOLDERS = (_PACKAGE / "sample_data", _PACKAGE.parent / "sample_data")
_SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


def _folder() -> Path:
    return next((f for f in _FOLDERS if f.is_dir()), _FOLDERS[0])


def shipped_sample() -> dict[str, Path]:
    """The sample's file of each source."""
    return {name: _folder() / f"{name}.csv" for name in _SOURCES}


def sample_sources() -> Sources:
    """The sample as configured sources: its aliases resolved and its exact repeats of an event id left out.

    Nobody wrote them, and nobody need validate them.
    """
    paths = {name: (str(file),) for name, file in shipped_sample().items()}
    sources = {name: Source.model_construct({"path"}, path=path) for name, path in paths.items() if name != "events"}
    events = EventSource.model_construct({"path", "dedupe"}, path=paths["events"], dedupe="id")
    identities = Source.model_construct({"path"}, path=(str(_folder() / "identities.csv"),))
    return Sources.model_construct(None, events=events, identities=identities, **sources)
